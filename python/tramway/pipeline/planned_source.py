"""What planning finds out about one source, in whichever process it is done."""

from dataclasses import dataclass, field
from typing import NamedTuple

from tramway.runs import Part, PlannedTask, Status, WrittenTasks


class Remark(NamedTuple):
    """A step that need not, or cannot, be done.

    Attributes
    ----------
    stage
        Name of the stage.
    region
        Label; empty for all of the source.
    status
        ``skipped`` or ``failed``.
    message
        Why.
    labels
        Those of what was to be made.
    traceback
        Where an unexpected error came from.
    is_lost
        Whether later stages have nothing to go on with.
    """

    stage: str
    region: str
    status: Status
    message: str
    labels: tuple[str, ...] = ()
    traceback: str | None = None
    is_lost: bool = False


@dataclass
class PlannedSource:
    """The tasks of a source, and what there is to say of those that it does not have.

    Attributes
    ----------
    tasks
        Its tasks, unless they are written down.
    written
        Its tasks, if they are written down; None: they are not.
    is_in_file
        Whether workers are to read trajectories, and do so in the file of the source.
    table
        Where the trajectories are that workers are to read, if not there.
    is_without_precision
        Whether maps are to be made, without a localization precision.
    failed_before
        Labels of what an earlier run could not make, as the file of results says.
    remarks
        What need not, or cannot, be done.
    notes
        Remarks that concern the whole source.
    """

    tasks: list[PlannedTask] = field(default_factory=list)
    written: WrittenTasks | None = None
    is_in_file: bool = False
    table: Part | None = None
    is_without_precision: bool = False
    failed_before: list[tuple[str, ...]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def task_count(self) -> int:
        """Number of tasks."""
        return len(self.tasks) if self.written is None else self.written.count

    def written_for(self, analysis: str) -> WrittenTasks:
        """Write the tasks down, unless they are, of the analysis of that hash."""
        return self.written or WrittenTasks.of(analysis, self.tasks)

    def name_source(self, name: str, *, instead_of: str) -> None:
        """Give the source another name in what is said of it."""
        self.notes = [note.replace(instead_of, name) for note in self.notes]
        self.remarks = [
            remark._replace(message=remark.message.replace(instead_of, name))
            for remark in self.remarks
        ]
