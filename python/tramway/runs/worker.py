"""What every worker process does with a task, whoever sent it."""

import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from weakref import WeakSet

from tramway import __version__, _core
from tramway.errors import DamagedPartError

from .directory import RunDirectory
from .entry import JournalEntry, State
from .journal import Journal, worker_name
from .journal_reader import Span
from .ownership import append
from .part import Part

if TYPE_CHECKING:
    from .work import Outcome, Work

GRACE = 10.0
"""Seconds after which a task that does not heed its time limit costs its process the life."""

OVERDUE = GRACE + 5.0
"""Seconds after its time limit at which a task is given up by others: its process is stopped."""

_logger = logging.getLogger(__name__)

_turn = threading.Lock()
_is_expendable = False
_left_running: "WeakSet[threading.Thread]" = WeakSet()
_rank: int | None = None
_log_file: logging.FileHandler | None = None


class TimeLimitReached(BaseException):
    """Raised in a task that takes too long; no handler of ordinary errors is to catch it."""


def become_worker(path: str, rank: int | None = None) -> None:
    """Make this process one that exists for tasks only.

    It has a log in the run directory of that path, and in no other one any more; its core works on
    one thread; and it may be killed for a task that does not end.

    Parameters
    ----------
    path
        The run directory.
    rank
        Number of the process in its world of MPI; None outside of one.
    """
    global _is_expendable, _log_file, _rank
    _is_expendable = True
    _rank = rank
    _core.set_thread_count(1)
    gc.freeze()  # what is imported stays: the collector need not look through it again
    logger = logging.getLogger("tramway")
    if _log_file is not None:
        logger.removeHandler(_log_file)
        _log_file.close()
    log = Path(path, "logs", f"{worker_name()}.log")
    append(log, b"")  # it is made its owner's alone, before anything is said
    _log_file = logging.FileHandler(log)
    _log_file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(_log_file)
    logger.setLevel(logging.INFO)
    _logger.info("ready, tramway %s", __version__)


def do_task(
    work: "Work",
    path: str,
    number: int,
    ended: Mapping[int, Part | None] | None = None,
    time_limit: float | None = None,
) -> Span:
    """Do the steps of a task that are left, and write down what came of them.

    Threads of one process take turns: they share its journal, and Python's list of warnings.

    Parameters
    ----------
    work
        Does the steps.
    path
        The run directory.
    number
        Of the task.
    ended
        Results of the steps that an earlier worker ended.
    time_limit
        Most time for the task, s; None: no limit.

    Returns
    -------
    Span
        Where the journal says what became of the task.

    Raises
    ------
    OSError
        If nothing can be written into the run directory.
    """
    with _turn:
        return _do_task(work, path, number, ended or {}, time_limit)


def _do_task(
    work: "Work",
    path: str,
    number: int,
    ended: Mapping[int, Part | None],
    time_limit: float | None,
) -> Span:
    run, journal = _opened(path, os.getpid())
    task = run.task(number)
    results = _results(run, ended)
    left = [step for step in range(len(task["steps"])) if step not in results]
    begun = JournalEntry(number, left[0], "running", journal.worker, time.time(), rank=_rank)
    span = first = journal.write([begun])
    threads = set(threading.enumerate())
    clock = time.perf_counter()
    try:
        with _time_limit(time_limit) as limited:
            for outcome in limited(work(run, task, results)):
                entry = _entry(journal, number, outcome)
                span = journal.write([entry])
                _log(task, entry)
                left.remove(outcome.step)
                clock = time.perf_counter()
    except TimeLimitReached:
        seconds = time.perf_counter() - clock
        if left:  # else it was reached when all was done
            span = journal.write(
                unfinished_steps(number, left, "timed out", time_limit_error(time_limit), seconds)
            )
    finally:
        _left_running.update(set(threading.enumerate()) - threads)
    return Span(span.journal, first.start, span.end)


def threads_left_running() -> list[threading.Thread]:
    """List the threads that tasks have started in this process and that keep it from ending."""
    return [thread for thread in _left_running if thread.is_alive() and not thread.daemon]


