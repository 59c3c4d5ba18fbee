"""How far a run has come, as its journals say."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from .directory import RunDirectory
from .entry import JournalEntry
from .part import Part


class RunState:
    """How far the tasks of a run have come.

    Workers write down what they do each in a journal of its own, and nobody knows in which order
    the lines of different journals come to be seen: the state does not depend on it.

    Parameters
    ----------
    run
        The run.
    entries
        What its journals say so far.

    Attributes
    ----------
    over
        Whether nothing is left to do for each task, bool (n_tasks,).
    interruptions
        How often a worker began each task and did not live to end it, int32 (n_tasks,).
    running
        What was begun and is not over, by task; also where the worker has died meanwhile.
    counts
        Number of steps by how they ended.
    """

    def __init__(self, run: RunDirectory, entries: Iterable[JournalEntry] = ()) -> None:
        self._step_counts = run.step_counts
        self._order = run.order
        self.over = np.zeros(run.task_count, np.bool_)
        self.interruptions = np.zeros(run.task_count, np.int32)
        self.running: dict[int, JournalEntry] = {}
        self.counts: Counter[str] = Counter()
        self._ended: dict[int, dict[int, Part | None]] = {}
        self._sources, self._closes = run.sources, run.closes
        closing = np.flatnonzero(run.closes)
        self._closing: dict[int, int] = dict(
            zip(run.sources[closing].tolist(), closing.tolist(), strict=True)
        )
        # Of sources that are to be closed: number of tasks that are not over, and what others made.
        self._left = Counter(run.sources[~run.closes].tolist()) if self._closing else Counter()
        self._made: dict[int, dict[int, dict[int, Part | None]]] = {}
        self._interrupted: dict[int, set[tuple[str, float]]] = {}  # beginnings, by task
        for entry in entries:
            self.update(entry)

    def update(self, entry: JournalEntry) -> bool:
        """Take note of an entry.

        Returns
        -------
        bool
            Whether it is news: how a step ended is said twice if its worker died soon after.
        """
        task = entry.task
        if self.over[task]:
            return False
        if entry.state == "running":
            return self._begin(entry)
        if entry.state == "interrupted":
            return self._interrupt(entry)
        ended = self._ended.setdefault(task, {})
        if entry.step in ended:
            return False
        ended[entry.step] = entry.part
        self.counts[entry.state] += 1
        if len(ended) == self._step_counts[task]:
            self.over[task] = True
            self.running.pop(task, None)
            self._note_end(task, self._ended.pop(task))
            self._interrupted.pop(task, None)
        return True

    def _note_end(self, task: int, ended: dict[int, Part | None]) -> None:
        source = int(self._sources[task])
        if self._closes[task]:
            self._made.pop(source, None)
        elif source in self._closing:
            self._left[source] -= 1
            self._made.setdefault(source, {})[task] = ended

    def closing_of(self, task: int) -> int | None:
        """Task that closes the source of a task, and is due; None if there is none."""
        closing = self._closing.get(int(self._sources[task]))
        is_due = closing is not None and not self._left[int(self._sources[task])]
        return closing if is_due and not self.over[closing] else None

    def made_before(self, closing: int) -> list[tuple[int, int, Part]]:
        """List the results of a source that a task is to close: task, step, and where it is."""
        made = self._made.get(int(self._sources[closing]), {})
        return [
            (task, step, part)
            for task, ended in sorted(made.items())
            for step, part in sorted(ended.items())
            if part is not None
        ]

    def _begin(self, entry: JournalEntry) -> bool:
        """Note that a worker began a task; tell whether that is news."""
        task, other = entry.task, self.running.get(entry.task)
        if entry.beginning in self._interrupted.get(task, ()):
            return False
        if other is None:
            self.running[task] = entry
            return True
        if other.beginning == entry.beginning:
            return False
        # Begun again: whoever began it first is no more.
        first, self.running[task] = sorted(
            (other, entry), key=lambda begun: (begun.time, begun.worker)
        )
        return self._interrupt(first)

    def _interrupt(self, begun: JournalEntry) -> bool:
        """Note that the worker that began a task is no more; tell whether that is news."""
        task = begun.task
        known = self._interrupted.setdefault(task, set())
        if begun.beginning in known:
            return False
        known.add(begun.beginning)
        self.interruptions[task] = len(known)
        if task in self.running and self.running[task].beginning == begun.beginning:
            del self.running[task]
        return True

    def ended_steps(self, task: int) -> Mapping[int, Part | None]:
        """Results of the steps that have ended, by step, of a task that is not over."""
        return self._ended.get(task, {})

    def begun(self, tasks: Iterable[int]) -> dict[int, dict[int, Part | None]]:
        """Results of the steps that have ended, of those of some tasks that have any."""
        return {task: dict(self._ended[task]) for task in tasks if task in self._ended}

    def steps_left(self, task: int) -> list[int]:
        """List the steps of a task that have not ended."""
        ended = self._ended.get(task, {})
        return [step for step in range(self._step_counts[task]) if step not in ended]

    def interrupt(self, tasks: Iterable[int]) -> None:
        """Note that the workers of some tasks, if they were begun, are no more."""
        for task in tasks:
            if task in self.running:
                self._interrupt(self.running[task])

    def unfinished(self) -> list[int]:
        """Tasks to start: as :attr:`RunDirectory.order`, but those last that a worker died of."""
        left = self._order[~self.over[self._order]]
        found: list[int] = left[np.argsort(self.interruptions[left], kind="stable")].tolist()
        return found
