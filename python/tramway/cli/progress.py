"""How far a run has come, and how fast it goes, told by its journals."""

import socket
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tramway.pipeline import step_of
from tramway.runs import JournalEntry, RunDirectory, RunState, command_for

_RECENT = 300.0
"""Seconds over which the rate is taken."""

_STEP = 1.0  # seconds between two points of its curve

_LISTED = 20  # at most, of what runs and of what failed


class Progress:
    """How far a run has come, and how fast it goes.

    Parameters
    ----------
    run
        The run.

    Attributes
    ----------
    state
        Which tasks are over, and which are being done.
    failed
        The first entry of each task that says why it has no result.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.state = RunState(run)
        self.failed: dict[int, JournalEntry] = {}
        self._run = run
        self._over = self._size_over = 0
        self._recent: deque[tuple[float, int, int]] = deque()  # when, tasks, translocations
        self._latest = 0.0

    def read(self) -> None:
        """Take note of what the journals say that they did not say before."""
        for entry in self._run.journals.new():
            self.take(entry)

    def take(self, entry: JournalEntry) -> None:
        """Take note of an entry."""
        if not (self.state.update(entry) and entry.is_end):
            return
        self._latest = max(self._latest, entry.time)
        if entry.error is not None:
            self.failed.setdefault(entry.task, entry)
        if self.state.over[entry.task]:
            self._over += 1
            self._size_over += int(self._run.sizes[entry.task])
        if not self._recent or self._latest > self._recent[-1][0] + _STEP:
            self._recent.append((self._latest, self._over, self._size_over))
        while self._recent[0][0] < self._latest - _RECENT:
            self._recent.popleft()

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self._over == self._run.task_count

    def report(self) -> str:
        """Tell it all, as text of several lines."""
        waiting = self._run.task_count - self._over - len(self.state.running)
        done = self._over - len(self.failed)
        said = [
            f"{self._run.path}",
            f"{self._run.task_count:,} regions: {done:,} done, {len(self.failed):,} failed, "
            f"{len(self.state.running):,} under way, {waiting:,} waiting",
        ]
        if not self.is_over:
            said += self._pace()
        running = sorted(self.state.running.values(), key=lambda entry: entry.time)
        said += self._listed(running, self._running)
        said += self._listed(list(self.failed.values()), self.failure)
        if self.is_over:
            said += self._results()
        elif not running:
            said.append(f"no process is working; to continue: {self._resume}")
        return "\n".join(said)

    @property
    def _resume(self) -> str:
        return command_for("resume", self._run.path)

    def _results(self) -> list[str]:
        """Tell where the results of a run are of which nothing is left to do."""
        names = [source["name"] for source in self._run.description["spt_data"]["sources"]]
        files = (Path(name).with_suffix(".rwa") for name in names)
        there = [str(path) for path in files if path.is_file()]
        more = f", … and {len(there) - _LISTED:,} more" if len(there) > _LISTED else ""
        found = [f"results: {', '.join(there[:_LISTED])}{more}"] if there else []
        return [*found, f"results that are not in .rwa files yet: {self._resume}"]

    def _pace(self) -> list[str]:
        """Tell how fast it went recently, and how long the rest takes at that rate."""
        if len(self._recent) < 2:
            return []
        then, tasks_then, size_then = self._recent[0]
        if self._size_over == size_then:
            return []
        seconds = self._latest - then
        size_left = int(self._run.sizes.sum()) - self._size_over
        left = size_left * seconds / (self._size_over - size_then)
        rate = (self._over - tasks_then) / seconds
        return [f"{rate:.3g} regions per second, about {_duration(left)} left"]

    def _running(self, entry: JournalEntry) -> str:
        seconds = time.time() - entry.time
        return f"under way: {self._name(entry)}, for {_duration(seconds)} on {_place(entry)}" + (
            " (which has ended)" if _is_gone(entry.worker) else ""
        )

    def failure(self, entry: JournalEntry) -> str:
        """Tell why a step has no result."""
        return f"{entry.state}: {self._name(entry)}: {entry.error}"

    def _name(self, entry: JournalEntry) -> str:
        task = self._run.task(entry.task)
        source = self._run.description["spt_data"]["sources"][task["source"]]["name"]
        title = step_of(task, entry.step).title
        return ", ".join(filter(None, (source, task["region"], title)))

    def _listed(
        self, entries: list[JournalEntry], line: Callable[[JournalEntry], str]
    ) -> list[str]:
        more = len(entries) - _LISTED
        lines = [line(entry) for entry in entries[:_LISTED]]
        return lines if more <= 0 else [*lines, f"… and {more:,} more"]


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(max(seconds, 0.0))))


def _place(entry: JournalEntry) -> str:
    return entry.worker if entry.rank is None else f"{entry.worker}, rank {entry.rank}"


def _is_gone(worker: str) -> bool:
    """Whether a worker of this computer has ended; of others nothing is known."""
    host, _, process = worker.rpartition("-")
    return host == socket.gethostname() and not Path("/proc", process).exists()
