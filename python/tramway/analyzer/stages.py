"""What a pipeline can consist of: ``a.pipeline.append_stage(stages.tessellate())``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

from tramway.attributes import flag
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, Record, content_hash
from tramway.inference import Maps
from tramway.runs import Task
from tramway.tessellation import Partition

from .region import Region, static_threshold
from .source import Source

if TYPE_CHECKING:
    from .pipeline import Pipeline

__all__ = ["infer", "reload", "tessellate", "tessellate_and_infer"]

Label: TypeAlias = str | Callable[[str], str] | None
"""Label of an artefact, or a function that makes it of the label of the region."""

# Parameters that change how long the inference takes, never what it finds. Maps that a time limit
# cut short are not taken for finished; those that it did not are the same under any limit.
_WITHOUT_INFLUENCE = {"max_runtime", "verbose", "worker_count"}

# How the solver says that a time limit ended it.
_CUT_SHORT = "maximum runtime reached"


class Plan(NamedTuple):
    """What a stage has to do for one region.

    Attributes
    ----------
    target
        Labels of what will be made: of the sampling, and of the maps.
    step
        The work, as plain data; None if nothing is to be done.
    start
        Sampling to start from, where no step before this one makes it.
    message
        Why nothing is to be done.
    """

    target: tuple[str, ...]
    step: dict[str, Any] | None
    start: Partition | None = None
    message: str = ""


class Data:
    """What is in a region, read when it is first asked for.

    Attributes
    ----------
    item, region
        The source and the region in it.
    size
        Number of translocations, as far as they were looked at.
    hash
        Of the translocations; None if nobody looked at them.
    """

    def __init__(self, item: Source, region: Region) -> None:
        self.item = item
        self.region = region
        self.size = 0
        self.hash: str | None = None

    def digest(self) -> str:
        """Hash of the translocations."""
        if self.hash is None:
            points = self.region.crop()
            self.size = len(points)
            self.hash = content_hash(points)
        return self.hash


@dataclass(frozen=True)
class RegionStage:
    """A stage whose work is cut into one step per region.

    Attributes
    ----------
    name
        What it is called in logs and summaries.
    roi_expected
        Whether sources without regions of interest are left out, instead of being one region.
    """

    name: ClassVar[str]

    roi_expected: bool = False

    @property
    def parts(self) -> tuple["RegionStage", ...]:
        """Stages that this one consists of, one step each."""
        return (self,)

    def plan(self, pipeline: "Pipeline", data: Data, planned: dict[str, Record]) -> Plan:
        """Find out what is to be done for a region.

        Parameters
        ----------
        pipeline
            Has the settings.
        data
            The region.
        planned
            Samplings that steps before this one will have made, each with its record; one that this
            stage will make is added.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Tessellate(RegionStage):
    """See :func:`tessellate`."""

    name = "tessellate"

    label: Label = None
    discard_static_trajectories: bool = False

    def plan(self, pipeline: "Pipeline", data: Data, planned: dict[str, Record]) -> Plan:
        """Make the sampling, unless it is there."""
        item, region = data.item, data.region
        label = label_for(self.label, region.label)
        min_msd = static_threshold(item) if self.discard_static_trajectories else None
        box = region.bounding_box
        bounds = None if box is None else (box.lower, box.upper)
        record = sampling_record(pipeline, region.label, bounds, min_msd, data.digest())
        planned[label] = record
        if is_there(item.analyses, label, record):
            return Plan((label,), None, message=f"sampling {label!r} is up to date")
        step = {"do": "tessellate", "sampling": label, "discarded_below": min_msd}
        return Plan((label,), step)


