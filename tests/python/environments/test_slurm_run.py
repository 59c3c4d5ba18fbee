"""Jobs that come and go as they are told to: what is yielded, tried again, and said in the end."""

import builtins
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest

from tramway.environments import slurm_run
from tramway.environments.host import Answer
from tramway.environments.slurm_job import SlurmJob
from tramway.environments.slurm_run import SlurmRun
from tramway.environments.slurm_script import BatchScript
from tramway.errors import ClusterError, NoAnswerError, RunError
from tramway.runs import JournalEntry, NewRun, RunDirectory, RunState

COMPLETED = "JobState=COMPLETED Reason=None ExitCode=0:0"
KILLED = "JobState=FAILED Reason=RaisedSignal:9 ExitCode=0:9"
TIMEOUT = "JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15"
Event = Callable[[], None] | Answer


@dataclass
class Cluster:
    """A place and its host: whenever a job is asked for, the next thing happens in it."""

    jobs: list[tuple[list[Event], str]]
    name: str = "login"
    path: str = "/scratch/run"
    folders: Sequence[str] = ("/scratch/run",)
    number: int = 0
    queue: str = ""
    done: list[str] = field(default_factory=list)

    @property
    def host(self) -> "Cluster":
        return self

    def run(self, command: Sequence[str], stdin: object = b"", timeout: object = None) -> Answer:
        if command[0] == "sbatch":
            self.on_submit()
            self.number += 1
            self.done.append("submitted")
            return Answer(0, str(self.number).encode(), "")
        if command[0] == "scancel":
            self.done.append(f"cancelled {command[1]}")
            return Answer(0, b"", "")
        if "--me" in command:
            return Answer(0, self.queue.encode(), "")
        events, ending = self.jobs[self.number - 1]
        if command[0] == "scontrol":
            return Answer(0, ending.encode(), "")
        if not events:
            return Answer(0, b"", "")
        event = events.pop(0)
        if isinstance(event, Answer):
            return event
        event()
        return Answer(0, b"RUNNING|None", "")

    def on_submit(self) -> None: ...

    def prepare(self) -> None: ...

    def put(self, name: str, script: str) -> None: ...

    def fetch(self) -> None:
        self.done.append("fetched")

    def remove(self) -> None:
        self.done.append("removed")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slurm_run.time, "sleep", lambda _: None)  # type: ignore[attr-defined]


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    with NewRun(tmp_path / "run") as draft:
        for number in range(3):
            draft.add_task({"source": 0, "region": f"roi{number:03}", "steps": [{}, {}]}, 10)
        return draft.finish({"files": []}, None)


clock = count(1.0)


def interrupts(run: RunDirectory, *tasks: int) -> Callable[[], None]:
    """The first rank of a job finds out what those of an earlier one died in; a rank dies in it."""
    # Journals are read in the order of their names: which process has which number is chance.
    again = writes(run, "running", *tasks, worker="n1-10")

    def write() -> None:
        begun = list(RunState(run, run.entries()).running.values())
        again()
        with (run.path / "journal" / "n1-9.jsonl").open("ab") as file:
            for entry in begun:
                file.write(replace(entry, state="interrupted").as_line(run.subject(entry.task)))

    return write


def writes(run: RunDirectory, state: str, *tasks: int, worker: str = "n1-1") -> Callable[[], None]:
    def write() -> None:
        with (run.path / "journal" / f"{worker}.jsonl").open("ab") as file:
            for task in tasks:
                steps = (0,) if state == "running" else (0, 1)
                for step in steps:
                    now = next(clock)
                    entry = JournalEntry(task, step, state, worker, now)  # type: ignore[arg-type]
                    file.write(entry.as_line(run.subject(task)))

    return write


def follow(
    run: RunDirectory, cluster: Cluster, *, retries: int = 1, is_kept: bool = False
) -> list[tuple[int, int]]:
    attempt = SlurmRun(run, cluster, retries=retries, refresh_interval=1.0, is_kept=is_kept)
    entries = attempt.entries(range(3), lambda place, count: BatchScript(place.path, count))
    return [(entry.task, entry.step) for entry in entries]


def test_every_step_that_ended_is_yielded_once(run: RunDirectory) -> None:
    cluster = Cluster(
        [
            (
                [
                    writes(run, "running", 0, 1),
                    writes(run, "done", 0, 1),
                    writes(run, "done", 1),
                    writes(run, "failed", 2),
                ],
                COMPLETED,
            )
        ]
    )
    assert follow(run, cluster) == [(task, step) for task in range(3) for step in range(2)]
    assert cluster.done[-1] == "removed"
    assert SlurmJob.of(run.path) is None


def test_the_copy_is_kept_for_whoever_asks(run: RunDirectory) -> None:
    cluster = Cluster([([writes(run, "done", 0, 1, 2)], COMPLETED)])
    follow(run, cluster, is_kept=True)
    assert "removed" not in cluster.done


