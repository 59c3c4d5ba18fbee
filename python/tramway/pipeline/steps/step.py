"""What steps have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from tramway.analyzer.source import Source
from tramway.errors import InvalidInputError
from tramway.files import Analysis, Record
from tramway.pipeline.data import Data
from tramway.pipeline.records import Provenance
from tramway.runs import Task
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from tramway.pipeline.worker import Worker


class Plan(NamedTuple):
    """What a stage has to do for one region.

    Attributes
    ----------
    step
        The work; None if nothing is to be done.
    start
        What it starts from, where that is in no file and no step before this one makes it.
    message
        Why nothing is to be done.
    """

    step: "Step | None"
    start: Any = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """Part of a task. The fields are what the run directory says of it, as plain data.

    Attributes
    ----------
    kind
        Which of the steps it is, in the run directory.
    makes_sampling
        Whether what it makes is the sampling that steps after it start from.
    sampling
        Label of the sampling that it makes, or starts from.
    input
        Where in the run directory that is which it starts from; None if that is made by a step
        before it, or read from the source.
    of
        Hash of all that decides what is made, as it was planned. It has to be the same where the
        result is taken in, which may be much later, and by another process.
    """

    kind: ClassVar[str]
    makes_sampling: ClassVar[bool] = False

    sampling: str
    input: Mapping[str, Any] | None = None
    of: str = ""

    @property
    def title(self) -> str:
        """What it is called in logs and summaries."""
        return self.kind

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of what it makes, as :func:`target_of` gives them."""
        return (self.sampling,)

    @abstractmethod
    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Partition]
    ) -> tuple[Any, list[str]]:
        """Do it, in a worker process; return what was made, and remarks for the user.

        Parameters
        ----------
        worker
            Has what tasks of the run have in common.
        task
            The task that it is a step of.
        samplings
            What steps before it made, by label.
        """

    @abstractmethod
    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Put what was made into the analysis tree of its source.

        Raises
        ------
        InvalidInputError
            If it was made of something else than what is there now.
        """

    def _check(self, of: str, changed: str) -> None:
        """Refuse a result of something else than what it would be taken for."""
        if of != self.of:
            raise InvalidInputError(
                f"{self.title}: {changed} is not what it was when this was planned; run again"
            )

    def as_plain(self) -> dict[str, Any]:
        """Say it as a line of ``tasks.jsonl`` does."""
        return {"do": self.kind, **vars(self)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Make the step that :meth:`as_plain` described."""
        return cls(**{name: value for name, value in plain.items() if name != "do"})


@dataclass(frozen=True, kw_only=True)
class RegionStep(Step):
    """Step of a task that is about a region, as a stage of the same name wants it.

    Attributes
    ----------
    replaces
        Hash of the record of what has its labels already, as it was planned; None: of nothing.
    """

    replaces: str | None = None

    def is_overtaken(self, tree: Analysis) -> bool:
        """Whether another analysis has made something of these labels since this was planned."""
        return hash_at(tree, self.labels) not in (None, self.of, self.replaces)

    @classmethod
    @abstractmethod
    def plan(
        cls,
        stage: Any,
        target: tuple[str, ...],
        provenance: Provenance,
        data: Data,
        planned: dict[str, Record],
    ) -> Plan:
        """Find out what a stage has to do for a region.

        Parameters
        ----------
        stage
            The stage, of the same name as the step.
        target
            Labels of what it makes, as :func:`target_of` gives them.
        provenance
            Has the settings.
        data
            The region.
        planned
            Samplings that steps before this one will have made, each with its record; one that this
            step will make is added.
        """


def hash_at(tree: Analysis, labels: tuple[str, ...]) -> str | None:
    """Hash of the record of what has labels, one below the other; None: there is none."""
    node = tree
    for label in labels:
        if label not in node:
            return None
        node = node[label]
    return None if node.record is None else node.record.hash


def check_data(seen: str, planned: str) -> None:
    """Refuse other data than those that a task was planned with, by their hashes."""
    if seen != planned:
        raise InvalidInputError(
            "the data are not those that the run was planned with: they changed meanwhile, or "
            "differ on this computer; run again"
        )
