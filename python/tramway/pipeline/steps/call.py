"""The step that calls a function of the user's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tramway.analyzer.source import Source
from tramway.files import Analysis
from tramway.pipeline.records import Provenance, source_hash
from tramway.runs import Task
from tramway.tessellation import Partition

from .step import Step

if TYPE_CHECKING:
    from tramway.pipeline.worker import Worker


@dataclass(frozen=True, kw_only=True)
class CallStep(Step):
    """Call a function of the user's on one source.

    Attributes
    ----------
    name
        Of the function.
    input
        Where the analyses of the source are.
    """

    kind = "call"

    name: str
    input: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Name of the function."""
        return self.name

    @property
    def labels(self) -> tuple[str, ...]:
        """None: what a function makes it alone knows."""
        return ()

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Partition]
    ) -> tuple[Analysis, list[str]]:
        """Call it; what became of the analyses of the source is the result."""
        function, analyzer = worker.call(task["source"])
        [item] = analyzer.spt_data
        item.analyses = worker.artefact(self.input).whole()
        function(analyzer.pipeline)
        return item.analyses, []

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Replace the analyses of the source by what became of them."""
        self._check(source_hash(item), item.source)
        item.analyses = made.whole()
