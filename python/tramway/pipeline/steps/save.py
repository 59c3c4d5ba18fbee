"""The steps of the task that saves a source, its last."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from tramway.analyzer.source import Source
from tramway.errors import MissingResultError
from tramway.pipeline.records import Provenance
from tramway.runs import Task, made_before

from .step import Step

if TYPE_CHECKING:
    from tramway.pipeline.worker import Worker


@dataclass(frozen=True, kw_only=True)
class GatherStep(Step):
    """Find what all other tasks of a source made: the one that deals them out has done it."""

    kind = "gather"
    makes_sampling = True

    sampling: str = ""

    @property
    def title(self) -> str:
        """Name of what it is for."""
        return SaveStep.kind

    def do(self, worker: "Worker", task: Task, samplings: dict[str, Any]) -> NoReturn:
        """Refuse: nobody here knows it."""
        raise MissingResultError("it is not known any more what there is to save")

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Nothing: this is in no tree."""


@dataclass(frozen=True, kw_only=True)
class SaveStep(Step):
    """Save what all other tasks of a source made.

    Attributes
    ----------
    datafile
        The source, as the file is to name it.
    """

    kind = "save"

    sampling: str = ""
    datafile: str

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Any]
    ) -> tuple[list[tuple[int, int, str]], list[str]]:
        """Save it; tell what was refused, by task and step, and why."""
        return worker.save(task["source"], made_before(samplings[self.sampling]), self.datafile)

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Nothing: it is saved."""
