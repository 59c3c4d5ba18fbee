"""What a line of a journal says.

Each line says what it is about: not the number of a task alone, which is another task in another
plan, but a hash of the task.
"""

import json
import zlib
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from .part import Part

State: TypeAlias = Literal["running", "interrupted", "done", "failed", "timed out", "skipped"]
"""What a journal says of a step; of one that is still to do it says nothing."""


_ALWAYS_SAID = {"task", "step", "state", "worker", "time"}


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
