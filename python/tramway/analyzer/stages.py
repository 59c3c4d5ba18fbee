"""What a pipeline can consist of: ``a.pipeline.append_stage(stages.tessellate())``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

from tramway.attributes import flag, warn_without_effect
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from .analyzer import RWAnalyzer
    from .pipeline import Pipeline

__all__ = ["infer", "reload", "restore_spt_data", "tessellate", "tessellate_and_infer"]

Label: TypeAlias = str | Callable[[str], str] | None
"""Label of an artefact, or a function that makes it of the label of the region."""


@dataclass(frozen=True)
class RegionStage:
    """A stage whose work is cut into one step per region.

    Attributes
    ----------
    name
        What it is called in logs and summaries, and what its steps are called in tasks.
    roi_expected
        Whether sources without regions of interest are left out, instead of being one region.
    """

    name: ClassVar[str]

    roi_expected: bool = False

    @property
    def parts(self) -> tuple["RegionStage", ...]:
        """Stages that this one consists of, one step each."""
        return (self,)

    def __call__(self, analyzer: "RWAnalyzer | Pipeline") -> None:
        """Do this stage alone: ``stages.tessellate()(a)``."""
        from .pipeline import Pipeline

        alone = Pipeline()
        alone._analyzer = analyzer._analyzer if isinstance(analyzer, Pipeline) else analyzer
        alone.append_stage(self)
        alone.run()


@dataclass(frozen=True)
class Tessellate(RegionStage):
    """See :func:`tessellate`."""

    name = "tessellate"

    label: Label = None
    discard_static_trajectories: bool = False


@dataclass(frozen=True)
class Infer(RegionStage):
    """See :func:`infer`."""

    name = "infer"

    map_label: Label = None
    sampling_label: Label = None
    overwrite: bool = False


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


@dataclass(frozen=True)
class Reload:
    """See :func:`reload`."""

    name: ClassVar[str] = "reload"

    skip_missing: bool

    def __call__(self, pipeline: "Pipeline") -> None:
        """Read the changed trees again."""
        pipeline.spt_data.reload_from_rwa_files(skip_missing=self.skip_missing)


_OF_OTHER_RUNS = {
    "spt_data": "trajectories are stored once",
    "tessellation": "cells are stored as they are",
    "single_path": "results are always merged into the file",
    "load_rwa_files": "files that are there are always taken into account",
}
"""Options of the original that have no counterpart, and why."""


def _without_effect(stage: str, options: Mapping[str, object]) -> None:
    for option in options:
        if option not in _OF_OTHER_RUNS:
            raise InvalidInputError(
                f"stages.{stage} has no option `{option}`; those of the original that it takes "
                f"without effect are {', '.join(_OF_OTHER_RUNS)}"
            )
        warn_without_effect(f"{option} of stages.{stage}", _OF_OTHER_RUNS[option])


def tessellate(
    label: Label = None,
    roi_expected: bool = False,
    discard_static_trajectories: bool = False,
    **options: object,
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
    options
        Those of the original that have no effect: ``spt_data``, ``tessellation``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.pipeline.append_stage(stages.tessellate())
    """
    _without_effect("tessellate", options)
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
    **options: object,
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
    options
        Those of the original that have no effect: ``spt_data``, ``single_path``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.pipeline.append_stage(stages.infer())
    """
    _without_effect("infer", options)
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
    **options: object,
) -> RegionStage:
    """Stage that does both for every region, in one go; see :func:`tessellate`, :func:`infer`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.pipeline.append_stage(stages.tessellate_and_infer())
    """
    _without_effect("tessellate_and_infer", options)
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

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.pipeline.append_stage(stages.reload())
    """
    return Reload(flag("skip_missing", skip_missing))


def restore_spt_data() -> Callable[["Pipeline"], None]:
    """Stage that existing scripts have; it does nothing: trajectories are always in the files.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.pipeline.append_stage(stages.restore_spt_data())
    """
    return Reload(skip_missing=True)


def name_of(stage: Callable[..., Any] | RegionStage) -> str:
    """Name of a stage, in logs and summaries."""
    if isinstance(stage, RegionStage | Reload):
        return stage.name
    return str(getattr(stage, "__name__", type(stage).__name__))


def _label(name: str, label: Label) -> Label:
    if label is not None and not (isinstance(label, str) and label) and not callable(label):
        raise InvalidInputError(
            f"`{name}` is {label!r}, expected text, or a function that makes a label of that of "
            "the region"
        )
    return label
