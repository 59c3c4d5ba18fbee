"""Worker processes that know nothing of the script they work for, and do not outlive it.

They are no copies of the user's process: a forked copy of a process with threads can hang. Where
the system can, they are copies of a server that has loaded the package and does nothing else;
elsewhere each of them loads it. Ordinary processes of these kinds import the user's script anew,
which would start the analysis in each of them unless the script is guarded by
``if __name__ == "__main__"``; these do not.

What they do is in their journals: only numbers travel through the pipes that all processes share.
Whoever dies in the middle of a long message would leave the other end waiting for ever.
"""

import multiprocessing
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from multiprocessing import connection
from types import ModuleType, TracebackType
from typing import Any, Self

from tramway.runs import (
    GRACE,
    Batches,
    Done,
    JournalEntry,
    RunDirectory,
    RunState,
    Work,
    become_worker,
    do_tasks,
)

from .worker_watch import WorkerWatch

if sys.platform == "linux":
    from multiprocessing.context import ForkServerContext as StartContext
    from multiprocessing.context import ForkServerProcess as StartedProcess
else:  # libraries of macOS do not survive a fork
    from multiprocessing.context import SpawnContext as StartContext
    from multiprocessing.context import SpawnProcess as StartedProcess

_LOOK = 1.0
"""Seconds without an answer after which it is seen whether all processes go on."""

_PATIENCE = 2.0
"""Seconds in which processes have to end when all is done."""


class WorkerPool:
    """Processes that do tasks of one run.

    Parameters
    ----------
    size
        Number of processes.
    run, work
        See :class:`tramway.runs.Environment`.
    time_limit
        Most time for a task, s; None: no limit.

    Attributes
    ----------
    interrupted_tasks
        Tasks that were submitted and not finished when a process died.
    ended
        Processes that this one has ended, since they took too long.
    """

    def __init__(
        self,
        size: int,
        run: RunDirectory,
        work: Work,
        *,
        time_limit: float | None,
    ) -> None:
        self.interrupted_tasks: list[int] = []
        self.ended: set[int] = set()
        self._died_at = 0.0  # s since the epoch
        self._run = run
        self._work = work
        self._time_limit = time_limit
        self._processes = _Context()
        # The server has what this process has, and this has no effect where it runs already.
        package = __name__.partition(".")[0]
        rooms = {name for name in sys.modules if re.fullmatch(rf"{package}\.\w+", name)}
        self._processes.set_forkserver_preload(sorted(rooms))
        self._watch = WorkerWatch(time_limit)
        self._executor = ProcessPoolExecutor(
            size,
            mp_context=self._processes,
            initializer=_prepare,
            initargs=(str(run.path), dict(os.environ)),
        )

    def entries(self, waiting: Batches, state: RunState) -> Generator[JournalEntry, None, None]:
        """Do tasks, taking them in order; yield what becomes of them, first come first served.

        It ends when all are done, or when a process dies: what was not submitted is still waiting.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        """
        submitted: dict[Future[Done], list[int]] = {}
        try:
            while waiting or submitted:
                while waiting and len(submitted) < waiting.count_ahead:
                    numbers = waiting.take()
                    self.interrupted_tasks = numbers  # if the next line fails
                    submitted[self._submit(numbers, state)] = numbers
                    self.interrupted_tasks = []
                answers = wait(submitted, _LOOK, return_when=FIRST_COMPLETED).done
                if not answers:
                    yield from self._look(state)
                for future in answers:
                    done = future.result()
                    numbers = submitted.pop(future)  # only now: it is interrupted without a result
                    if not self._run.closes[numbers[0]]:
                        waiting.note(numbers, done.seconds_per_task)
                    yield from self._run.journals.at(done.span)
        except BrokenProcessPool:
            self._processes.kill()
            self.interrupted_tasks += chain.from_iterable(submitted.values())

    def _look(self, state: RunState) -> Generator[JournalEntry, None, None]:
        """See whether all processes go on, and end those that take too long."""
        if self._time_limit is not None:
            yield from self._run.journals.new()
        for process in self._watch.overdue(self._processes.alive(), state.running.values()):
            if process.pid is not None:
                self.ended.add(process.pid)
            process.kill()

    def _submit(self, numbers: list[int], state: RunState) -> "Future[Done]":
        begun = state.begun(numbers)
        future = self._executor.submit(
            do_tasks, self._work, str(self._run.path), numbers, begun, self._time_limit
        )
        future.add_done_callback(self._note_death)
        return future

    def _note_death(self, future: "Future[Done]") -> None:
        """Note when a process died: whoever takes the answers may be busy then."""
        is_dead = not future.cancelled() and isinstance(future.exception(), BrokenProcessPool)
        if is_dead and not self._died_at:
            self._died_at = time.time()

    def seconds_if_late(self, begun: JournalEntry) -> float | None:
        """Tell how long a task took whose process ended because of that; None: it did not.

        A process of another task is ended with it, however short a time that one has taken.
        """
        if self._time_limit is None:
            return None
        is_ended = int(begun.worker.rpartition("-")[2]) in self.ended
        seconds = self._died_at - begun.time
        return seconds if seconds > self._time_limit + (0.0 if is_ended else GRACE) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._processes.kill()  # nobody waits for the results any more
        # All is in the journals: a thread that a function of the user's has left running, and a
        # process that is stopped, are not waited for.
        ending = threading.Timer(_PATIENCE, self._processes.kill)
        ending.daemon = True
        ending.start()
        try:
            self._executor.shutdown(cancel_futures=True)
        finally:
            ending.cancel()


class _Process(StartedProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name multiprocessing gave it
        with _main_module_hidden(), _interrupts_blocked():
            return StartedProcess._Popen(process_obj)


class _Context(StartContext):
    """Starts the processes of one pool, and can end them."""

    def __init__(self) -> None:
        self._started: list[_Process] = []

    def Process(self, *args: Any, **options: Any) -> _Process:  # type: ignore[override]  # noqa: N802
        process = _Process(*args, **options)
        self._started.append(process)
        return process

    def alive(self) -> list[_Process]:
        begun = [process for process in self._started if process.pid is not None]
        return [process for process in begun if not connection.wait([process.sentinel], 0)]

    def kill(self) -> None:
        # Not by a signal that waits for a process that is stopped.
        for process in self.alive():
            process.kill()


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Let a spawned process find nothing in ``__main__`` that it would have to import."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start a process that Ctrl-C, which reaches all processes, does not disturb."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its start would lift the block
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


# What follows runs in the worker processes.


def _prepare(path: str, environment: dict[str, str]) -> None:
    os.environ.clear()  # the server has that of the time when it was started
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it cannot be blocked
    threading.Thread(target=_end_with_parent, daemon=True).start()
    become_worker(path)


def _end_with_parent() -> None:
    """Do not go on, or wait for tasks, for a process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
