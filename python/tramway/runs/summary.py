"""What a run did, task by task."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import Literal, TypeAlias

from tramway.display import html_table

_NUMBER = re.compile(r"\d[\d.,]*")
_MOST_ROWS = 100  # of the table in a notebook

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
    labels
        Those of what was to be made: of the sampling, and of the maps if it was these.

    Examples
    --------
    >>> print(TaskRecord("infer", "movie.txt", "roi000", "failed", message="no translocation"))
    infer: movie.txt, roi000: no translocation
    """

    stage: str
    source: str
    region: str
    status: Status
    seconds: float = 0.0
    message: str = ""
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

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

    Examples
    --------
    >>> summary = RunSummary([TaskRecord("infer", "movie.txt", "roi000", "done", 0.2)])
    >>> summary
    <RunSummary: 1 tasks done, 0 skipped, 0 failed>
    >>> summary.failed
    []
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

    def grouped_notes(self) -> list[str]:
        """List one remark of each kind, the first, and how many more tasks it is made of."""
        counts = Counter(kind_of(note) for record in self.records for note in record.notes)
        first: dict[str, str] = {}
        for record in self.records:
            for note in record.notes:
                first.setdefault(kind_of(note), f"{record.source}, {record.region}: {note}")
        return self.notes + [
            note + (f" ({counts[kind] - 1} more like it)" if counts[kind] > 1 else "")
            for kind, note in first.items()
        ]

    def _counts(self) -> str:
        return (
            f"{len(self.done)} tasks done, {len(self.skipped)} skipped, {len(self.failed)} failed"
        )

    def __str__(self) -> str:
        lines = [self._counts()]
        lines += [f"failed: {record}" for record in self.failed]
        lines += [f"note: {note}" for note in self.grouped_notes()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<RunSummary: {self._counts()}>"

    def _repr_html_(self) -> str:
        records = self.failed + self.done + self.skipped
        rows = (
            (
                record.status,
                record.stage,
                record.source,
                record.region,
                f"{record.seconds:.2f}",
                "; ".join(filter(None, (record.message, *record.notes))),
            )
            for record in records[:_MOST_ROWS]
        )
        header = ("status", "stage", "source", "region", "s", "remarks")
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        more = len(records) - _MOST_ROWS
        rest = f"<p>and {more:,} more, in <code>.records</code></p>" if more > 0 else ""
        return f"<p>{self._counts()}</p>{notes}{html_table(rows, header)}{rest}"


def kind_of(note: str) -> str:
    """Give what remarks have in common that differ in numbers only."""
    return _NUMBER.sub("#", note)