@dataclass(frozen=True)
class Infer(RegionStage):
    """See :func:`infer`."""

    name = "infer"

    map_label: Label = None
    sampling_label: Label = None
    overwrite: bool = False

    def plan(self, pipeline: "Pipeline", data: Data, planned: dict[str, Record]) -> Plan:
        """Make the maps, unless they are there."""
        item, region = data.item, data.region
        sampling_label = label_for(self.sampling_label, region.label)
        label = self.label(pipeline, region.label)
        target = (sampling_label, label)
        tree = item.analyses
        node = tree.get_child(sampling_label) if sampling_label in tree else None
        record = planned.get(sampling_label)
        is_made_anew = record is not None and (node is None or node.record != record)
        if is_made_anew:
            return Plan(target, self._step(item, *target))
        if node is None:
            raise MissingResultError(
                f"there is no sampling {sampling_label!r}: run stages.tessellate() first; there "
                f"are {', '.join(map(repr, tree)) or 'none'}"
            )
        partition = node.data
        if not isinstance(partition, Partition):
            raise InvalidInputError(
                f"{sampling_label!r} is a {type(partition).__name__}, expected a sampling"
            )
        maps = map_record(pipeline, item, node.record or record_of(partition))
        if not self.overwrite and has_finished_maps(node, label, maps):
            return Plan(target, None, message=f"maps {label!r} are up to date")
        return Plan(target, self._step(item, *target), start=partition)

    def _step(self, item: Source, sampling: str, label: str) -> dict[str, Any]:
        return {
            "do": "infer",
            "sampling": sampling,
            "maps": label,
            "input": None,
            **item.imaging._asdict(),
        }

    def label(self, pipeline: "Pipeline", region: str) -> str:
        """Label of the maps: the plugin name of the model by default."""
        if self.map_label is None:
            return pipeline.mapper.plugin
        return label_for(self.map_label, region)


@dataclass(frozen=True)
class TessellateThenInfer(RegionStage):
    """See :func:`tessellate_and_infer`."""

    name = "tessellate_and_infer"

    tessellation: Tessellate = Tessellate()
    inference: Infer = Infer()

    @property
    def parts(self) -> tuple[RegionStage, ...]:
        """One after the other."""
        return self.tessellation, self.inference


class Appended(NamedTuple):
    """A stage of a pipeline, what it asks of a cluster, and whether it is a function of sources."""

    stage: Callable[..., Any] | RegionStage
    sbatch_options: Mapping[str, Any]
    is_for_sources: bool


def store(pipeline: "Pipeline", item: Source, task: Task, number: int, made: Any) -> None:
    """Put what a step of a task made into the analysis tree of its source."""
    step = task["steps"][number]
    if step["do"] == "tessellate":
        record = sampling_record(
            pipeline, task["region"], task["box"], step["discarded_below"], task["hash"]
        )
        item.analyses.add(step["sampling"], made, record=record)
    elif step["do"] == "call":
        item.analyses = made.whole()
    else:
        sampling = item.analyses[step["sampling"]]
        record = map_record(pipeline, item, sampling.record or record_of(sampling.data))
        sampling.add(step["maps"], made, record=record)


def label_for(label: Label, region: str) -> str:
    """Label for a region of that label: the same by default."""
    if label is None:
        return region
    return label(region) if callable(label) else label


def is_there(tree: Analysis, label: str, record: Record) -> bool:
    """Whether a child of that label was made with the same parameters from the same data."""
    return label in tree and tree[label].record == record


def has_finished_maps(sampling: Analysis, label: str, record: Record) -> bool:
    """Whether maps are there, made with the same parameters, and not cut short by a time limit."""
    if not is_there(sampling, label, record):
        return False
    maps = sampling[label].data
    return isinstance(maps, Maps) and maps.attributes.get("resolution") != _CUT_SHORT


def sampling_record(
    pipeline: "Pipeline",
    region: str,
    bounds: Sequence[Sequence[float]] | None,
    min_msd: float | None,
    digest: str,
) -> Record:
    """Tell what determines a sampling: the cells, the region, and what is in it."""
    parameters = {
        "tesseller": {"plugin": pipeline.tesseller.plugin, **pipeline.tesseller.parameters},
        "sampler": {"plugin": pipeline.sampler.plugin, **pipeline.sampler.parameters},
        "region": {"label": region, "bounding_box": bounds},
        "discarded_below": min_msd,
    }
    if pipeline.time.initialized:
        parameters["time"] = {"plugin": pipeline.time.plugin, **pipeline.time.parameters}
    return Record(parameters, digest)


