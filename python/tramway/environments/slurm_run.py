"""One run in Slurm's hands: its job is submitted, watched, and left or cancelled."""

import logging
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Protocol

from tramway.errors import ClusterError, NoAnswerError, RunError
from tramway.runs import JournalEntry, RunDirectory, RunState, write_own

from .host import Host, ThisHost
from .slurm_job import SlurmJob
from .slurm_queue import JobState, SlurmQueue
from .slurm_script import BatchScript

_LOGGER = logging.getLogger("tramway.analyzer.cluster")  # below the one that users see

_FIRST_PAUSE = 0.5
"""Seconds before a job is asked for again at first; each further pause is twice as long."""

_SILENCE = 600.0
"""Seconds for which a host or its Slurm may give no answer while a job is watched."""

_SCRIPT = "slurm.sh"
_SHOWN = 5
_LINES_OF_LOG = 15


class Place(Protocol):
    """Where the ranks of a job find a run."""

    @property
    def host(self) -> Host:
        """Where jobs are submitted."""
        ...

    @property
    def path(self) -> str:
        """Path of the run there."""
        ...

    @property
    def folders(self) -> Sequence[str]:
        """Folders there that the ranks use."""
        ...

    def prepare(self) -> None:
        """See to it that all that the ranks read is there, or will be with the run."""
        ...

    def put(self, name: str, script: str) -> None:
        """Put the run there, with a script of that name in it."""
        ...

    def fetch(self) -> None:
        """Bring here what is new there."""
        ...

    def remove(self) -> None:
        """Remove what was put there."""
        ...


