"""The stages of an analysis: ``a.pipeline``."""

import warnings
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tramway.attributes import did_you_mean, flag, warn_without_effect
from tramway.display import html_table
from tramway.errors import InvalidInputError, RepeatedStageWarning
from tramway.runs import RunSummary

from .attribute import AnalyzerAttribute, attributes_of
from .stages import (
    Appended,
    RegionStage,
    Reload,
    infer,
    name_of,
    reload,
    tessellate,
    tessellate_and_infer,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

_PRESETS: tuple[object, ...] = (infer, reload, tessellate, tessellate_and_infer)

# As users know them; the work is dealt out region by region whatever is asked for.
_GRANULARITIES = (
    "coarsest",
    "full dataset",
    "source",
    "data source",
    "spt data",
    "spt data source",
    "roi",
    "region of interest",
    "time",
    "segment",
    "time segment",
)

# Options of stages that existing scripts have for cluster environments.
_CLUSTER_OPTIONS = ("sbatch_options", "run_everywhere", "update_existing_rwa_files")


class Pipeline(AnalyzerAttribute):
    """Stages, run in the order in which they were appended.

    A stage that is a function of the user's gets the pipeline as its argument and finds everything
    in it: the attributes of the analyzer, as ``pipeline.spt_data``, and its ``logger``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.pipeline.append_stage(stages.tessellate())
    >>> a.pipeline.append_stage(stages.infer())
    >>> a.pipeline
    <Pipeline: tessellate, infer>
    """

    def __init__(self) -> None:
        self._stages: list[Appended] = []

    def append_stage(
        self,
        stage: "Callable[[Pipeline], Any] | RegionStage",
        granularity: str | None = None,
        requires_mutability: bool | None = None,
        **options: object,
    ) -> None:
        """Append a stage.

        Parameters
        ----------
        stage
            One of :mod:`tramway.analyzer.stages`, or a function with the pipeline as its only
            argument.
        granularity
            A function that is given one (``spt data``, ``roi``, …) is called for each source, where
            the environment does its tasks, with a pipeline that has this source alone: what it adds
            to its ``analyses`` comes back, other effects do not. Without, or without environment,
            it is called once, in this process. Other stages always work region by region.
        requires_mutability
            Accepted for existing scripts and without effect.
        options
            ``sbatch_options``: options of the Slurm job of this stage, in place of those of the
            environment. Accepted for existing scripts and without effect: ``run_everywhere``,
            ``update_existing_rwa_files``.

        Raises
        ------
        InvalidInputError
            If `stage` is not callable, or the granularity or an option unknown.

        Warns
        -----
        RepeatedStageWarning
            If the pipeline has the very same stage already, unless it is ``reload``.
        """
        if not isinstance(stage, RegionStage) and not callable(stage):
            raise InvalidInputError(
                f"`stage` is {stage!r}, expected one of `stages`, or a function of the pipeline"
            )
        if stage in _PRESETS:
            name = getattr(stage, "__name__", "")
            raise InvalidInputError(f"`stage` is `stages.{name}` itself: call it, stages.{name}()")
        is_fine = _is_finer_than_all(granularity)
        for option in options:
            if option not in _CLUSTER_OPTIONS:
                valid = ("granularity", "requires_mutability", *_CLUSTER_OPTIONS)
                raise InvalidInputError(
                    f"option `{option}` is unknown{did_you_mean(option, valid)}; valid options: "
                    f"{', '.join(valid)}"
                )
        sbatch_options = options.get("sbatch_options") or {}
        if not isinstance(sbatch_options, Mapping):
            raise InvalidInputError(
                f"`sbatch_options` is {sbatch_options!r}, expected a dict of options and values"
            )
        is_for_sources = is_fine and not isinstance(stage, RegionStage | Reload)
        if not isinstance(stage, Reload) and any(item.stage == stage for item in self._stages):
            again = "will find all done" if isinstance(stage, RegionStage) else "is called twice"
            warnings.warn(
                f"{name_of(stage)} is in the pipeline already, and {again}: leave it out; "
                "a.pipeline.reset() removes all stages",
                RepeatedStageWarning,
                stacklevel=2,
            )
        self._stages.append(Appended(stage, sbatch_options, is_for_sources))

    def early_setup(self, **options: object) -> None:
        """Accept, for existing scripts: the environment needs no preparation before the run."""

    def add_collectible(self, path: "str | PathLike[str]") -> None:
        """Accept a file that a stage makes, to be brought back from a cluster.

        Functions of the user's are called where the files that they make stay; on a cluster that
        is there. What they add to the analysis tree comes back.
        """
        warn_without_effect(
            "add_collectible", "files that a stage writes on a cluster stay there; copy them"
        )

    def reset(self) -> None:
        """Remove all stages."""
        self._stages.clear()

    def __repr__(self) -> str:
        names = ", ".join(name_of(item.stage) for item in self._stages)
        return f"<Pipeline: {names or 'no stage'}>"

    def _repr_html_(self) -> str:
        if not self._stages:
            return "<p>no stage: <code>a.pipeline.append_stage(stages.tessellate())</code></p>"
        rows = [
            (rank, name_of(item.stage), _options_of(item), dict(item.sbatch_options) or "")
            for rank, item in enumerate(self._stages)
        ]
        return html_table(rows, ("", "stage", "options", "of the cluster"))

    def __len__(self) -> int:
        return len(self._stages)

    def run(self, resume: bool = False) -> RunSummary:
        """Run the stages; see :meth:`RWAnalyzer.run`."""
        from tramway.pipeline import Run

        return Run(self._owner(), resume=flag("resume", resume)).execute(list(self._stages))

    def resume(self) -> RunSummary:
        """Continue a run; see `resume` of :meth:`RWAnalyzer.run`."""
        return self.run(resume=True)

    def _of_the_analyzer(self) -> list[str]:
        """Name the attributes of the analyzer that are found here, too."""
        return [] if self._analyzer is None else [*attributes_of(type(self._analyzer)), "logger"]

    def _result_names(self) -> list[str]:
        return sorted({*super()._result_names(), *self._of_the_analyzer()})

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._of_the_analyzer():
            return getattr(self._analyzer, name)
        return super().__getattr__(name)


def _options_of(item: Appended) -> str:
    """Name what a stage was given, other than the defaults."""
    if not isinstance(item.stage, RegionStage):
        return "source by source" if item.is_for_sources else ""
    given: dict[str, Any] = {}
    for part in item.stage.parts:
        for field in fields(part):
            value = getattr(part, field.name)
            if value != field.default:
                given[field.name] = value
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _is_finer_than_all(granularity: str | None) -> bool:
    """Check a granularity; tell whether it asks for more than one piece of work."""
    if not granularity:
        return False
    said = str(granularity).lower().replace("-", " ").replace("_", " ")
    wanted = said.removeprefix("min:")
    if wanted not in _GRANULARITIES:
        raise InvalidInputError(
            f"`granularity` is {granularity!r}{did_you_mean(wanted, _GRANULARITIES)}; "
            f"valid values: {', '.join(_GRANULARITIES)}"
        )
    return said not in ("coarsest", "full dataset") and said == wanted
