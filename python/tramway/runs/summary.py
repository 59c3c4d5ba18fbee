"""What a run did, task by task."""

from dataclasses import dataclass, field
from html import escape
from typing import Literal, TypeAlias

from tramway.display import html_table

Status: TypeAlias = Literal["done", "skipped", "failed", "timed out"]


@dataclass(frozen=True, slots=True)
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
        parameters), ``failed`` or ``timed out``.
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
        return self.with_status("failed") + self.with_status("timed out")

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
        rows = (
            (
                record.status,
                record.stage,
                record.source,
                record.region,
                f"{record.seconds:.2f}",
                "; ".join(filter(None, (record.message, *record.notes))),
            )
            for record in self.failed + self.done + self.skipped
        )
        header = ("status", "stage", "source", "region", "s", "remarks")
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p>{self._counts()}</p>{notes}{html_table(rows, header)}"