class RunHere:
    """The run directory itself: the nodes of the cluster see it.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.host: Host = ThisHost()
        self.path = str(run.path)
        self.folders = [self.path, *(str(Path(file).parent) for file in run.description["files"])]

    def prepare(self) -> None:
        """Nothing: data are read where they are."""

    def put(self, name: str, script: str) -> None:
        """Write the script into the directory."""
        write_own(Path(self.path, name), script.encode())

    def fetch(self) -> None:
        """Nothing: it is here already."""

    def remove(self) -> None:
        """Nothing: whoever made the directory removes it."""


class SlurmRun:
    """A run whose tasks are done by jobs, one after the other if the first does not do them all.

    Parameters
    ----------
    run
        The run.
    place
        Where jobs find it.
    retries
        How many jobs in a row may die without having ended a task.
    refresh_interval
        Seconds between two looks at a job.
    is_kept
        Whether what the cluster has of the run is kept in the end.
    """

    def __init__(
        self,
        run: RunDirectory,
        place: Place,
        *,
        retries: int,
        refresh_interval: float,
        is_kept: bool,
    ) -> None:
        self._run = run
        self._place = place
        self._queue = SlurmQueue(place.host)
        self._retries = retries
        self._refresh_interval = refresh_interval
        self._is_kept = is_kept
        self._state = RunState(run)

    def entries(
        self, tasks: Sequence[int], script: Callable[[Place, int], BatchScript]
    ) -> Generator[JournalEntry, None, None]:
        """Have tasks done; yield what became of their steps.

        Parameters
        ----------
        tasks
            Numbers of tasks that are not over.
        script
            Makes the script of a job, given where it finds the run, and the number of tasks.

        Raises
        ------
        RunError
            If a job ended and left tasks undone.
        """
        noted = SlurmJob.of(self._run.path)
        if noted is not None and noted.host == self._place.host.name:
            earlier = self._with_number(noted)
            if earlier is not None:
                _LOGGER.info("job %s was submitted for this run", earlier.number)
                yield from self._watch(earlier)
                self._state.interrupt(list(self._state.running))
        in_vain = 0
        while left := self._left(tasks):
            self._place.prepare()
            job = self._submit(script(self._place, len(left)))
            ending = yield from self._watch(job)
            in_vain = in_vain + 1 if len(self._left(tasks)) == len(left) else 0
            left = self._left(tasks)
            begun = [task for task in left if task in self._state.running]
            self._state.interrupt(begun)
            has_worked = bool(begun) or in_vain == 0
            if left and not (has_worked and ending.may_be_tried_again and in_vain <= self._retries):
                self._conclude()
                raise RunError(self._undone(job, ending, left, begun))
            if left:
                _LOGGER.warning("job %s %s; %d tasks are left", job.number, ending, len(left))
        self._conclude()

    def is_going_on(self, job: SlurmJob) -> bool:
        """Bring here what a job has done so far, and tell whether it waits or runs."""
        known = self._with_number(job)
        state = JobState("UNKNOWN") if known is None else self._queue.state(known.number)
        try:
            self._place.fetch()
        except NoAnswerError:
            raise
        except ClusterError as error:  # nobody can have it any more: its folder is gone
            _LOGGER.warning("%s", error)
        if not state.is_active:
            if known is not None:
                _LOGGER.info("job %s %s", known.number, state)
            self._conclude()
        return state.is_active

    def _with_number(self, job: SlurmJob) -> SlurmJob | None:
        """Find out the number of a job; None if Slurm has none for this run.

        Whoever submitted it may have died before it heard of it.
        """
        if job.number:
            return job
        number = self._queue.find(self._run.path.name)
        if number is None:
            return None
        known = SlurmJob(number, job.host, job.path)
        known.save(self._run.path)
        return known

    def _conclude(self) -> None:
        """Remove what the cluster has of the run: all of it is here."""
        if not self._is_kept:
            self._place.remove()
        SlurmJob.forget(self._run.path)

    def _left(self, tasks: Sequence[int]) -> list[int]:
        # What no job has saved is for whoever takes results in: it is not worth another job.
        over, closes = self._state.over, self._run.closes
        return [task for task in tasks if not (over[task] or closes[task])]

    def _submit(self, script: BatchScript) -> SlurmJob:
        self._place.put(_SCRIPT, str(script))
        # Before it can start: whoever comes next looks for it, should this process not live to
        # hear its number.
        SlurmJob("", self._place.host.name, self._place.path).save(self._run.path)
        try:
            number = self._queue.submit(f"{self._place.path}/{_SCRIPT}")
        except NoAnswerError:
            raise  # it may have been accepted
        except ClusterError:
            SlurmJob.forget(self._run.path)
            raise
        job = SlurmJob(number, self._place.host.name, self._place.path)
        job.save(self._run.path)
        _LOGGER.info("job %s submitted on %s: %d workers", number, job.host, script.worker_count)
        return job

    def _watch(self, job: SlurmJob) -> Generator[JournalEntry, None, JobState]:
        """Yield entries until a job has ended; return how it did."""
        try:
            return (yield from self._entries_of(job))
        except KeyboardInterrupt as error:
            interrupt = error
        except GeneratorExit:
            self._tell_how_to_go_on(job)
            raise
        self._interrupted(job)  # here another one is an answer
        raise interrupt

    def _entries_of(self, job: SlurmJob) -> Generator[JournalEntry, None, JobState]:
        pause, told, answered = _FIRST_PAUSE, "", None
        is_last_look = False
        while True:
            try:
                state = self._queue.state(job.number)
                self._place.fetch()
                answered = time.monotonic()
            except NoAnswerError as error:
                if answered is None or time.monotonic() - answered > _SILENCE:
                    raise
                _LOGGER.warning("%s; trying again", error)
            else:
                if state.is_active and str(state) != told:
                    told = str(state)
                    _LOGGER.info("job %s %s", job.number, told)
                yield from self._new_entries()
                # Network file systems may show what another host wrote a little later.
                is_complete = bool(self._state.over.all())
                if not state.is_active and (is_complete or is_last_look):
                    return state
                is_last_look = not state.is_active
            time.sleep(min(pause, self._refresh_interval))
            pause *= 2

    def _new_entries(self) -> Generator[JournalEntry, None, None]:
        for entry in self._run.journals.new():
            if self._state.update(entry) and entry.is_end:
                yield entry

    # what is said of it

    def _undone(self, job: SlurmJob, ending: JobState, left: list[int], begun: list[int]) -> str:
        regions = [self._run.task(task)["region"] for task in begun[:_SHOWN]]
        under_way = f" ({', '.join(regions)}, … were under way)" if regions else ""
        said = self._last_words(job)
        return (
            f"job {job.number} on {job.host} {ending}; {len(left)} tasks are left{under_way}. What "
            f"is finished is kept: run again to continue{said}"
        )

    def _last_words(self, job: SlurmJob) -> str:
        """End of what the job wrote."""
        logs = self._run.path / "logs"
        found = [*logs.glob(f"slurm-{job.number}.out"), *logs.glob(f"slurm-{job.number}_*.out")]
        lines: list[str] = []
        for log in sorted(found, key=lambda log: log.stat().st_mtime):
            lines = log.read_text(errors="replace").splitlines() or lines
        return "\n".join(["; the job said:", *lines[-_LINES_OF_LOG:]]) if lines else ""

    def _interrupted(self, job: SlurmJob) -> None:
        """Ask whether the job is to go on; where nobody can be asked, it does."""
        question = (
            f"\nJob {job.number} is on {job.host}. [d]etach: it goes on, and "
            "a.run(resume=True) re-attaches to it; [c]ancel: it ends, and what is finished is "
            "kept. [d] "
        )
        try:
            answer = input(question) if _can_ask() else ""
        except (EOFError, KeyboardInterrupt):
            answer = ""
        if not answer.strip().lower().startswith("c"):
            self._tell_how_to_go_on(job)
            return
        try:
            self._queue.cancel(job.number)
        except ClusterError as error:
            _LOGGER.error("%s", error)
        else:
            _LOGGER.warning("job %s is cancelled", job.number)

    def _tell_how_to_go_on(self, job: SlurmJob) -> None:
        _LOGGER.warning(
            "job %s goes on; a.run(resume=True) re-attaches to it; `scancel %s` on %s ends it",
            job.number,
            job.number,
            job.host,
        )


def _can_ask() -> bool:
    """Whether somebody is there, at a terminal or in a notebook."""
    return "ipykernel" in sys.modules or (sys.stdin is not None and sys.stdin.isatty())
