"""What worker processes write down of what they do, each in a journal of its own.

A journal is a text file of one JSON object per line; results are appended to a second file, which
the journal points into. Each file has one writer, who closes it after every line: what is written
there survives the writer, and others see it on a network file system as well. No process needs
another one to be alive.
"""

import os
import socket
from collections.abc import Iterable

from .directory import RunDirectory
from .entry import JournalEntry
from .journal_reader import Span
from .ownership import append
from .part import Part, store


class Journal:
    """The journal of this process in a run.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.worker = worker_name()
        self.name = f"{self.worker}.jsonl"
        self._run = run
        self._path = run.path / "journal" / self.name
        self._parts = f"parts/{self.worker}.parts"

    def write(self, entries: Iterable[JournalEntry]) -> Span:
        """Append entries.

        Raises
        ------
        OSError
            If there is no room; the journal is then as it was.
        """
        lines = b"".join(entry.as_line(self._run.subject(entry.task)) for entry in entries)
        start = append(self._path, lines)
        return Span(self.name, start, start + len(lines))

    def store(self, content: bytes) -> Part:
        """Append a result.

        Raises
        ------
        OSError
            If there is no room; the file is then as it was.
        """
        return store(self._run.path, self._parts, content)


def worker_name() -> str:
    """Name of this process among all that take part in a run."""
    return f"{socket.gethostname()}-{os.getpid()}"
