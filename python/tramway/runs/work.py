"""What an environment is given, and what it has to do with it.

The pipeline and the environments meet here and know nothing else of each other: the pipeline writes
a run directory and provides one function that does one task of it; an environment decides in which
process that function is called.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Protocol, TypeAlias, runtime_checkable

from tramway.attributes import text

from .directory import RunDirectory
from .journal import JournalEntry


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


@runtime_checkable
class Environment(Protocol):
    """Where tasks are done."""

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks of those numbers, in the given order of preference.

        Yields what becomes known of their steps: each that ended, once. Closing the generator stops
        the work: what is not finished is given up.
        """
        ...

    def is_running(self, run: RunDirectory) -> bool:
        """Whether the run goes on by itself, elsewhere: started by a process that has left it."""
        ...


_override: Environment | None = None


@contextmanager
def environment_override(environment: Environment) -> Iterator[None]:
    """Have every run in the block done in an environment, whichever its analyzer has."""
    global _override
    before, _override = _override, environment
    try:
        yield
    finally:
        _override = before


def overriding_environment() -> Environment | None:
    """Environment in which every run is done at present; None: the analyzer's own."""
    return _override


def script_name(value: str | PathLike[str] | None) -> str | None:
    """Check what was given as the name of a script or notebook."""
    return None if value is None else text("script", fspath(value))