def test_a_job_that_died_is_submitted_again_for_what_is_left(run: RunDirectory) -> None:
    cluster = Cluster(
        [
            ([writes(run, "done", 0), writes(run, "running", 1, 2)], KILLED),
            ([writes(run, "done", 1, 2, worker="n1-2")], COMPLETED),
        ]
    )
    assert len(follow(run, cluster, retries=0)) == 6
    assert cluster.done.count("submitted") == 2


def test_a_region_that_a_job_died_of_is_known_however_journals_are_read(run: RunDirectory) -> None:
    cluster = Cluster(
        [
            ([writes(run, "done", 0, 1), writes(run, "running", 2)], KILLED),
            ([interrupts(run, 2)], KILLED),
            ([writes(run, "done", 2)], COMPLETED),
        ]
    )
    assert len(follow(run, cluster)) == 6
    assert cluster.done.count("submitted") == 3


def test_what_a_dead_job_wrote_may_be_seen_late(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on network file systems: the job is over when its last lines come.
    monkeypatch.setattr(slurm_run.time, "sleep", lambda _: late.pop()() if late else None)  # type: ignore[attr-defined]
    late = [writes(run, "running", 1, 2), writes(run, "done", 0)]
    cluster = Cluster([([lambda: None], KILLED), ([writes(run, "done", 1, 2)], COMPLETED)])
    assert len(follow(run, cluster)) == 6
    assert cluster.done.count("submitted") == 2


def test_jobs_that_die_in_vain_are_given_up(run: RunDirectory) -> None:
    cluster = Cluster([([writes(run, "running", 1, 2)], KILLED) for _ in range(3)])
    with pytest.raises(RunError, match=r"signal 9.*3 tasks are left \(roi001, roi002") as caught:
        follow(run, cluster, retries=2)
    assert cluster.done.count("submitted") == 3
    assert cluster.done[-1] == "removed"
    assert "run again to continue" in str(caught.value)


@pytest.mark.parametrize("ending", [TIMEOUT, "JobState=CANCELLED Reason=None ExitCode=0:0"])
def test_what_somebody_decided_is_not_tried_again(run: RunDirectory, ending: str) -> None:
    cluster = Cluster([([writes(run, "done", 0), writes(run, "running", 1)], ending)])
    with pytest.raises(RunError, match="2 tasks are left"):
        follow(run, cluster)


def test_a_job_that_did_something_is_tried_again(run: RunDirectory) -> None:
    # As an array of which one job was lost before it began anything.
    cluster = Cluster(
        [([writes(run, "done", 0)], KILLED), ([writes(run, "done", 1, 2)], COMPLETED)]
    )
    assert len(follow(run, cluster)) == 6


@pytest.mark.parametrize("names", [["1"], ["1_1", "1_2"]])
def test_the_last_words_are_those_of_any_job_of_an_array(
    run: RunDirectory, names: list[str]
) -> None:
    for name in (*names, "12", "1_9"):
        (run.path / "logs" / f"slurm-{name}.out").write_text("no such module\n" * (name in names))
    with pytest.raises(RunError, match="the job said:\nno such module"):
        follow(run, Cluster([([], KILLED)]))


def test_a_job_that_began_nothing_is_not_tried_again(run: RunDirectory) -> None:
    (run.path / "logs" / "slurm-1.out").write_text("srun: error: no such module\n")
    with pytest.raises(RunError, match="the job said:\nsrun: error: no such module"):
        follow(run, Cluster([([], KILLED)]))


def test_a_slurm_that_is_away_for_a_while_is_waited_for(run: RunDirectory) -> None:
    away = Answer(1, b"", "slurm_load_jobs error: Unable to contact slurm controller")
    events: list[Event] = [writes(run, "running", 0), away, away, writes(run, "done", 0, 1, 2)]
    assert len(follow(run, Cluster([(events, COMPLETED)]))) == 6


def test_a_slurm_that_stays_away_is_given_up_but_not_the_job(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Answer(1, b"", "slurm_load_jobs error: Unable to contact slurm controller")
    events: list[Event] = [writes(run, "running", 0), away]
    monkeypatch.setattr(slurm_run, "_SILENCE", -1.0)  # any is too long
    with pytest.raises(NoAnswerError, match="Unable to contact"):
        follow(run, Cluster([(events, COMPLETED)]))
    assert SlurmJob.of(run.path) == SlurmJob("1", "login", "/scratch/run")


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("reply", "cancels"), [("", False), ("d", False), ("c", True)])
def test_who_interrupts_is_asked(
    run: RunDirectory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    reply: str,
    cancels: bool,
) -> None:
    asked = []
    monkeypatch.setattr(slurm_run, "_can_ask", lambda: True)
    monkeypatch.setattr(builtins, "input", lambda question: asked.append(question) or reply)
    cluster = Cluster([([writes(run, "done", 0), interrupt], COMPLETED)])
    with pytest.raises(KeyboardInterrupt):
        follow(run, cluster)
    assert "[d]etach" in asked[0]
    assert ("cancelled 1" in cluster.done) == cancels
    assert ("a.run(resume=True)" in caplog.text) != cancels
    assert SlurmJob.of(run.path) is not None
    assert "removed" not in cluster.done


def test_where_nobody_can_be_asked_the_job_goes_on(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(slurm_run, "_can_ask", lambda: False)
    cluster = Cluster([([interrupt], COMPLETED)])
    with pytest.raises(KeyboardInterrupt):
        follow(run, cluster)
    assert "job 1 goes on" in caplog.text
    assert "scancel 1" in caplog.text


def test_a_job_that_was_left_is_joined(run: RunDirectory, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cluster = Cluster([([writes(run, "done", 0), interrupt], COMPLETED)])
    with pytest.raises(KeyboardInterrupt):
        follow(run, cluster)
    cluster.jobs[0][0].append(writes(run, "done", 1, 2))
    again = RunDirectory(run.path)
    assert len(follow(again, cluster)) == 6
    assert cluster.done.count("submitted") == 1


@pytest.mark.parametrize("is_running", [True, False])
def test_what_a_job_did_is_brought_in_before_it_is_told_how_it_is(
    run: RunDirectory, is_running: bool
) -> None:
    events: list[Event] = [lambda: None] if is_running else []
    cluster = Cluster([(events, TIMEOUT)], number=1)
    job = SlurmJob("1", "login", cluster.path)
    job.save(run.path)
    attempt = SlurmRun(run, cluster, retries=1, refresh_interval=1.0, is_kept=False)
    assert attempt.is_going_on(job) == is_running
    assert cluster.done == (["fetched"] if is_running else ["fetched", "removed"])
    assert (SlurmJob.of(run.path) is not None) == is_running


def test_a_copy_that_is_gone_is_no_obstacle(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ClusterError("the run directory is gone")

    cluster = Cluster([([], COMPLETED)], number=1)
    monkeypatch.setattr(cluster, "fetch", fail)
    attempt = SlurmRun(run, cluster, retries=1, refresh_interval=1.0, is_kept=False)
    assert not attempt.is_going_on(SlurmJob("1", "login", cluster.path))
    assert "gone" in caplog.text


@pytest.mark.parametrize("content", ["", "{}", '{"number": 1', '{"x": 1}'])
def test_a_damaged_note_is_none(run: RunDirectory, content: str) -> None:
    (run.path / "slurm.json").write_text(content)
    assert SlurmJob.of(run.path) is None


def test_a_job_is_noted_before_it_can_start(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster([([writes(run, "done", 0, 1, 2)], COMPLETED)])
    noted = []
    monkeypatch.setattr(cluster, "on_submit", lambda: noted.append(SlurmJob.of(run.path)))
    follow(run, cluster)
    assert noted == [SlurmJob("", "login", "/scratch/run")]


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "COMPLETING"])
def test_a_job_whose_submitter_died_before_it_heard_of_it_is_found(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    cluster = Cluster([([lambda: None, writes(run, "done", 0, 1, 2)], COMPLETED)])
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "on_submit", interrupt)  # it is accepted all the same
        with pytest.raises(KeyboardInterrupt):
            follow(run, cluster)
    cluster.number = 1
    cluster.queue = (
        "7|RUNNING|/scratch/run-of-somebody/slurm.sh\n"
        f"1|{state}|/scratch/a|b/{run.path.name}/slurm.sh\n"
        f"12|COMPLETED|/scratch/{run.path.name}/slurm.sh\n"
    )
    noted = SlurmJob.of(run.path)
    assert noted is not None
    attempt = SlurmRun(run, cluster, retries=1, refresh_interval=1.0, is_kept=False)
    assert attempt.is_going_on(noted)
    assert SlurmJob.of(run.path) == SlurmJob("1", "login", "/scratch/run")
    assert len(follow(RunDirectory(run.path), cluster)) == 6
    assert "submitted" not in cluster.done


def test_a_job_that_was_never_accepted_is_not_waited_for(run: RunDirectory) -> None:
    cluster = Cluster([([writes(run, "done", 0, 1, 2)], COMPLETED)])
    note = SlurmJob("", "login", cluster.path)
    note.save(run.path)
    attempt = SlurmRun(run, cluster, retries=1, refresh_interval=1.0, is_kept=False)
    assert not attempt.is_going_on(note)
    assert cluster.done == ["fetched", "removed"]
    assert SlurmJob.of(run.path) is None


@pytest.mark.parametrize(
    ("said", "is_noted"),
    [
        ("sbatch: error: Batch job submission failed: Socket timed out on send/recv", True),
        ("sbatch: error: invalid partition specified: no such", False),
    ],
)
def test_a_job_that_may_have_been_accepted_stays_noted(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, said: str, is_noted: bool
) -> None:
    cluster = Cluster([])
    monkeypatch.setattr(Cluster, "run", lambda *_, **__: Answer(1, b"", said))
    with pytest.raises(ClusterError, match=r"Socket timed out|no such"):
        follow(run, cluster)
    assert (SlurmJob.of(run.path) is not None) == is_noted
