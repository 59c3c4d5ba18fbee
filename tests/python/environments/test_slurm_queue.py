"""Slurm's answers, as Slurm 22.05 words them, and what is made of them."""

import re
from collections.abc import Callable, Sequence

import pytest

from tramway.environments.host import Answer
from tramway.environments.slurm_queue import JobState, SlurmQueue
from tramway.errors import ClusterError, NoAnswerError

GONE = Answer(1, b"", "slurm_load_jobs error: Invalid job id specified")
AWAY = Answer(1, b"", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)")
NO_ACCOUNTS = Answer(1, b"", "Slurm accounting storage is disabled")


class Answering:
    """A host whose commands answer what they are told to."""

    name = "login"

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[list[str]] = []

    def run(self, command: Sequence[str], stdin: object = b"", timeout: object = None) -> Answer:
        self.asked.append(list(command))
        return self.answers[command[0]]


def said(text: str) -> Answer:
    return Answer(0, text.encode(), "")


@pytest.mark.parametrize("text", ["123\n", "123;cluster2\n", "Welcome to the cluster 9!\n123\n"])
def test_the_number_of_a_job_is_found(text: str) -> None:
    host = Answering(sbatch=said(text))
    assert SlurmQueue(host).submit("/a b/slurm.sh") == "123"
    assert host.asked == [["sbatch", "--parsable", "--", "/a b/slurm.sh"]]


def test_a_refusal_is_told_in_the_words_of_slurm() -> None:
    words = "sbatch: error: invalid partition specified: nope"
    with pytest.raises(ClusterError, match=f"sbatch_options.*{words}"):
        SlurmQueue(Answering(sbatch=Answer(1, b"", words))).submit("slurm.sh")


def test_an_answer_without_number_is_an_error() -> None:
    with pytest.raises(ClusterError, match=r"did not accept the job.*maintenance"):
        SlurmQueue(Answering(sbatch=said("maintenance"))).submit("slurm.sh")


@pytest.mark.parametrize("command", ["sbatch", "squeue", "scancel"])
def test_a_host_without_slurm_is_told(command: str) -> None:
    queue = SlurmQueue(Answering(**{command: Answer(127, b"", f"bash: {command}: not found")}))
    calls: dict[str, Callable[[], object]] = {
        "sbatch": lambda: queue.submit("slurm.sh"),
        "squeue": lambda: queue.state("1"),
        "scancel": lambda: queue.cancel("1"),
    }
    with pytest.raises(ClusterError, match=f"no command `{command}` on login"):
        calls[command]()


@pytest.mark.parametrize(
    "message",
    [
        AWAY.message,
        "slurm_load_jobs error: Socket timed out on send/recv operation",
        "slurm_load_jobs error: Zero Bytes were transmitted or received",
    ],
)
def test_a_slurm_that_restarts_may_be_asked_again(message: str) -> None:
    with pytest.raises(NoAnswerError, match="does not answer `squeue`"):
        SlurmQueue(Answering(squeue=Answer(1, b"", message))).state("1")


def test_other_errors_are_not_to_be_asked_again() -> None:
    host = Answering(squeue=Answer(1, b"", "squeue: error: Access denied"))
    with pytest.raises(ClusterError, match="Access denied") as caught:
        SlurmQueue(host).state("1")
    assert not isinstance(caught.value, NoAnswerError)


@pytest.mark.parametrize("name", ["PENDING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED"])
def test_a_job_in_the_queue_is_active(name: str) -> None:
    state = SlurmQueue(Answering(squeue=said(f"{name}|Priority\n"))).state("7")
    assert state == JobState(name, "Priority")
    assert state.is_active


