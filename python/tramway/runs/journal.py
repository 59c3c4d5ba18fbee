"""What worker processes write down of what they do, each in a journal of its own.

A journal is a text file of one JSON object per line; results are appended to a second file, which
the journal points into. Each file has one writer, who closes it after every line: what is written
there survives the writer, and others see it on a network file system as well. No process needs
another one to be alive.

Each line says what it is about: not the number of a task alone, which is another task in another
plan, but a hash of the task. Lines about anything else than the tasks of the run are no entries.
"""

import json
import logging
import os
import socket
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tramway.errors import DamagedPartError

from .ownership import append, open_own

if TYPE_CHECKING:
    from .directory import RunDirectory

_logger = logging.getLogger(__name__)

State: TypeAlias = Literal["running", "interrupted", "done", "failed", "timed out", "skipped"]
"""What a journal says of a step; of one that is still to do it says nothing."""


_ALWAYS_SAID = {"task", "step", "state", "worker", "time"}


@dataclass(frozen=True, slots=True)
class Part:
    """Where a result is.

    Attributes
    ----------
    file
        Name of the file, relative to the run directory.
    offset, length
        Its bytes.
    checksum
        CRC-32 of them.
    """

    file: str
    offset: int
    length: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Span:
    """New lines in a journal: the bytes from `start` to `end` of the file of that name."""

    journal: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What happened to a step of a task.

    Attributes
    ----------
    task, step
        Numbers of the task within the run, and of the step within the task.
    state
        ``running`` where it begins, and how it ended; ``skipped`` if another step of the task that
        it needs did not end well; ``interrupted`` if whoever began it is no more, as somebody else
        says, who repeats the entry of the beginning.
    worker
        Who did it: host and process.
    time
        When, in seconds since 1970.
    seconds
        How long it took.
    peak_memory
        Most memory that the process ever had, in bytes.
    notes
        Remarks for the user.
    error, traceback
        Why it failed, and where an unexpected error came from.
    part
        Where the result is.
    rank
        Number of the worker in its world of MPI; None outside of one.
    """

    task: int
    step: int
    state: State
    worker: str
    time: float
    seconds: float = 0.0
    peak_memory: int = 0
    notes: tuple[str, ...] = ()
    error: str | None = None
    traceback: str | None = None
    part: Part | None = None
    rank: int | None = None

    @property
    def beginning(self) -> tuple[str, float]:
        """What tells a beginning of a task from others, and is repeated where it is interrupted."""
        return self.worker, self.time

    @property
    def is_end(self) -> bool:
        """Whether the step is over."""
        return self.state not in ("running", "interrupted")

    def as_line(self, subject: str) -> bytes:
        """Write the entry as a line of a journal, with a checksum.

        Parameters
        ----------
        subject
            What the entry is about, :meth:`RunDirectory.subject` of the task.
        """
        # `dataclasses.asdict` copies what is in it, and takes as long as all the rest of a task.
        said = {name: getattr(self, name) for name in _NAMES}
        if self.part is not None:
            said["part"] = {name: getattr(self.part, name) for name in _PART_NAMES}
        said = {name: value for name, value in said.items() if value or name in _ALWAYS_SAID}
        if self.rank is not None:
            said["rank"] = self.rank
        said["of"] = subject
        line = json.dumps(said, separators=(",", ":")).encode()[:-1]
        return line + _CHECKSUM + b"%d}\n" % zlib.crc32(line)

    @classmethod
    def from_line(cls, line: bytes) -> tuple["JournalEntry", str]:
        """Read what :meth:`as_line` wrote: the entry, and what it is about.

        Raises
        ------
        ValueError, TypeError
            If the line is not as it was written.
        """
        written, _, checksum = line.rstrip(b"\n").rpartition(_CHECKSUM)
        if checksum != b"%d}" % zlib.crc32(written):
            raise ValueError("a damaged line")
        said: dict[str, Any] = json.loads(written + b"}")
        subject = str(said.pop("of"))
        if "part" in said:
            said["part"] = Part(**said["part"])
        said["notes"] = tuple(said.get("notes", ()))
        return cls(**said), subject


_CHECKSUM = b',"crc":'  # the last thing that a line says
_NAMES = [field.name for field in fields(JournalEntry)]
_PART_NAMES = [field.name for field in fields(Part)]


class Journal:
    """The journal of this process in a run.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: "RunDirectory") -> None:
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


def store(folder: Path, file: str, content: bytes) -> Part:
    """Append a content to a file of a run directory, and tell where it is."""
    offset = append(folder / file, content)
    return Part(file, offset, len(content), zlib.crc32(content))


def load(folder: Path, part: Part) -> bytes:
    """Read a content.

    Raises
    ------
    DamagedPartError
        If it is not there as it was written.
    """
    path = folder / part.file
    try:
        with open_own(path) as file:
            file.seek(part.offset)
            content = file.read(part.length)
    except FileNotFoundError:
        raise DamagedPartError(f"{path} is missing: the result has to be made again") from None
    if len(content) != part.length or zlib.crc32(content) != part.checksum:
        raise DamagedPartError(
            f"{path} is damaged: {part.length} bytes from {part.offset} are not those that were "
            "written, the result has to be made again"
        )
    return content


class JournalReader:
    """Reads all journals of a run, as they grow.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: "RunDirectory") -> None:
        self._run = run
        self._folder = run.path / "journal"
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
            if self._run.has(entry.task, entry.step) and self._run.subject(entry.task) == subject:
                return entry
        except (ValueError, TypeError, KeyError):
            return (
                None  # damaged, or two lines in one: a worker of that name was killed in the first
            )
        _logger.warning("%s: a line is not about this run, it is left out", self._folder)
        return None
