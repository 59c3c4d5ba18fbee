"""How far a run has come, and how fast it goes, told by its journals."""

import socket
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tramway.environments.worker_watch import process_state
from tramway.pipeline import step_of
from tramway.runs import JournalEntry, RunDirectory, RunState, command_for
from tramway.runs.summary import kind_of

_RECENT = 300.0
"""Seconds over which the rate is taken."""

_STEP = 1.0  # seconds between two points of its curve

_LISTED = 20  # at most, of what runs, of what failed, and of files
_EXAMPLES = 3  # of regions that failed for one reason


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
    unsaved
        What says why no worker could save a source, by the task that should have.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.state = RunState(run)
        self.failed: dict[int, JournalEntry] = {}
        self.unsaved: dict[int, JournalEntry] = {}
        self._run = run
        self._over = self._size_over = self._saved = 0
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
        if self._run.closes[entry.task]:
            self._saved += bool(self.state.over[entry.task] and entry.part)
            if entry.error is not None:
                self.unsaved.setdefault(entry.task, entry)
            return
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
        return bool(self.state.over.all())

    def report(self) -> str:
        """Tell it all, as text of several lines."""
        if not self._run.task_count:
            why = f"no source could be read, or had regions; to see why: {self._resume}"
            return f"{self._run.path}\n{why}"
        running = sorted(self.state.running.values(), key=lambda entry: entry.time)
        under_way = sum(not self._run.closes[entry.task] for entry in running)
        count = len(self._run.regions)
        said = [
            f"{self._run.path}",
            f"{count:,} regions: {self._over - len(self.failed):,} done, {len(self.failed):,} "
            f"failed, {under_way:,} under way, {count - self._over - under_way:,} waiting",
        ]
        if self._saved:
            said.append(f"{self._saved:,} of {int(self._run.closes.sum()):,} .rwa files are saved")
        if not self.is_over:
            said += self._pace()
        said += _listed([self._running(entry) for entry in running])
        said += _listed(self._failures())
        said += _listed(self.not_saved())
        said += self._results()
        if not self.is_over and all(_is_gone(entry.worker) for entry in running):
            said.append(f"no process is working; to continue: {self._resume}")
        return "\n".join(said)

    def report_of_planning(self) -> str:
        """Tell it of a run whose tasks are to plan one source each."""
        running = sorted(self.state.running.values(), key=lambda entry: entry.time)
        before = int(self._run.sources.min())  # which the process that submits has planned
        count = len(self._run.description["spt_data"]["sources"])
        said = [
            str(self._run.path.parent),
            f"planning: what is to be done in each region is known of "
            f"{before + self._over - len(self.failed):,} of {count:,} files",
        ]
        said += _listed([self._running(entry) for entry in running])
        if running and all(_is_gone(entry.worker) for entry in running):
            said.append("no process is working; to continue, run the script again")
        return "\n".join(said)

    @property
    def _resume(self) -> str:
        return command_for("resume", self._run.path)

    def _results(self) -> list[str]:
        """Tell where results are, and what is left to do about those of a run that is over."""
        names = [source["name"] for source in self._run.description["spt_data"]["sources"]]
        files = (Path(name).with_suffix(".rwa") for name in names)
        there = [str(path) for path in files if path.is_file()]
        said = [f"results: {named(there)}"] if there else []
        if self.is_over and self.failed:
            said.append(f"to try again what failed, and save the rest: {self._resume}")
        elif self.is_over and self._saved < max(1, int(self._run.closes.sum())):
            said.append(f"results that are not in .rwa files yet: {self._resume}")
        return said

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

    def not_saved(self) -> list[str]:
        """Tell which sources no worker could save, and why; results are in the run directory."""
        entries = self.unsaved.values()
        return [f"not saved: {self._source(entry.task)}: {entry.error}" for entry in entries]

    def _failures(self) -> list[str]:
        """Tell why steps have no results, reasons of one kind once, the most frequent first."""
        kinds: dict[tuple[str, str], list[JournalEntry]] = {}
        for entry in self.failed.values():
            kinds.setdefault((entry.state, kind_of(entry.error or "")), []).append(entry)
        said = []
        for entries in sorted(kinds.values(), key=len, reverse=True):
            first = entries[0]
            if len(entries) == 1:
                said.append(self.failure(first))
                continue
            where = "; ".join(self._name(entry) for entry in entries[:_EXAMPLES])
            more = f"; … and {len(entries) - _EXAMPLES:,} more" * (len(entries) > _EXAMPLES)
            said.append(f"{first.state}: {len(entries):,} regions: {first.error}: {where}{more}")
        return said

    def _name(self, entry: JournalEntry) -> str:
        task = self._run.task(entry.task)
        title = step_of(task, entry.step).title
        return ", ".join(filter(None, (self._source(entry.task), task["region"], title)))

    def _source(self, task: int) -> str:
        sources = self._run.description["spt_data"]["sources"]
        name: str = sources[int(self._run.sources[task])]["name"]
        return name


def named(paths: Sequence[str]) -> str:
    """Name files, of many the first."""
    more = len(paths) - _LISTED
    return ", ".join(paths[:_LISTED]) + (f", … and {more:,} more" if more > 0 else "")


def _listed(lines: list[str]) -> list[str]:
    more = len(lines) - _LISTED
    return lines if more <= 0 else [*lines[:_LISTED], f"… and {more:,} more"]


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(max(seconds, 0.0))))


def _place(entry: JournalEntry) -> str:
    return entry.worker if entry.rank is None else f"{entry.worker}, rank {entry.rank}"


def _is_gone(worker: str) -> bool:
    """Whether a worker of this computer has ended; of others nothing is known."""
    host, _, process = worker.rpartition("-")
    # One that has ended may be there, Z, until its parent asks for its exit code: some never do.
    return host == socket.gethostname() and process_state(process) in (None, "Z", "X")
