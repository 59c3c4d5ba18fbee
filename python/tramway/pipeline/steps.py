"""The steps that tasks consist of: how each is planned, done, and its result taken in."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn, Self

import pandas as pd

from tramway.analyzer.region import areas_of, region_facts
from tramway.analyzer.sampler import sample
from tramway.analyzer.source import Source, StreamedFile
from tramway.analyzer.stages import Infer, Label, RegionStage, Tessellate
from tramway.analyzer.summed_sampling import check_summable, sample_blocks
from tramway.analyzer.tesseller import displaced
from tramway.data import Area, discard_static
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, Record, content_hash
from tramway.files.rwa import is_intact
from tramway.inference import Maps
from tramway.runs import Task, made_before
from tramway.tessellation import Partition

from .data import Data
from .records import (
    Provenance,
    has_finished_maps,
    is_there,
    record_of,
    source_hash,
)

if TYPE_CHECKING:
    from tramway.analyzer import RWAnalyzer

    from .worker import Worker


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
        return _hash_at(tree, self.labels) not in (None, self.of, self.replaces)

    @classmethod
    @abstractmethod
    def plan(
        cls, stage: Any, provenance: Provenance, data: Data, planned: dict[str, Record]
    ) -> Plan:
        """Find out what a stage has to do for a region.

        Parameters
        ----------
        stage
            The stage, of the same name as the step.
        provenance
            Has the settings.
        data
            The region.
        planned
            Samplings that steps before this one will have made, each with its record; one that this
            step will make is added.
        """


@dataclass(frozen=True, kw_only=True)
class TessellateStep(RegionStep):
    """Cut a region into cells and assign its translocations to them.

    Attributes
    ----------
    discarded_below
        Mean squared displacement, µm², below which translocations are left out; None: none are.
    is_summed
        Whether the source is streamed as a whole, into sums over cells.
    """

    kind = "tessellate"
    makes_sampling = True

    discarded_below: float | None
    is_summed: bool = False

    @classmethod
    def plan(
        cls, stage: Tessellate, provenance: Provenance, data: Data, planned: dict[str, Record]
    ) -> Plan:
        """Make the sampling, unless it is there."""
        item, region = data.item, data.region
        if item.is_summed:
            analyzer = provenance.analyzer
            check_summable(analyzer.tesseller, analyzer.time, analyzer.sampler)
        (label,) = target_of(stage, provenance.analyzer, region.label)
        min_msd = item.static_threshold if stage.discard_static_trajectories else None
        record = provenance.sampling_record(region.label, data.bounds, min_msd, data.digest())
        planned[label] = record
        if is_there(item.analyses, label, record):
            return Plan(None, message=f"sampling {label!r} is up to date")
        step = cls(
            sampling=label,
            discarded_below=min_msd,
            is_summed=item.is_summed,
            of=record.hash,
            replaces=_hash_at(item.analyses, (label,)),
        )
        return Plan(step)

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Partition]
    ) -> tuple[Partition, list[str]]:
        """Make the sampling; say how many translocations were discarded."""
        areas = areas_of(task["box"])
        if self.is_summed:
            partition, notes = self._sum(worker, task)
        else:
            partition, notes = self._sample(worker, task, areas)
        partition.param["roi"] = region_facts(task["region"], areas)
        samplings[self.sampling] = partition
        return partition, notes

    def _sum(self, worker: "Worker", task: Task) -> tuple[Partition, list[str]]:
        item = worker.source(task["source"])
        assert isinstance(item, StreamedFile)
        _check_data(item.file_hash(), task["hash"])
        summed, left_out = sample_blocks(
            item.track_blocks, worker.tesseller, worker.time, worker.sampler, self.discarded_below
        )
        return summed, [f"{left_out} translocations discarded: static"] if left_out else []

    def _sample(
        self, worker: "Worker", task: Task, areas: Sequence[Area]
    ) -> tuple[Partition, list[str]]:
        points = worker.trajectories(task["source"]).translocations(areas)
        _check_data(content_hash(points), task["hash"])
        notes = []
        if self.discarded_below is not None:
            kept = discard_static(points, self.discarded_below)
            before, after = len(displaced(points)), len(displaced(kept))
            notes.append(f"{before - after} of {before} translocations discarded: static")
            points = kept
        return sample(points, worker.tesseller, worker.time, worker.sampler), notes

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Put the sampling below the root, with its record."""
        record = provenance.sampling_record(
            task["region"], task["box"], self.discarded_below, task["hash"]
        )
        self._check(record.hash, "the analysis")
        item.analyses.add(made, self.sampling, record=record)


