"""The processes of `mpirun` or `srun`: the first one deals out tasks, the others do them."""

import os
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import lru_cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from tramway import _core
from tramway.attributes import StrictAttributes
from tramway.runs import (
    Journal,
    JournalEntry,
    Part,
    RunDirectory,
    RunState,
    Span,
    Work,
    become_worker,
    do_task,
    unfinished_steps,
)

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

_FIRST_WORKS_UP_TO = 8
"""Number of processes up to which the first one does tasks as well: it has little else to do."""

_SECONDS_PER_MESSAGE = 0.05
"""Work that is sent at once, if tasks are short: a message takes a good millisecond."""

_AHEAD = 2  # messages per process: one under way, and one ready

_DEADLY = (
    "the process that did it died, and with it the whole job, though it was the only one at work: "
    "perhaps it ran out of memory; make the region smaller"
)

_Ended: TypeAlias = Mapping[int, Part | None]


class MPI(StrictAttributes):
    """Does the tasks in processes that a launcher of MPI started.

    A process that dies takes the whole job with it: that is how launchers are. What was finished is
    kept, and the same command continues.

    Parameters
    ----------
    executor
        Where tasks can be submitted; None: there is no other process.
    worker_count
        Number of processes behind it.
    thread_count
        Threads of each process.
    """

    def __init__(self, executor: Executor | None, worker_count: int, thread_count: int = 1) -> None:
        self._executor = executor
        self._worker_count = worker_count
        self._thread_count = thread_count
        self._dealer: _Dealer | None = None

    @property
    def worker_count(self) -> int:
        """Number of processes that do tasks."""
        return self._worker_count + self._first_works

    @property
    def is_busy(self) -> bool:
        """Whether other processes are still at work."""
        return self._dealer is not None and self._dealer.under_way > 0

    @property
    def _first_works(self) -> bool:
        return self._worker_count < _FIRST_WORKS_UP_TO

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks, the first ones first; yield the entries as they come.

        Tasks that were begun and not ended twice are done last, each while all other processes
        wait: if one of them ends the job once more, it is known which, and it is given up.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        """
        state = RunState(run, RunDirectory(run.path).journals.new())
        interrupted = list(state.running)
        state.interrupt(interrupted)
        suspects = [task for task in tasks if state.interruptions[task] > 1]
        if len(interrupted) == 1 and interrupted[0] in suspects:
            suspects.remove(interrupted[0])
            left = state.steps_left(interrupted[0])
            end = unfinished_steps(interrupted[0], left, "failed", _DEADLY)
            Journal(run.path).write(end)
            yield from end
        ordinary = deque(task for task in tasks if state.interruptions[task] <= 1)
        for waiting in (ordinary, *(deque([suspect]) for suspect in suspects)):
            self._dealer = _Dealer(self, run, work, state, waiting)
            try:
                yield from self._dealer.entries()
            finally:
                waiting.clear()  # nobody waits for the results any more

    def is_running(self, run: RunDirectory) -> bool:
        """Say no: the processes end with the one that deals out tasks."""
        return False


class _Dealer:
    """Deals out tasks of one run.

    New tasks are submitted as soon as others are done, by the thread that hears of it: the other
    processes do not wait for a task of the first one, or for its files.
    """

    def __init__(
        self, env: MPI, run: RunDirectory, work: Work, state: RunState, waiting: deque[int]
    ) -> None:
        self.under_way = 0  # messages
        self._executor = env._executor
        self._worker_count = env._worker_count
        self._first_works = env._first_works
        self._thread_count = env._thread_count
        self._run = run
        self._path = str(run.path)
        self._work = work
        self._state = state
        self._limit: float | None = run.description.get("time_limit")
        self._waiting = waiting
        self._seconds_per_task = _SECONDS_PER_MESSAGE
        self._answers: SimpleQueue[Future[tuple[Span, float]]] = SimpleQueue()
        self._lock = threading.Lock()

    def entries(self) -> Iterator[JournalEntry]:
        """Do all tasks; yield what becomes of them."""
        for _ in range(_AHEAD * self._worker_count):
            self._submit()
        while self.under_way or self._waiting:
            if self._answers.empty() and self._first_works:
                mine = self._take_last()
                if mine is not None:
                    yield from self._run.journals.at(self._do_here(mine))
                    continue
            span, _ = self._answers.get().result()
            with self._lock:
                self.under_way -= 1
            yield from self._run.journals.at(span)

    def _submit(self) -> None:
        """Submit the first of the waiting tasks, several if they are short."""
        with self._lock:
            numbers = self._take_first()
            self.under_way += bool(numbers)
        if numbers and self._executor is not None:
            ended = {number: dict(self._state.ended_steps(number)) for number in numbers}
            begun = {number: steps for number, steps in ended.items() if steps}
            arguments = (self._work, self._path, numbers, begun, self._limit, self._thread_count)
            self._executor.submit(_do_tasks, *arguments).add_done_callback(self._answered)

    def _answered(self, future: "Future[tuple[Span, float]]") -> None:
        if not future.cancelled() and future.exception() is None:
            self._seconds_per_task = future.result()[1]
            self._submit()
        self._answers.put(future)

    def _take_first(self) -> list[int]:
        wanted = int(_SECONDS_PER_MESSAGE / max(self._seconds_per_task, 1e-6))
        fair = len(self._waiting) // (_AHEAD * (self._worker_count + 1))
        count = min(max(1, min(wanted, fair)), len(self._waiting))
        return [self._waiting.popleft() for _ in range(count)]

    def _take_last(self) -> int | None:
        """Take the smallest task: this process has others to attend to."""
        with self._lock:
            return self._waiting.pop() if self._waiting else None

    def _do_here(self, number: int) -> Span:
        _prepare(self._path, self._thread_count)
        ended = dict(self._state.ended_steps(number))
        return do_task(self._work, self._path, number, ended, self._limit)


@contextmanager
def environment(world: "Intracomm", thread_count: int = 1) -> Iterator[MPI | None]:
    """Make one environment of all processes.

    Parameters
    ----------
    world
        All processes.
    thread_count
        Threads of each.

    Yields
    ------
    MPI or None
        The environment, in the first process. None in the others: they have done then what there
        was to do.
    """
    if world.size == 1:
        yield MPI(None, 0, thread_count)
        return
    from mpi4py.futures import MPICommExecutor

    if world.rank > 0:
        _exit_is_failure()
    executor: Executor | None
    with MPICommExecutor(world, root=0) as executor:  # type: ignore[assignment]
        if executor is not None:
            yield MPI(executor, world.size - 1, thread_count)
    if world.rank > 0:
        yield None


def _exit_is_failure() -> None:
    """Let a process that leaves in the middle of a task be missed.

    Launchers do not mind an exit code of 0, and the others would wait for ever.
    """
    here, leave = os.getpid(), os._exit

    def fail(code: int) -> None:
        leave(code or os.getpid() == here)  # forked processes end in this way

    os._exit = fail  # type: ignore[assignment]


# What follows runs in the processes that do tasks.


@lru_cache(maxsize=1)
def _prepare(path: str, thread_count: int) -> None:
    become_worker(path)
    _core.set_thread_count(thread_count)


def _do_tasks(
    work: Work,
    path: str,
    numbers: Sequence[int],
    ended: Mapping[int, _Ended],
    time_limit: float | None,
    thread_count: int,
) -> tuple[Span, float]:
    """Do some tasks; return where the journal has them, and the seconds that each took."""
    _prepare(path, thread_count)
    clock = time.perf_counter()
    spans = [do_task(work, path, n, ended.get(n, {}), time_limit) for n in numbers]
    seconds = (time.perf_counter() - clock) / len(numbers)
    return Span(spans[0].journal, spans[0].start, spans[-1].end), seconds
