"""Slurm's queue: submitting a job, asking for it, cancelling it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tramway.errors import ClusterError, NoAnswerError

from .host import NOT_FOUND, Answer, Host

_PATIENCE = 120.0
"""Seconds in which any command of Slurm's has to answer; its own time limits are shorter."""

_UNAVAILABLE = re.compile(
    "unable to contact slurm controller|socket timed out|connection refused|connection reset"
    "|zero bytes were transmitted|temporarily unable|try again|communication connection failure"
    "|unable to connect",
    re.IGNORECASE,
)
_UNKNOWN_JOB = re.compile("invalid job id", re.IGNORECASE)

_WAITING = {"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"}
_ACTIVE = _WAITING | {
    "RUNNING",
    "CONFIGURING",
    "COMPLETING",
    "SUSPENDED",
    "STOPPED",
    "STAGE_OUT",
    "SIGNALING",
    "RESIZING",
}

_ENDINGS = {
    "COMPLETED": "ended by itself",
    "TIMEOUT": "reached its time limit: ask for more, a.env.sbatch_options['time'] = '12:00:00'",
    "DEADLINE": "reached its deadline",
    "OUT_OF_MEMORY": (
        "ran out of memory: ask for more, a.env.sbatch_options['mem_per_cpu'] = '8G', or make the "
        "regions or the numbers of cells smaller"
    ),
    "NODE_FAIL": "lost a node that failed",
    "BOOT_FAIL": "lost a node that did not start",
    "CANCELLED": "was cancelled",
    "REVOKED": "was cancelled",
    "PREEMPTED": "had to give way to another job",
    "FAILED": "failed",
    "UNKNOWN": "has ended, and Slurm does not say how",
}
_BY_ACCIDENT = {"FAILED", "NODE_FAIL", "BOOT_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "COMPLETED"}


@dataclass(frozen=True)
class JobState:
    """What Slurm says of a job.

    Attributes
    ----------
    name
        As Slurm writes it: ``PENDING``, ``RUNNING``, ``TIMEOUT``…; ``UNKNOWN`` where it has
        forgotten the job.
    reason
        Why the job waits, or has ended so.
    exit_code
        Exit code of the batch script and the signal that ended it, as ``1:0``; empty if not known.
    """

    name: str
    reason: str = ""
    exit_code: str = ""

    @property
    def is_active(self) -> bool:
        """Whether the job waits or runs."""
        return self.name in _ACTIVE

    @property
    def is_waiting(self) -> bool:
        """Whether the job has not begun."""
        return self.name in _WAITING

    @property
    def may_be_tried_again(self) -> bool:
        """Whether the job ended by what need not happen twice."""
        return self.name in _BY_ACCIDENT

    def __str__(self) -> str:
        said = _ENDINGS.get(self.name, f"is {self.name.lower()}")
        details = []
        if self.reason not in ("", "None", "NonZeroExitCode", "TimeLimit", "OutOfMemory"):
            details.append(self.reason)
        if self.exit_code not in ("", "0:0"):
            code, _, signal = self.exit_code.partition(":")
            details.append(f"exit code {code}" if signal in ("", "0") else f"signal {signal}")
        return f"{said} ({', '.join(details)})" if details else said


class SlurmQueue:
    """The queue of the cluster that a host submits to.

    Parameters
    ----------
    host
        Where Slurm's commands are run.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def submit(self, script: str) -> str:
        """Submit a batch script; return the number of the job.

        Raises
        ------
        ClusterError
            If Slurm refuses it; the message has Slurm's own words.
        """
        answer = self._ask("sbatch", "--parsable", "--", script)
        # The cluster's name may follow; sites' plugins may say something first.
        jobs = re.findall(r"^(\d+)(?:;\S*)?$", answer.text, re.MULTILINE)
        if answer.code != 0 or not jobs:
            raise ClusterError(
                f"sbatch on {self._host.name} did not accept the job; a.env.sbatch_options must be "
                f"what this cluster takes. It said: {_said(answer)}"
            )
        return str(jobs[-1])

    def find(self, mark: str) -> str | None:
        """Find the user's job that waits or runs with a mark in the path of its batch script.

        Slurm tells that path of every job: what was submitted can be found again though nobody has
        heard its number.

        Returns
        -------
        str or None
            The number of the job, the latest if there are several; None if there is none.

        Raises
        ------
        NoAnswerError
            If Slurm does not answer at present.
        ClusterError
            If it refuses to tell.
        """
        answer = self._ask("squeue", "--noheader", "--me", "--format=%F|%T|%o")  # %F: of an array
        if answer.code != 0:
            raise ClusterError(f"squeue on {self._host.name} fails: {_said(answer)}")
        jobs = (line.strip().split("|", 2) for line in answer.text.splitlines())
        found = [
            int(number) for number, state, script in jobs if mark in script and state in _ACTIVE
        ]
        return str(max(found)) if found else None

    def state(self, job: str) -> JobState:
        """Ask how a job is.

        Raises
        ------
        NoAnswerError
            If Slurm does not answer at present.
        ClusterError
            If it refuses to tell.
        """
        answer = self._ask("squeue", "--noheader", f"--jobs={job}", "--format=%T|%r")
        if answer.code == 0 and answer.text:
            lines = (line.partition("|") for line in answer.text.splitlines())
            state = _of_all([JobState(name, reason) for name, _, reason in lines])
            if state.is_active:
                return state
        elif answer.code != 0 and not _UNKNOWN_JOB.search(answer.message):
            raise ClusterError(f"squeue on {self._host.name} fails: {_said(answer)}")
        return self._ended(job)

    def cancel(self, job: str) -> None:
        """Cancel a job; one that has ended is no error."""
        answer = self._ask("scancel", job)
        if answer.code != 0 and not _UNKNOWN_JOB.search(answer.message):
            raise ClusterError(f"scancel on {self._host.name} fails: {_said(answer)}")

    def _ended(self, job: str) -> JobState:
        """Ask how a job ended: the controller, which soon forgets, then the accounts."""
        answer = self._ask("scontrol", "--oneliner", "show", "job", job)
        if answer.code == 0 and "JobState=" in answer.text:
            lines = (line for line in answer.text.splitlines() if "JobState=" in line)
            told = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]
            return _of_all(
                [
                    JobState(one["JobState"], one.get("Reason", ""), one.get("ExitCode", ""))
                    for one in told
                ]
            )
        wanted = ("--noheader", "--parsable2", "--allocations", "--format=State,ExitCode")
        answer = self._host.run(("sacct", *wanted, f"--jobs={job}"), timeout=_PATIENCE)
        if answer.code == 0 and answer.text:
            ends = (line.partition("|") for line in answer.text.splitlines())
            return _of_all(  # "CANCELLED by 1000"
                [JobState(name.split()[0], exit_code=exit_code) for name, _, exit_code in ends]
            )
        return JobState("UNKNOWN")  # not every cluster keeps accounts

    def _ask(self, *command: str) -> Answer:
        answer = self._host.run(command, timeout=_PATIENCE)
        if answer.code != 0 and _UNAVAILABLE.search(answer.message):
            raise NoAnswerError(
                f"Slurm does not answer `{command[0]}` on {self._host.name}: {_said(answer)}"
            )
        if answer.code == NOT_FOUND:
            raise ClusterError(
                f"there is no command `{command[0]}` on {self._host.name}: jobs are submitted on a "
                "login host of the cluster, which environments.SlurmOverSSH reaches from elsewhere"
            )
        return answer


def _of_all(states: Sequence[JobState]) -> JobState:
    """State of a job, of which there are several parts if it is an array.

    It is active as long as one part is; then it ended as what somebody decided, or else by the
    accident of any part.
    """
    active = [state for state in states if state.is_active]
    if active:
        return next((state for state in active if not state.is_waiting), active[0])
    return min(states, key=lambda state: (state.may_be_tried_again, state.name == "COMPLETED"))


def _said(answer: Answer) -> str:
    return answer.message or answer.text or f"nothing, and ended with code {answer.code}"
