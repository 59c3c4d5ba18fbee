"""Tasks as they are written down in a run directory, by whichever process plans them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .directory import INDEX, subject_of
from .work import Task

_JSON = json.JSONEncoder(separators=(",", ":"))


class PlannedTask(NamedTuple):
    """A task that is to be written down.

    Attributes
    ----------
    task
        It, with its ``source`` and ``steps``.
    size
        How long it takes, in proportion: the number of translocations.
    closes
        Whether it closes its source, and so is due when all others of that are over. Of its two
        steps, whoever deals out the tasks does the first: :class:`tramway.runs.Closing`.
    """

    task: Task
    size: int
    closes: bool = False


@dataclass(frozen=True)
class WrittenTasks:
    """Tasks as they are in the files of a run directory.

    Attributes
    ----------
    lines
        One for each, of ``tasks.jsonl``.
    index
        What ``tasks.npy`` says of them, where the first line begins at 0.
    """

    lines: bytes
    index: bytes

    @classmethod
    def of(cls, analysis: str, tasks: Iterable[PlannedTask]) -> "WrittenTasks":
        """Write tasks down, of the analysis of that hash."""
        lines, index, end = [], [], 0
        for task, size, closes in tasks:
            line = _JSON.encode(task).encode() + b"\n"
            subject = subject_of(analysis, line)
            index.append((end, size, task["source"], len(task["steps"]), closes, subject))
            lines.append(line)
            end += len(line)
        return cls(b"".join(lines), np.array(index, dtype=INDEX).tobytes())

    @property
    def count(self) -> int:
        """Number of tasks."""
        return len(self.index) // INDEX.itemsize
