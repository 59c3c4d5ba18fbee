"""The step that plans the tasks of a source, in a run of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tramway.analyzer.source import Source
from tramway.pipeline.planned_source import PlannedSource
from tramway.pipeline.records import Provenance
from tramway.runs import Task

from .step import Step

if TYPE_CHECKING:
    from tramway.pipeline.worker import Worker


@dataclass(frozen=True, kw_only=True)
class PlanStep(Step):
    """Plan the tasks of a source.

    Attributes
    ----------
    datafile
        The source, as the script calls it.
    lost
        Labels of the regions where an earlier stage made nothing to go on with.
    workers_save
        Whether workers save what is made of it.
    """

    kind = "plan"

    sampling: str = ""
    datafile: str
    lost: Sequence[str]
    workers_save: bool

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Any]
    ) -> tuple[PlannedSource, list[str]]:
        """Plan them."""
        planned = worker.plan(
            task["source"], self.datafile, self.lost, workers_save=self.workers_save
        )
        return planned, []

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Nothing: this is in no tree."""
