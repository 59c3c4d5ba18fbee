"""Reading journals, while others write them.

Lines about anything else than the tasks of the run are no entries.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .entry import JournalEntry
from .ownership import open_own

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Span:
    """New lines in a journal: the bytes from `start` to `end` of the file of that name."""

    journal: str
    start: int
    end: int


class JournalReader:
    """Reads all journals of a run, as they grow.

    Parameters
    ----------
    folder
        Where they are.
    is_of_run
        Whether an entry is about a task of the run, given the hash of the task that it says.
    """

    def __init__(self, folder: Path, is_of_run: Callable[[JournalEntry, str], bool]) -> None:
        self._folder = folder
        self._is_of_run = is_of_run
        self._read: dict[str, int] = {}

    def new(self) -> list[JournalEntry]:
        """Entries that were not there at the last call, those of one worker in order.

        A line that a worker was killed in, or is still writing, is no entry.
        """
        entries = []
        with os.scandir(self._folder) as files:
            grown = sorted(
                (file.name, file.stat().st_size)
                for file in files
                if file.stat().st_size > self._read.get(file.name, 0)
            )
        for name, size in grown:
            start = self._read.get(name, 0)
            found, self._read[name] = self._entries(name, start, size)
            entries += found
        return entries

    def at(self, span: Span) -> list[JournalEntry]:
        """Entries of a part of one journal; :meth:`new` will not give them again."""
        entries, end = self._entries(span.journal, span.start, span.end)
        if self._read.get(span.journal, 0) == span.start:
            self._read[span.journal] = end
        return entries

    def _entries(self, name: str, start: int, end: int) -> tuple[list[JournalEntry], int]:
        """Entries of the complete lines between two places, and where the last of them ends."""
        with open_own(self._folder / name) as file:
            file.seek(start)
            content = file.read(end - start)
        length = content.rfind(b"\n") + 1
        entries = map(self._parsed, content[:length].splitlines())
        return [entry for entry in entries if entry is not None], start + length

    def _parsed(self, line: bytes) -> JournalEntry | None:
        try:
            entry, subject = JournalEntry.from_line(line)
            if self._is_of_run(entry, subject):
                return entry
        except (ValueError, TypeError, KeyError):
            return (
                None  # damaged, or two lines in one: a worker of that name was killed in the first
            )
        _logger.warning("%s: a line is not about this run, it is left out", self._folder)
        return None