class Done(NamedTuple):
    """What a worker says of some tasks.

    Attributes
    ----------
    span
        Where its journal tells what became of them.
    seconds_per_task
        Time that each took on average.
    """

    span: Span
    seconds_per_task: float


def do_tasks(
    work: "Work",
    path: str,
    numbers: Sequence[int],
    ended: Mapping[int, Mapping[int, Part | None]],
    time_limit: float | None = None,
) -> Done:
    """Do several tasks in turn, at least one; `ended` is that of :func:`do_task`, by task."""
    clock = time.perf_counter()
    spans = [do_task(work, path, n, ended.get(n), time_limit) for n in numbers]
    seconds = (time.perf_counter() - clock) / len(numbers)
    return Done(Span(spans[0].journal, spans[0].start, spans[-1].end), seconds)


def _log(task: dict[str, Any], entry: JournalEntry) -> None:
    where = (task.get("region"), task["steps"][entry.step].get("do"))
    _logger.info("%s, %s: %s in %.3f s", *where, entry.state, entry.seconds)
    if entry.error is not None:
        _logger.info("%s", entry.traceback or entry.error)


def _results(run: RunDirectory, ended: Mapping[int, Part | None]) -> dict[int, bytes | None]:
    try:
        return {step: None if part is None else run.part(part) for step, part in ended.items()}
    except DamagedPartError:
        return {}  # all is made again


def unfinished_steps(
    task: int, steps: Sequence[int], state: State, error: str, seconds: float = 0.0
) -> list[JournalEntry]:
    """Entries for a task that cannot go on: its present step ended so, others do not begin.

    Parameters
    ----------
    task
        Its number.
    steps
        Numbers of the steps that are not over.
    state, error, seconds
        What became of the first of them.
    """
    now, worker = time.time(), worker_name()
    memory = _peak_memory()
    ended = JournalEntry(
        task, steps[0], state, worker, now, seconds, memory, error=error, rank=_rank
    )
    return [ended] + [
        JournalEntry(task, step, "skipped", worker, now, error=error, rank=_rank)
        for step in steps[1:]
    ]


def _entry(journal: Journal, number: int, outcome: "Outcome") -> JournalEntry:
    state: State = "done" if outcome.error is None else "failed"
    return JournalEntry(
        number,
        outcome.step,
        "skipped" if outcome.is_skipped else state,
        journal.worker,
        time.time(),
        outcome.seconds,
        _peak_memory(),
        outcome.notes,
        outcome.error,
        outcome.traceback,
        None if outcome.result is None else journal.store(outcome.result),
        _rank,
    )


def time_limit_error(limit: float | None) -> str:
    """Tell what became of a task that took too long."""
    return (
        f"it took longer than the time limit of {limit:g} s: raise a.env.time_limit, or make the "
        "region or the number of cells smaller"
    )


@lru_cache(maxsize=1)
def _opened(path: str, process: int) -> tuple[RunDirectory, Journal]:
    """Open a run directory once per process; one that was forked has a journal of its own."""
    run = RunDirectory(path)
    return run, Journal(run)


def _peak_memory() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


Limited: TypeAlias = Callable[[Iterator["Outcome"]], Iterator["Outcome"]]


@contextmanager
def _time_limit(seconds: float | None) -> Iterator[Limited]:
    """Have work end after some time, where signals can.

    Yields
    ------
    callable
        Gives the outcomes of work, and raises :class:`TimeLimitReached` in it, or in the place of
        the next outcome: what is done with one, to write it down, is not interrupted.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield iter
        return
    is_at_work = is_reached = False

    def interrupt(*_: Any) -> None:
        nonlocal is_reached
        is_reached = True
        if is_at_work:
            raise TimeLimitReached

    def limited(outcomes: Iterator["Outcome"]) -> Iterator["Outcome"]:
        nonlocal is_at_work
        while True:
            try:
                is_at_work = True
                if is_reached:
                    raise TimeLimitReached
                outcome = next(outcomes, None)
            finally:
                is_at_work = False
            if outcome is None:
                return
            yield outcome

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    if _is_expendable:  # code that never comes back to the interpreter sees no signal
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True)
    try:
        yield limited
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, before)