@dataclass(frozen=True, kw_only=True)
class InferStep(RegionStep):
    """Infer the maps of a sampling.

    Attributes
    ----------
    maps
        Label of the maps.
    localization_precision, exposure_time
        See :class:`tramway.analyzer.source.Imaging`.
    tracks
        Hash of the whole tracks that have translocations in the region, for a model that takes
        them; None: there are those of the sampling alone.
    """

    kind = "infer"

    maps: str
    localization_precision: float | str
    exposure_time: float
    tracks: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the sampling and of the maps."""
        return self.sampling, self.maps

    @classmethod
    def plan(
        cls, stage: Infer, provenance: Provenance, data: Data, planned: dict[str, Record]
    ) -> Plan:
        """Make the maps, unless they are there."""
        item, region = data.item, data.region
        sampling_label, label = target_of(stage, provenance.analyzer, region.label)
        tracks = data.digest_of_tracks() if provenance.analyzer.mapper.takes_tracks else None
        step = cls(
            sampling=sampling_label,
            maps=label,
            tracks=tracks,
            replaces=_hash_at(item.analyses, (sampling_label, label)),
            **provenance.imaging(item)._asdict(),
        )
        tree = item.analyses
        node = tree.get_child(sampling_label) if sampling_label in tree else None
        record = planned.get(sampling_label)
        is_made_anew = record is not None and (node is None or node.record != record)
        if record is not None and is_made_anew:
            maps = provenance.map_record(item, record, tracks)
            return Plan(replace(step, of=maps.hash))
        if node is not None and record is None and not is_intact(node):
            node = None  # nobody has looked at it before
        if node is None:
            raise MissingResultError(
                f"there is no sampling {sampling_label!r}: run stages.tessellate() first; there "
                f"are {', '.join(map(repr, tree)) or 'none'}"
            )
        maps = provenance.map_record(item, node.record or record_of(_sampling_of(node)), tracks)
        are_unknown = data.trajectories is None
        if not stage.overwrite and has_finished_maps(node, label, maps, of_any_tracks=are_unknown):
            return Plan(None, message=f"maps {label!r} are up to date")
        return Plan(replace(step, of=maps.hash), start=_sampling_of(node))

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Partition]
    ) -> tuple[Maps, list[str]]:
        """Make the maps."""
        if self.input is not None:
            samplings[self.sampling] = worker.artefact(self.input)
        partition = samplings[self.sampling]
        if self.tracks is not None:
            trajectories = worker.trajectories(task["source"])
            columns = trajectories.columns_of_tracks(areas_of(task["box"]))
            _check_data(content_hash(columns), self.tracks)
            partition = replace(partition, find_trajectories=lambda: pd.DataFrame(columns))
        maps = worker.mapper.infer(partition, self.localization_precision, self.exposure_time)
        return maps, []

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Put the maps below their sampling, with their record."""
        sampling = item.analyses[self.sampling]
        of = sampling.record or record_of(sampling.data)
        record = provenance.map_record(item, of, self.tracks)
        self._check(record.hash, f"the sampling {self.sampling!r}")
        sampling.add(made, self.maps, record=record)


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


_REGION_STEPS: dict[str, type[RegionStep]] = {
    kind.kind: kind for kind in (TessellateStep, InferStep)
}
_STEPS: dict[str, type[Step]] = {
    **_REGION_STEPS,
    **{kind.kind: kind for kind in (CallStep, GatherStep, SaveStep)},
}


def _hash_at(tree: Analysis, labels: tuple[str, ...]) -> str | None:
    """Hash of the record of what has labels, one below the other; None: there is none."""
    node = tree
    for label in labels:
        if label not in node:
            return None
        node = node[label]
    return None if node.record is None else node.record.hash


def _sampling_of(node: Analysis) -> Partition:
    """Give the sampling of a node, which is read now if it was not before."""
    if not isinstance(node.data, Partition):
        raise InvalidInputError(
            f"{node.label!r} is a {type(node.data).__name__}, expected a sampling"
        )
    return node.data


def step_of(task: Task, number: int) -> Step:
    """Step of a task, by its number."""
    plain = task["steps"][number]
    return _STEPS[plain["do"]].from_plain(plain)


def plan_of(
    stage: RegionStage, provenance: Provenance, data: Data, planned: dict[str, Record]
) -> Plan:
    """Find out what a stage has to do for a region; see :meth:`RegionStep.plan`."""
    return _REGION_STEPS[stage.name].plan(stage, provenance, data, planned)


def target_of(stage: RegionStage, analyzer: "RWAnalyzer", region: str) -> tuple[str, ...]:
    """Labels of what a stage makes for a region: of the sampling, and of the maps."""
    if isinstance(stage, Tessellate):
        return (label_for(stage.label, region),)
    assert isinstance(stage, Infer)
    maps = analyzer.mapper.plugin if stage.map_label is None else label_for(stage.map_label, region)
    return label_for(stage.sampling_label, region), maps


def has_own_labels(stage: RegionStage) -> bool:
    """Whether labels were given for what a stage makes, in place of those of the regions."""
    given = [stage.label] if isinstance(stage, Tessellate) else []
    if isinstance(stage, Infer):
        given = [stage.sampling_label, stage.map_label]
    return any(label is not None for label in given)


def _check_data(seen: str, planned: str) -> None:
    """Refuse other data than those that a task was planned with, by their hashes."""
    if seen != planned:
        raise InvalidInputError(
            "the data are not those that the run was planned with: they changed meanwhile, or "
            "differ on this computer; run again"
        )


def label_for(label: Label, region: str) -> str:
    """Label for a region of that label: the same by default."""
    if label is None:
        return region
    return label(region) if callable(label) else label
