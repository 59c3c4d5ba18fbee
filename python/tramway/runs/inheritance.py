"""What a run knows of those that it continues: which tasks workers died of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from tramway.errors import DamagedRunError

from .directory import RunDirectory
from .entry import JournalEntry
from .journal import Journal
from .state import RunState

Region: TypeAlias = tuple[int, str]
"""Number of a source, and label of a region of it: they stay when tasks are planned anew."""


def unended(runs: Iterable[RunDirectory]) -> list[tuple[Region, JournalEntry]]:
    """Find the tasks of some runs that were begun and did not end.

    Returns
    -------
    list
        What their journals say of the beginnings, in their order.
    """
    found = []
    for run in runs:
        entries = run.entries()
        state = RunState(run, entries)
        for entry in entries:
            if not (entry.is_end or state.over[entry.task]):
                region = _region(run, entry.task)
                if region is not None:
                    found.append((region, entry))
    return found


def inherit(run: RunDirectory, begun: Sequence[tuple[Region, JournalEntry]]) -> None:
    """Write into a new run what :func:`unended` found in those that it continues."""
    if not begun:
        return
    regions = {region for region, _ in begun}
    numbers = {}
    for number in range(run.task_count):
        region = _region(run, number)
        if region is not None and region in regions:
            numbers[region] = number
    Journal(run).write(
        replace(entry, task=numbers[region], step=0) for region, entry in begun if region in numbers
    )


def _region(run: RunDirectory, number: int) -> Region | None:
    """Region that a task is about; None if it is about all of a source, or its line is damaged."""
    if run.closes[number]:
        return None
    try:
        task = run.task(number)
    except DamagedRunError:
        return None
    return task["source"], task["region"]
