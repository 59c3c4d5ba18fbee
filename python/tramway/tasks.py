"""Units of work, what came of them, and what an environment has to do with them.

The analyzer and the environments meet here and know nothing else of each other: the analyzer cuts a
run into :class:`Task` records and provides one function that does one task; an environment decides
in which process that function is called.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from os import PathLike, fspath
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from tramway.attributes import StrictAttributes, text

TaskKey: TypeAlias = tuple[int, str, str]
"""Stage number, source and region: the identity of a task within a run."""

Status: TypeAlias = Literal["done", "skipped", "failed"]


@dataclass(frozen=True)
class Task:
    """One piece of work, small enough to be sent to another process.

    Attributes
    ----------
    stage
        Number of the stage in the pipeline.
    source, region
        Which data: the name of the source, the label of its region.
    size
        Number of translocations; the largest tasks are started first.
    job
        What to do: called with the context of the run. It is plain data with a ``__call__``.
    """

    stage: int
    source: str
    region: str
    size: int
    job: Callable[[Any], Any]

    @property
    def key(self) -> TaskKey:
        """Identity of the task within its run."""
        return self.stage, self.source, self.region


@dataclass(frozen=True)
class Outcome:
    """What came of one task.

    Attributes
    ----------
    key
        The task's identity.
    seconds
        How long it took.
    results
        What was made, by name; empty if the task failed.
    notes
        Remarks for the user: warnings, and how many data were left out.
    error
        Why the task failed; None if it did not.
    traceback
        Where an unexpected error came from; None for the errors of :mod:`tramway.errors`.
    """

    key: TaskKey
    seconds: float
    results: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str | None = None
    traceback: str | None = None


Work: TypeAlias = Callable[[Any, Task], Outcome]
"""Does one task in a given context. It is a module's function: other processes find it by name."""


@runtime_checkable
class Environment(Protocol):
    """Where tasks are done."""

    def execute(
        self, work: Work, context: object, tasks: Sequence[Task]
    ) -> Generator[Outcome, None, None]:
        """Do every task, in the given order of preference; yield each outcome once it is known.

        Closing the generator stops the work: what is not finished is given up.
        """
        ...


class InProcess(StrictAttributes):
    """The environment that is used if no other is set: one task after the other, right here.

    The numeric core may use several threads. The result is the same in every environment.
    """

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "worker_count": "no environment is set, set one first: a.env = environments.LocalHost"
    }

    _script: str | None = None

    @property
    def script(self) -> str | None:
        """The user's script or notebook: accepted for existing scripts, and not used."""
        return self._script

    @script.setter
    def script(self, value: str | PathLike[str] | None) -> None:
        self._script = script_name(value)

    def execute(
        self, work: Work, context: object, tasks: Sequence[Task]
    ) -> Generator[Outcome, None, None]:
        """Do the tasks in order."""
        for task in tasks:
            yield work(context, task)


def script_name(value: str | PathLike[str] | None) -> str | None:
    """Check what was given as the name of a script or notebook."""
    return None if value is None else text("script", fspath(value))


@dataclass(frozen=True)
class TaskRecord:
    """One line of the summary of a run.

    Attributes
    ----------
    stage
        Name of the stage.
    source, region
        Which data; the region is empty where a source failed as a whole.
    status
        ``done``, ``skipped`` (the result was there, made from the same data with the same
        parameters) or ``failed``.
    seconds
        Time the task took; zero if it was not started.
    message
        Why it failed or was skipped.
    notes
        Remarks for the user.
    """

    stage: str
    source: str
    region: str
    status: Status
    seconds: float = 0.0
    message: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.source}, {self.region}" if self.region else self.source
        return f"{self.stage}: {where}: {self.message or self.status}"


@dataclass
class RunSummary:
    """What a run did, task by task.

    Attributes
    ----------
    records
        One per task, in the order in which they ended.
    notes
        Remarks that concern whole sources.
    """

    records: list[TaskRecord] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def with_status(self, status: Status) -> list[TaskRecord]:
        """List the tasks that ended so."""
        return [record for record in self.records if record.status == status]

    @property
    def done(self) -> list[TaskRecord]:
        """Tasks whose result was made in this run."""
        return self.with_status("done")

    @property
    def skipped(self) -> list[TaskRecord]:
        """Tasks whose result was there already."""
        return self.with_status("skipped")

    @property
    def failed(self) -> list[TaskRecord]:
        """Tasks without result."""
        return self.with_status("failed")

    def all_notes(self) -> list[str]:
        """List every remark, each with the data that it concerns."""
        return self.notes + [
            f"{record.source}, {record.region}: {note}"
            for record in self.records
            for note in record.notes
        ]

    def _counts(self) -> str:
        return (
            f"{len(self.done)} tasks done, {len(self.skipped)} skipped, {len(self.failed)} failed"
        )

    def __str__(self) -> str:
        lines = [self._counts()]
        lines += [f"failed: {record}" for record in self.failed]
        lines += [f"note: {note}" for note in self.all_notes()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<RunSummary: {self._counts()}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>"
            + "".join(
                f"<td>{escape(cell)}</td>"
                for cell in (
                    record.status,
                    record.stage,
                    record.source,
                    record.region,
                    f"{record.seconds:.2f}",
                    "; ".join(filter(None, (record.message, *record.notes))),
                )
            )
            + "</tr>"
            for record in self.failed + self.done + self.skipped
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        header = "".join(
            f"<th>{name}</th>" for name in ("status", "stage", "source", "region", "s", "remarks")
        )
        return f"<p>{self._counts()}</p>{notes}<table><tr>{header}</tr>{rows}</table>"
