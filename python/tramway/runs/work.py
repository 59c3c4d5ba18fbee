"""What a worker is given to do, and what it tells of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .directory import RunDirectory


@dataclass(frozen=True)
class Outcome:
    """What came of one step of a task.

    Attributes
    ----------
    step
        Its number within the task.
    seconds
        How long it took.
    result
        What was made, as bytes; None if the step failed, or was skipped.
    notes
        Remarks for the user: warnings, and how many data were left out.
    error
        Why the step failed, or was skipped; None otherwise.
    traceback
        Where an unexpected error came from; None for the errors of :mod:`tramway.errors`.
    is_skipped
        Whether it was not tried, since a step before it failed.
    """

    step: int
    seconds: float
    result: bytes | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    traceback: str | None = None
    is_skipped: bool = False


Task: TypeAlias = dict[str, Any]
"""One region of one source, and the steps to do on it in turn: a line of ``tasks.jsonl``."""

Work: TypeAlias = Callable[[RunDirectory, Task, Mapping[int, bytes | None]], Iterator[Outcome]]
"""Does the steps of a task, given the results of those that are over (None: without one).

It is a module's function: other processes find it by name."""
