"""What a pipeline can consist of: ``a.pipeline.append_stage(stages.tessellate())``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

from tramway.attributes import flag
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, Record, content_hash
from tramway.inference import Maps
from tramway.tessellation import Partition

from .region import Region, static_threshold
from .source import Source
from .work import InferMaps, TessellateAndInfer, TessellateRegion

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
        Labels of what will be made.
    size
        Number of translocations.
    job
        The work; None if nothing is to be done.
    store
        Puts what the work made into the analysis tree.
    message
        Why nothing is to be done.
    """

    target: tuple[str, ...]
    size: int
    job: Callable[[Any], Any] | None
    store: Callable[[dict[str, Any]], None]
    message: str = ""


@dataclass(frozen=True)
class RegionStage:
    """A stage whose work is cut into one task per region.

    Attributes
    ----------
    name
        What it is called in logs and summaries.
    tessellates, infers
        What it makes.
    roi_expected
        Whether sources without regions of interest are left out, instead of being one region.
    """

    name: ClassVar[str]
    tessellates: ClassVar[bool] = False
    infers: ClassVar[bool] = False

    roi_expected: bool = False

    def plan(self, pipeline: "Pipeline", item: Source, region: Region) -> Plan:
        """Find out what is to be done for a region."""
        raise NotImplementedError


@dataclass(frozen=True)
class Tessellate(RegionStage):
    """See :func:`tessellate`."""

    name = "tessellate"
    tessellates = True

    label: Label = None
    discard_static_trajectories: bool = False

    def plan(self, pipeline: "Pipeline", item: Source, region: Region) -> Plan:
        """Make the sampling, unless it is there."""
        label = label_for(self.label, region)
        size, job, record = self.prepare(pipeline, item, region)

        def store(results: dict[str, Any]) -> None:
            item.analyses.add(label, results["sampling"], record=record)

        if is_there(item.analyses, label, record):
            return Plan((label,), size, None, store, f"sampling {label!r} is up to date")
        return Plan((label,), size, job, store)

    def prepare(
        self, pipeline: "Pipeline", item: Source, region: Region
    ) -> tuple[int, TessellateRegion, Record]:
        """Give the number of translocations, the work, and what determines its result."""
        points = region.crop()
        digest = content_hash(points)
        min_msd = static_threshold(item) if self.discard_static_trajectories else None
        box = region.bounding_box
        parameters = {
            "tesseller": {"plugin": pipeline.tesseller.plugin, **pipeline.tesseller.parameters},
            "sampler": "voronoi",
            "region": {
                "label": region.label,
                "bounding_box": None if box is None else [box.lower, box.upper],
            },
            "discarded_below": min_msd,
        }
        job = TessellateRegion(item.source, region.label, box, digest, min_msd)
        return len(points), job, Record(parameters, digest)


@dataclass(frozen=True)
class Infer(RegionStage):
    """See :func:`infer`."""

    name = "infer"
    infers = True

    map_label: Label = None
    sampling_label: Label = None
    overwrite: bool = False

    def plan(self, pipeline: "Pipeline", item: Source, region: Region) -> Plan:
        """Make the maps, unless they are there."""
        sampling = self.sampling(item, region)
        partition = sampling.data
        if not isinstance(partition, Partition):
            raise InvalidInputError(
                f"{sampling.label!r} is a {type(partition).__name__}, expected a sampling"
            )
        label = self.label(pipeline, region)
        record = map_record(pipeline, item, sampling.record or record_of(partition))

        def store(results: dict[str, Any]) -> None:
            # The tree is asked again: a reload may have replaced the node.
            self.sampling(item, region).add(label, results["maps"], record=record)

        target = (label_for(self.sampling_label, region), label)
        size = len(partition.points)
        if not self.overwrite and has_finished_maps(sampling, label, record):
            return Plan(target, size, None, store, f"maps {label!r} are up to date")
        return Plan(target, size, InferMaps(partition, item.imaging), store)

    def label(self, pipeline: "Pipeline", region: Region) -> str:
        """Label of the maps: the plugin name of the model by default."""
        if self.map_label is None:
            return pipeline.mapper.plugin
        return label_for(self.map_label, region)

    def sampling(self, item: Source, region: Region) -> Analysis:
        """Node of the sampling to work on."""
        label = label_for(self.sampling_label, region)
        if label not in item.analyses:
            raise MissingResultError(
                f"there is no sampling {label!r}: run stages.tessellate() first; there are "
                f"{', '.join(map(repr, item.analyses)) or 'none'}"
            )
        return item.analyses[label]


@dataclass(frozen=True)
class TessellateThenInfer(RegionStage):
    """See :func:`tessellate_and_infer`."""

    name = "tessellate_and_infer"
    tessellates = True
    infers = True

    tessellation: Tessellate = Tessellate()
    inference: Infer = Infer()

    def plan(self, pipeline: "Pipeline", item: Source, region: Region) -> Plan:
        """Make the sampling and the maps, or the maps alone, or nothing."""
        label = label_for(self.tessellation.label, region)
        size, job, record = self.tessellation.prepare(pipeline, item, region)
        if is_there(item.analyses, label, record):
            return self.inference.plan(pipeline, item, region)

        def store(results: dict[str, Any]) -> None:
            sampling = item.analyses.add(label, results["sampling"], record=record)
            sampling.add(
                self.inference.label(pipeline, region),
                results["maps"],
                record=map_record(pipeline, item, record),
            )

        return Plan((label,), size, TessellateAndInfer(job, item.imaging), store)


def label_for(label: Label, region: Region) -> str:
    """Label for a region: that of the region by default."""
    if label is None:
        return region.label
    return label(region.label) if callable(label) else label


def is_there(tree: Analysis, label: str, record: Record) -> bool:
    """Whether a child of that label was made with the same parameters from the same data."""
    return label in tree and tree[label].record == record


def has_finished_maps(sampling: Analysis, label: str, record: Record) -> bool:
    """Whether maps are there, made with the same parameters, and not cut short by a time limit."""
    if not is_there(sampling, label, record):
        return False
    maps = sampling[label].data
    return isinstance(maps, Maps) and maps.attributes.get("resolution") != _CUT_SHORT


def map_record(pipeline: "Pipeline", item: Source, sampling: Record) -> Record:
    """Tell what determines maps: the model, its parameters, and the sampling."""
    parameters = {
        name: value
        for name, value in pipeline.mapper.parameters.items()
        if name not in _WITHOUT_INFLUENCE
    }
    return Record(
        {
            "mapper": {"plugin": pipeline.mapper.plugin, **parameters},
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
            label=_label("sampling_label", sampling_label),
            discard_static_trajectories=flag(
                "discard_static_trajectories", discard_static_trajectories
            ),
        ),
        Infer(
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
