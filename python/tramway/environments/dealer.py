"""Tasks dealt out to an executor of `concurrent.futures`, by the process that has it."""

import os
import sys
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import lru_cache
from queue import Empty, SimpleQueue

from tramway import _core
from tramway.runs import (
    OVERDUE,
    Batches,
    Closing,
    Done,
    Journal,
    JournalEntry,
    Part,
    RunDirectory,
    RunState,
    Span,
    Work,
    become_worker,
    do_task,
    do_tasks,
    time_limit_error,
    unfinished_steps,
    worker_name,
)

_LOOK = 1.0
"""Seconds without an answer after which it is seen whether a task takes too long."""

_DEADLY = (
    "the process that did it died, and with it the whole job, though it was the only one at work: "
    "perhaps it ran out of memory, or of the time of the job; make the region smaller"
)


@dataclass
class Dealer:
    """Deals out tasks of runs to the workers of an executor.

    Attributes
    ----------
    executor
        Where tasks can be submitted; None: there is no other worker.
    worker_count
        Number of workers, this process included if it works.
    thread_count
        Threads of the core in each of the processes.
    first_works
        Whether this process does tasks as well.
    """

    executor: Executor | None
    worker_count: int
    thread_count: int = 1
    first_works: bool = False
    _round: "_Round | None" = None

    @property
    def is_busy(self) -> bool:
        """Whether workers are still at work."""
        return self._round is not None and self._round.under_way > 0

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks, the first ones first; yield the entries as they come.

        Tasks that were begun and not ended twice are done last, each while all other workers wait:
        if one of them ends the job once more, it is known which, and it is given up.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        """
        journal = Journal(run)
        state = RunState(run, run.entries())
        interrupted = list(state.running)
        journal.write(replace(entry, state="interrupted") for entry in state.running.values())
        state.interrupt(interrupted)
        # What two have died of that were to save it is left to whoever takes in results.
        is_closed = [n for n in tasks if run.closes[n] and state.interruptions[n] <= 1]
        closing = Closing(run, state, is_closed)
        tasks = [task for task in tasks if not run.closes[task]]
        suspects = [task for task in tasks if state.interruptions[task] > 1]
        if len(interrupted) == 1 and interrupted[0] in suspects:
            suspects.remove(interrupted[0])
            left = state.steps_left(interrupted[0])
            end = unfinished_steps(interrupted[0], left, "failed", _DEADLY)
            journal.write(end)
            yield from filter(state.update, end)
        ordinary = [task for task in tasks if state.interruptions[task] <= 1]
        for begun in closing.due():
            ordinary.append(begun.task)
            yield begun
        for chosen in (ordinary, *([suspect] for suspect in suspects)):
            self._round = _Round(self, run, work, state, chosen, closing)
            yield from self._round.entries()


class _Round:
    """Tasks of one run that are dealt out together.

    New ones are submitted as soon as others are done, by the thread that hears of it: the workers
    do not wait for a task of this process, or for its files.
    """

    def __init__(
        self,
        dealer: Dealer,
        run: RunDirectory,
        work: Work,
        state: RunState,
        tasks: Sequence[int],
        closing: Closing,
    ) -> None:
        self.under_way = 0  # messages
        self._dealer = dealer
        self._run = run
        self._path = str(run.path)
        self._here = worker_name()
        self._work = work
        self._state = state
        self._closing = closing
        self._limit: float | None = run.description.get("time_limit")
        self._batches = Batches(tasks, dealer.worker_count, run.sizes)
        self._answers: SimpleQueue[Future[Done]] = SimpleQueue()
        self._sent: dict[Future[Done], list[int]] = {}
        self._begun: dict[JournalEntry, float] = {}  # when it was heard of first
        self._lock = threading.Lock()

    def entries(self) -> Iterator[JournalEntry]:
        """Do all tasks; yield what becomes of them."""
        try:
            for _ in range(self._batches.count_ahead):
                self._submit()
            while self._sent or self._batches:
                mine = self._take_last()
                if mine is not None:
                    yield from self._known(self._run.journals.at(self._do_here(mine)))
                    continue
                try:
                    answer = self._answers.get(timeout=None if self._limit is None else _LOOK)
                except Empty:
                    yield from self._look()
                    continue
                done = answer.result()
                with self._lock:
                    self._sent.pop(answer, None)
                yield from self._known(self._run.journals.at(done.span))
        finally:
            self._batches.take_all()  # nobody waits for the results any more
            with self._lock:
                waiting = list(self._sent)
            for future in waiting:
                future.cancel()

    def _known(self, entries: Iterable[JournalEntry]) -> Iterator[JournalEntry]:
        """Take note of entries, and deal out the tasks that are due now."""
        for entry in entries:
            self._state.update(entry)
            yield entry
            if self._state.over[entry.task] and (begun := self._closing.after(entry.task)):
                self._batches.put_first(begun.task)
                self._submit()
                yield begun

    def _look(self) -> Iterator[JournalEntry]:
        """Give up tasks that take too long, though their processes should have ended them.

        Those processes are stopped, or lost: they stay under way, and nobody waits for them.
        """
        yield from self._known(self._run.journals.new())
        now = time.monotonic()
        running = self._state.running.values()
        self._begun = {entry: self._begun.get(entry, now) for entry in running}
        for entry, since in self._begun.items():
            limit = self._limit
            if limit is None or now - since <= limit + OVERDUE:
                continue
            left = self._state.steps_left(entry.task)
            error = time_limit_error(limit)
            end = unfinished_steps(entry.task, left, "timed out", error, now - since)
            Journal(self._run).write(end)
            yield from self._known(end)
            self._send_again(entry.task)

    def _send_again(self, task: int) -> None:
        """Have others do what the process of a task that was given up has not begun."""
        with self._lock:
            found = [sent for sent, numbers in self._sent.items() if task in numbers]
            rest = [n for sent in found for n in self._sent.pop(sent) if not self._state.over[n]]
        for number in rest:
            self._batches.put_back(number)
        for _ in found:
            self._submit()

    def _submit(self) -> None:
        if self._dealer.executor is None:
            return
        with self._lock:
            numbers = self._batches.take()
            self.under_way += bool(numbers)
        if numbers:
            begun = self._state.begun(numbers)
            future = self._dealer.executor.submit(
                _do_tasks,
                self._dealer.thread_count,
                self._work,
                self._path,
                numbers,
                begun,
                self._limit,
                self._here,
            )
            with self._lock:
                self._sent[future] = numbers
            future.add_done_callback(self._answered)

    def _answered(self, future: "Future[Done]") -> None:
        with self._lock:
            self.under_way -= 1
        if not future.cancelled() and future.exception() is None:
            self._note(self._sent.get(future, ()), future.result().seconds_per_task)
            self._submit()
        self._answers.put(future)

    def _note(self, tasks: Sequence[int], seconds: float) -> None:
        if tasks and not self._run.closes[tasks[0]]:  # those that save are as they are
            self._batches.note(tasks, seconds)

    def _take_last(self) -> int | None:
        """Take the smallest task, if there is nothing else to do for this process."""
        if not self._dealer.first_works or not self._answers.empty():
            return None
        return self._batches.take_last()

    def _do_here(self, number: int) -> Span:
        _prepare(self._path, self._dealer.thread_count, os.getpid())
        ended = self._state.ended_steps(number)
        return do_task(self._work, self._path, number, ended, self._limit)


# What follows runs where tasks are done.


@lru_cache(maxsize=1)
def _prepare(path: str, thread_count: int, process: int) -> None:
    mpi = sys.modules.get("mpi4py.MPI")  # it is there, unless there is one process only
    become_worker(path, None if mpi is None else mpi.COMM_WORLD.rank)
    _core.set_thread_count(thread_count)


def _do_tasks(
    thread_count: int,
    work: Work,
    path: str,
    numbers: Sequence[int],
    begun: Mapping[int, Mapping[int, Part | None]],
    time_limit: float | None,
    dealer: str,
) -> Done:
    if worker_name() != dealer:  # a thread of that very process remains what it is
        _prepare(path, thread_count, os.getpid())
    return do_tasks(work, path, numbers, begun, time_limit)
