"""Worker processes that do not go on by themselves, and cannot say so."""

import logging
import os
import sys
import time
from collections.abc import Iterable
from multiprocessing.process import BaseProcess
from pathlib import Path

from tramway.runs import OVERDUE, JournalEntry

_LOGGER = logging.getLogger("tramway.analyzer.workers")  # below the one that users see


class WorkerWatch:
    """Finds processes that are stopped, or whose task takes too long.

    A process that takes too long ends its task itself, or itself, as long as it is not stopped:
    then, nobody but another process can.

    Parameters
    ----------
    time_limit
        Most time for a task, s; None: no limit.
    """

    def __init__(self, time_limit: float | None) -> None:
        self._limit = time_limit
        self._stopped: dict[int, float] = {}  # since when, by process
        self._begun: dict[JournalEntry, float] = {}  # when it was seen first

    def overdue(
        self, processes: Iterable[BaseProcess], running: Iterable[JournalEntry]
    ) -> list[BaseProcess]:
        """List the processes that have to be ended, for the sake of the time limit.

        Parameters
        ----------
        processes
            All that are at work.
        running
            What their journals say that they are doing.
        """
        now = time.monotonic()
        by_id = {process.pid: process for process in processes if process.pid is not None}
        self._look_for_stopped(by_id, now)
        self._begun = {entry: self._begun.get(entry, now) for entry in running}
        if self._limit is None:
            return []
        late = {process for process, since in self._stopped.items() if now - since > self._limit}
        late |= {
            int(entry.worker.rpartition("-")[2])
            for entry, since in self._begun.items()
            if now - since > self._limit + OVERDUE
        }
        return [by_id[process] for process in late if process in by_id]

    def _look_for_stopped(self, processes: Iterable[int], now: float) -> None:
        stopped = [process for process in processes if _is_stopped(process)]
        for process in set(stopped) - self._stopped.keys():
            end = (
                "a.env.time_limit would end it" if self._limit is None else "its time limit ends it"
            )
            _LOGGER.warning(
                "worker process %d is stopped: `kill -CONT %d` lets it go on, %s",
                process,
                process,
                end,
            )
        self._stopped = {process: self._stopped.get(process, now) for process in stopped}


def process_state(process: int | str) -> str | None:
    """State of a process, the letter that Linux has for it; None if there is no such process."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(errors="replace")
    except OSError:
        return None
    return status.rpartition(")")[2].split()[0]


if sys.platform == "linux":

    def _is_stopped(process: int) -> bool:
        """Whether a process was stopped, by SIGSTOP or a debugger, and not continued."""
        # Workers are children of the server that they were copied from: the system tells others
        # how they are only here.
        return process_state(process) in ("T", "t")

else:

    def _is_stopped(process: int) -> bool:
        """Whether a child of this process was stopped and not continued."""
        if not hasattr(os, "waitid"):  # Windows; macOS before Python 3.13
            return False
        try:
            found = os.waitid(os.P_PID, process, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # it has ended
            return False
        return found is not None
