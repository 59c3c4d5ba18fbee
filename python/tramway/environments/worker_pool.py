"""Worker processes that know nothing of the script they work for, and do not outlive it.

The start method is `spawn`: a forked copy of a process with threads can hang. Ordinary spawned
processes import the user's script anew, which would start the analysis in each of them unless the
script is guarded by ``if __name__ == "__main__"``; these do not.

Tasks and outcomes travel as files, and only their paths through the pipes that all processes share:
whoever dies in the middle of a long message would leave the other end waiting for ever.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

from tramway import _core
from tramway.errors import RunError
from tramway.tasks import Outcome, Task, Work

_READY = "ready-"  # how files are called by which processes say that they have started


class WorkerPool:
    """Processes that do one kind of work in one context, which each of them gets once.

    Parameters
    ----------
    size
        Number of processes.
    work, context
        See :class:`tramway.tasks.Environment`.
    submitted_per_process
        How many tasks are submitted at a time: those that a dying process interrupts.

    Attributes
    ----------
    interrupted_tasks
        Tasks that were submitted and not finished when a process died.
    """

    def __init__(
        self, size: int, work: Work, context: object, *, submitted_per_process: int
    ) -> None:
        self.interrupted_tasks: list[Task] = []
        self._submitted_at_most = size * submitted_per_process
        self._processes = _Context()
        self._folder = tempfile.TemporaryDirectory(prefix="tramway-")
        self._executor = ProcessPoolExecutor(
            size,
            mp_context=self._processes,
            initializer=_prepare,
            initargs=(work, context, self._folder.name),
        )

    def outcomes(self, waiting: deque[Task]) -> Generator[Outcome, None, None]:
        """Do tasks, taking them from the left; yield outcomes, first come first served.

        It ends when all are done, or when a process dies: what was not submitted is still waiting.

        Raises
        ------
        RunError
            If no process can be started.
        """
        submitted: dict[Future[str], Task] = {}
        try:
            while waiting or submitted:
                while waiting and len(submitted) < self._submitted_at_most:
                    future = self._executor.submit(_do, _stored(waiting[0], self._folder.name))
                    submitted[future] = waiting.popleft()
                for future in wait(submitted, return_when=FIRST_COMPLETED).done:
                    outcome = _outcome(future, submitted[future])
                    del submitted[future]  # only now: it is interrupted if there is no outcome
                    yield outcome
        except BrokenProcessPool:
            if not any(Path(self._folder.name).glob(f"{_READY}*")):
                raise RunError(
                    "the worker processes of `LocalHost` end before they have begun, with the "
                    "messages above; the analysis runs without environment: a.env = None"
                ) from None
            # Results that were in before the process died are results.
            finished = [f for f in submitted if f.done() and f.exception() is None]
            for future in finished:
                yield _outcome(future, submitted.pop(future))
            self.interrupted_tasks = list(submitted.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._processes.terminate()  # nobody waits for the results any more
        self._executor.shutdown(cancel_futures=True)
        self._folder.cleanup()


def _outcome(future: "Future[str]", task: Task) -> Outcome:
    try:
        outcome: Outcome = _loaded(future.result())
        return outcome
    except BrokenProcessPool:
        raise
    except Exception as error:  # noqa: BLE001 - the outcome could not be sent from there to here
        return Outcome(task.key, 0.0, error=f"unexpected {type(error).__name__}: {error}")


def _stored(content: object, folder: str) -> str:
    """Write a task or an outcome to a file; return its path."""
    pickled = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(pickled)
    return file.name


def _loaded(path: str) -> Any:
    """Read what is in a file, and remove it."""
    file = Path(path)
    content = pickle.loads(file.read_bytes())
    file.unlink()
    return content


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name multiprocessing gave it
        with _main_module_hidden(), _interrupts_blocked():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    """Starts the processes of one pool, and can end them."""

    def __init__(self) -> None:
        self._started: list[_Process] = []

    def Process(self, *args: Any, **options: Any) -> _Process:  # type: ignore[override]  # noqa: N802
        process = _Process(*args, **options)
        self._started.append(process)
        return process

    def terminate(self) -> None:
        for process in self._started:
            process.terminate()


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

_work: Work
_context: object
_folder: str


def _prepare(work: Work, context: object, folder: str) -> None:
    global _work, _context, _folder
    _work, _context, _folder = work, context, folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it cannot be blocked
    _core.set_thread_count(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    Path(folder, f"{_READY}{os.getpid()}").touch()


def _end_with_parent() -> None:
    """Do not go on, or wait for tasks, for a process that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(path: str) -> str:
    """Do the task in a file; return the path of its outcome."""
    return _stored(_work(_context, _loaded(path)), _folder)