# What `scontrol show job` says of the ways in which a job can end.
@pytest.mark.parametrize(
    ("ending", "told", "again"),
    [
        ("JobState=COMPLETED Reason=None ExitCode=0:0", "ended by itself", True),
        ("JobState=FAILED Reason=NonZeroExitCode ExitCode=3:0", r"failed \(exit code 3\)", True),
        ("JobState=FAILED Reason=RaisedSignal:9 ExitCode=0:9", r"failed \(.*signal 9\)", True),
        ("JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15", "time limit: ask for more", False),
        ("JobState=OUT_OF_MEMORY Reason=OutOfMemory ExitCode=0:125", "ran out of memory", True),
        ("JobState=NODE_FAIL Reason=NodeDown ExitCode=1:0", r"lost a node.*\(NodeDown", True),
        ("JobState=CANCELLED Reason=None ExitCode=0:15", "was cancelled", False),
        ("JobState=DEADLINE Reason=None ExitCode=0:0", "deadline", False),
        ("JobState=LAUNCH_FAILED Reason=x ExitCode=0:0", r"is launch_failed \(x\)", False),
    ],
)
def test_how_a_job_ended_is_named(ending: str, told: str, again: bool) -> None:
    shown = f"JobId=7 JobName=tramway UserId=j(1) Priority=1 {ending} RunTime=00:00:01"
    for squeue in (GONE, said("")):
        state = SlurmQueue(Answering(squeue=squeue, scontrol=said(shown))).state("7")
        assert not state.is_active
        assert state.may_be_tried_again == again
        assert re.search(told, str(state))


def test_an_array_is_active_as_long_as_one_of_its_jobs_is() -> None:
    queue = said("RUNNING|None\nPENDING|Resources\n")
    assert SlurmQueue(Answering(squeue=queue)).state("7").name == "RUNNING"
    queue = said("PENDING|Resources\nCOMPLETED|None\n")
    assert SlurmQueue(Answering(squeue=queue)).state("7").is_active


@pytest.mark.parametrize(
    ("endings", "told"),
    [
        (["COMPLETED", "COMPLETED"], "COMPLETED"),
        (["COMPLETED", "FAILED", "COMPLETED"], "FAILED"),
        (["FAILED", "CANCELLED", "COMPLETED"], "CANCELLED"),  # somebody decided that
        (["NODE_FAIL", "TIMEOUT"], "TIMEOUT"),
    ],
)
def test_an_array_ended_as_the_worst_of_its_jobs(endings: list[str], told: str) -> None:
    lines = "\n".join(f"JobId=8 JobState={end} Reason=None ExitCode=0:0" for end in endings)
    host = Answering(squeue=GONE, scontrol=said(lines))
    assert SlurmQueue(host).state("7").name == told
    accounts = said("\n".join(f"{end}|0:0" for end in endings))
    host = Answering(squeue=GONE, scontrol=GONE, sacct=accounts)
    assert SlurmQueue(host).state("7").name == told


def test_the_accounts_know_what_the_controller_has_forgotten() -> None:
    host = Answering(squeue=GONE, scontrol=GONE, sacct=said("CANCELLED by 1000|0:0\n"))
    assert SlurmQueue(host).state("7") == JobState("CANCELLED", exit_code="0:0")


def test_accounts_that_lag_behind_say_that_the_job_runs() -> None:
    host = Answering(squeue=GONE, scontrol=GONE, sacct=said("RUNNING|0:0\n"))
    assert SlurmQueue(host).state("7").is_active


@pytest.mark.parametrize("sacct", [NO_ACCOUNTS, said(""), Answer(127, b"", "not found")])
def test_without_accounts_the_ending_is_not_known(sacct: Answer) -> None:
    state = SlurmQueue(Answering(squeue=GONE, scontrol=GONE, sacct=sacct)).state("7")
    assert str(state) == "has ended, and Slurm does not say how"


def test_a_job_that_has_ended_can_be_cancelled() -> None:
    SlurmQueue(Answering(scancel=Answer(1, b"", "scancel: error: Invalid job id 7"))).cancel("7")
    with pytest.raises(ClusterError, match="Access denied"):
        SlurmQueue(Answering(scancel=Answer(1, b"", "Access denied"))).cancel("7")
