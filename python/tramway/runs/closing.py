"""Tasks that close a source: to put together what all the others of it have made.

The journals say when all others are over. Whoever deals out the tasks sees it first, and writes
down where their results are, as the first step of the task; a worker does the second with that, and
has to read no journal. Where nobody has dealt it out, or it failed, what was made stays in the
parts.
"""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import TypeAlias

from .directory import RunDirectory
from .entry import JournalEntry
from .journal import Journal
from .part import Part
from .state import RunState

MadeBefore: TypeAlias = tuple[int, int, Part]
"""Number of a task, that of one of its steps, and where the result is."""


class Closing:
    """Deals out the tasks that close sources.

    Parameters
    ----------
    run
        The run.
    state
        How far it has come; it is updated with all that becomes known.
    tasks
        Numbers of the tasks that are to be done; those that close no source are no matter.
    """

    def __init__(self, run: RunDirectory, state: RunState, tasks: Iterable[int]) -> None:
        self._run = run
        self._state = state
        self._held = {task for task in tasks if run.closes[task]}

    def due(self) -> Iterator[JournalEntry]:
        """Begin what is due from the start; see :meth:`after`."""
        for task in sorted(self._held):
            begun = self.after(task)
            if begun is not None:
                yield begun

    def after(self, task: int) -> JournalEntry | None:
        """Begin the task that is due now that another one of its source is over, if it is.

        Returns
        -------
        JournalEntry or None
            How its first step ended, to be told others: the rest of the task can be dealt out.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        """
        closing = self._state.closing_of(task)
        if closing is None or closing not in self._held:
            return None
        self._held.remove(closing)
        journal = Journal(self._run)
        part = self._state.ended_steps(closing).get(0)
        is_known = part is not None
        if part is None:
            part = journal.store(_written(self._state.made_before(closing)))
        entry = JournalEntry(closing, 0, "done", journal.worker, time.time(), part=part)
        if not is_known:
            journal.write([entry])
            self._state.update(entry)
        return entry


def _written(made: Iterable[MadeBefore]) -> bytes:
    return json.dumps([(task, step, astuple(part)) for task, step, part in made]).encode()


def made_before(content: bytes) -> list[MadeBefore]:
    """Read the result of the first step of a task that closes a source."""
    return [(task, step, Part(*part)) for task, step, part in json.loads(content)]
