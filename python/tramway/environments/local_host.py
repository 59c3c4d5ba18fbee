"""Several processes on this computer."""

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from itertools import chain

from tramway.attributes import integer, non_negative, optional, positive
from tramway.errors import InvalidInputError, RunError
from tramway.runs import (
    BaseEnvironment,
    Batches,
    Closing,
    Journal,
    JournalEntry,
    RunDirectory,
    RunState,
    Work,
    time_limit_error,
    unfinished_steps,
)

_KILLED = (
    "the process that did it was killed, {times} times: perhaps it ran out of memory; give a.env "
    "fewer workers, or make the region smaller"
)


class LocalHost(BaseEnvironment):
    """Does the tasks in several processes on this computer.

    A worker process that dies costs nobody else anything: the tasks that were under way are tried
    once more, each alone, and the one that kills its process again is given up.

    Parameters
    ----------
    worker_count
        See the attribute.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.env = environments.LocalHost
    >>> a.env.worker_count = 4
    """

    saves = True

    def __init__(self, worker_count: int | None = None) -> None:
        self.worker_count = worker_count
        self.retries = 1
        self.time_limit = None

    @property
    def worker_count(self) -> int | None:
        """Number of processes; None: one per core; negative: that many fewer than cores."""
        return self._worker_count

    @worker_count.setter
    def worker_count(self, value: int | None) -> None:
        count = None if value is None else integer("worker_count", value)
        if count == 0:
            raise InvalidInputError(
                "`worker_count` is 0, expected the number of processes, a negative number (fewer "
                "than cores by so many), or None (one per core)"
            )
        self._worker_count = count

    def processes(self, task_count: int) -> int:
        """Tell how many processes so many tasks are worth."""
        wanted = self._worker_count
        if wanted is None or wanted < 0:
            wanted = max(1, _core_count() + (wanted or 0))
        return min(wanted, task_count)

    @property
    def retries(self) -> int:
        """How often a task is begun again whose process died."""
        return self._retries

    @retries.setter
    def retries(self, value: int) -> None:
        self._retries = integer("retries", non_negative("retries", value))

    @property
    def time_limit(self) -> float | None:
        """Most time for one task, s; it fails if it takes longer. None: no limit."""
        limit: float | None = self._time_limit
        return limit

    @time_limit.setter
    def time_limit(self, value: float | None) -> None:
        self._time_limit = optional(positive)("time_limit", value)

    @property
    def workers_at_hand(self) -> int:
        """Number of processes that do tasks."""
        return self.processes(sys.maxsize)

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks, the first ones first; yield the entries as they come."""
        from .worker_pool import WorkerPool

        state = RunState(run, run.journals.new())
        state.interrupt(list(state.running))
        closing = Closing(run, state, tasks)
        late: dict[int, float] = {}  # tasks that took too long for their processes: seconds

        def do_in_pool(size: int, batches: Batches) -> Generator[JournalEntry, None, list[int]]:
            with WorkerPool(size, run, work, time_limit=self.time_limit) as pool:
                known = 0
                for entry in chain(pool.entries(batches, state), _left_behind(run)):
                    if not state.update(entry):
                        continue
                    known += 1
                    yield entry
                    if state.over[entry.task] and (begun := closing.after(entry.task)):
                        batches.put_first(begun.task)
                        yield begun
            for task in filter(state.running.get, pool.interrupted_tasks):
                if (seconds := pool.seconds_if_late(state.running[task])) is not None:
                    late[task] = seconds
            if pool.interrupted_tasks and not known and not pool.ended:
                raise RunError(
                    "the worker processes of `LocalHost` end before they have begun, with the "
                    "messages above; the analysis runs without environment: a.env = None"
                )
            return [task for task in pool.interrupted_tasks if not state.over[task]]

        waiting = [task for task in tasks if not run.closes[task]]
        for due in closing.due():
            waiting.append(due.task)
            yield due
        while waiting:
            size = self.processes(len(waiting))
            batches = Batches(waiting, size, run.sizes)
            interrupted = yield from do_in_pool(size, batches)
            # Which of those under way was to blame is found by trying each alone.
            suspects = [task for task in interrupted if task in state.running]
            waiting = [task for task in interrupted if task not in suspects] + batches.take_all()
            while suspects:
                task = suspects.pop(0)
                end = self._end_of(task, state, late.get(task))
                if end is not None:
                    Journal(run).write(end)
                    yield from filter(state.update, end)
                    if begun := closing.after(task):
                        waiting.append(begun.task)
                        yield begun
                    continue
                suspects[:0] = yield from do_in_pool(1, Batches([task], 1))

    def _end_of(
        self, task: int, state: RunState, seconds: float | None
    ) -> list[JournalEntry] | None:
        """Give up a task whose process died, if it took too long, or was tried often enough.

        The processes of others die with that of one task: how long ago a task was begun says
        nothing of it.
        """
        state.interrupt([task])
        left = state.steps_left(task)
        if seconds is not None:
            limit = time_limit_error(self.time_limit)
            return unfinished_steps(task, left, "timed out", limit, seconds)
        if state.interruptions[task] > self.retries:
            times = int(state.interruptions[task])
            return unfinished_steps(task, left, "failed", _KILLED.format(times=times))
        return None


def _left_behind(run: RunDirectory) -> Iterator[JournalEntry]:
    """Read what processes wrote down that died, or were killed with them."""
    yield from run.journals.new()


def _core_count() -> int:
    """Cores that this process may use: batch systems grant fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
