"""What a run knows of the one that it continues: which tasks workers died of."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from tramway.errors import InvalidInputError

from .directory import RunDirectory
from .journal import Journal, JournalEntry
from .state import RunState

Region: TypeAlias = tuple[int, str]
"""Number of a source, and label of a region of it: they stay when tasks are planned anew."""


def unended(path: Path) -> list[tuple[Region, JournalEntry]]:
    """Find the tasks of a run directory that were begun and did not end.

    Parameters
    ----------
    path
        Of the directory; there need not be one.

    Returns
    -------
    list
        What its journals say of the beginnings, in their order.
    """
    try:
        run = RunDirectory(path)
    except InvalidInputError:
        return []
    entries = run.entries()
    state = RunState(run, entries)
    found = [entry for entry in entries if not (entry.is_end or state.over[entry.task])]
    return [(_region(run, entry.task), entry) for entry in found]


def inherit(run: RunDirectory, begun: Sequence[tuple[Region, JournalEntry]]) -> None:
    """Write into a new run what :func:`unended` found in the one that it continues."""
    if not begun:
        return
    regions = {region for region, _ in begun}
    numbers = {}
    for number in range(run.task_count):
        region = _region(run, number)
        if region in regions:
            numbers[region] = number
    Journal(run.path).write(
        replace(entry, task=numbers[region], step=0) for region, entry in begun if region in numbers
    )


def _region(run: RunDirectory, number: int) -> Region:
    task = run.task(number)
    return task["source"], task["region"]