def map_record(pipeline: "Pipeline", item: Source, sampling: Record) -> Record:
    """Tell what determines maps: the model, its parameters, and the sampling."""
    identity = {
        name: value
        for name, value in pipeline.mapper.identity().items()
        if name not in _WITHOUT_INFLUENCE
    }
    return Record(
        {
            "mapper": identity,
            **item.imaging._asdict(),
        },
        content_hash(sampling.as_json()),
    )


def record_of(partition: Partition) -> Record:
    """Describe a sampling that was made by hand, or by the original, by its contents."""
    cells = partition.tessellation
    return Record(
        {},
        content_hash(
            partition.points,
            *([] if partition.point_index is None else [partition.point_index]),
            partition.cell_index,
            cells.cell_centers,
            cells.adjacency_starts,
            cells.adjacency,
            cells.cell_volume,
        ),
    )


@dataclass(frozen=True)
class Reload:
    """See :func:`reload`."""

    skip_missing: bool

    def __call__(self, pipeline: "Pipeline") -> None:
        """Read the changed trees again."""
        pipeline.spt_data.reload_from_rwa_files(skip_missing=self.skip_missing)


def tessellate(
    label: Label = None,
    roi_expected: bool = False,
    discard_static_trajectories: bool = False,
) -> RegionStage:
    """Stage that cuts every region into cells and files its translocations under them.

    Parameters
    ----------
    label
        Label of the sampling; that of the region by default. A function makes it of the latter.
    roi_expected
        Whether sources without regions of interest are left out; they are one region otherwise.
    discard_static_trajectories
        Whether translocations shorter than the localization noise are left out: those whose mean
        squared displacement per coordinate is below σ². It biases the diffusivity upwards; the
        summary of the run says how many were left out in each region.
    """
    return Tessellate(
        flag("roi_expected", roi_expected),
        _label("label", label),
        flag("discard_static_trajectories", discard_static_trajectories),
    )


def infer(
    map_label: Label = None,
    sampling_label: Label = None,
    overwrite: bool = False,
    roi_expected: bool = False,
) -> RegionStage:
    """Stage that infers the maps of every region from its sampling.

    Maps that are there already, made with the same parameters from the same sampling, are kept.

    Parameters
    ----------
    map_label
        Label of the maps; the plugin name of the model by default.
    sampling_label
        Label of the sampling; that of the region by default.
    overwrite
        Whether to make them again anyhow.
    roi_expected
        Whether sources without regions of interest are left out.
    """
    return Infer(
        flag("roi_expected", roi_expected),
        _label("map_label", map_label),
        _label("sampling_label", sampling_label),
        flag("overwrite", overwrite),
    )


def tessellate_and_infer(
    map_label: Label = None,
    sampling_label: Label = None,
    overwrite: bool = False,
    roi_expected: bool = False,
    discard_static_trajectories: bool = False,
) -> RegionStage:
    """Stage that does both for every region, in one go; see :func:`tessellate`, :func:`infer`."""
    return TessellateThenInfer(
        flag("roi_expected", roi_expected),
        Tessellate(
            flag("roi_expected", roi_expected),
            label=_label("sampling_label", sampling_label),
            discard_static_trajectories=flag(
                "discard_static_trajectories", discard_static_trajectories
            ),
        ),
        Infer(
            flag("roi_expected", roi_expected),
            map_label=_label("map_label", map_label),
            sampling_label=sampling_label,
            overwrite=flag("overwrite", overwrite),
        ),
    )


def reload(skip_missing: bool = True) -> Callable[["Pipeline"], None]:
    """Stage that reads the ``.rwa`` files again where something else has written them.

    What the stages before it made is there without it; existing scripts have it.

    Parameters
    ----------
    skip_missing
        Whether a source may be without such a file.
    """
    return Reload(flag("skip_missing", skip_missing))


def _label(name: str, label: Label) -> Label:
    if label is not None and not (isinstance(label, str) and label) and not callable(label):
        raise InvalidInputError(
            f"`{name}` is {label!r}, expected text, or a function that makes a label of that of "
            "the region"
        )
    return label
