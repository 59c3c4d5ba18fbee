"""The object in which a user declares an analysis."""

import logging
import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, TextIO

from tramway.attributes import StrictAttributes
from tramway.display import html_table
from tramway.errors import InvalidInputError, MisplacedAttributeWarning, UnknownAttributeError
from tramway.runs import Environment, InProcess, RunSummary

from .attribute import Assignable, attributes_of
from .images import Images
from .mapper import Mapper
from .pipeline import Pipeline
from .roi import ROI
from .sampler import Sampler
from .spt_data import SPTData
from .tesseller import Tesseller
from .time import Time
from .tracker import Tracker

_PROPERTIES_OF = {
    **dict.fromkeys(
        (
            "localization_precision",
            "localization_error",
            "exposure_time",
            "frame_interval",
            "dt",
            "time_step",
            "columns",
            "coord_scale",
            "pixel_size",
            "temperature",
        ),
        "spt_data",
    ),
    **dict.fromkeys(("resolution", "scaler"), "tesseller"),
}
"""What scripts set on the analyzer that belongs to one of its attributes."""


class RWAnalyzer(StrictAttributes):
    """An analysis of random walks: data, regions, cells, model, and how to run it all.

    Each attribute is set by one of its methods (``a.spt_data.from_ascii_files('*.txt')``), or by
    assigning what the modules of :mod:`tramway.analyzer` offer (``a.tesseller =
    tessellers.Hexagons``, with or without parentheses). It can be set again at any time; None
    resets it.

    Attributes
    ----------
    spt_data
        Trajectories, with their localization precision and frame interval.
    images
        Movies that localizations were found in; by default there are none.
    tracker
        How localizations are linked, where files have no tracks; by default they are not.
    roi
        Regions of interest; by default each source is one region.
    tesseller
        How a region is cut into cells.
    time
        How a region is cut into segments of time; by default it is not.
    sampler
        How translocations are assigned to cells.
    mapper
        Which model is inferred, with which priors.
    env
        Where the work is done; by default in this process.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> a.spt_data.localization_precision = 0.01  # µm
    >>> a.tesseller = tessellers.Hexagons(resolution=0.3)  # µm
    >>> a.mapper.from_plugin("dv", diffusivity_prior=20, potential_prior=1)
    >>> a.pipeline.append_stage(stages.tessellate())
    >>> a.pipeline.append_stage(stages.infer())
    >>> a.run()
    <RunSummary: 2 tasks done, 0 skipped, 0 failed>
    """

    spt_data = Assignable(SPTData, default=SPTData)
    images = Assignable(Images, default=Images)
    tracker = Assignable(Tracker, default=Tracker)
    roi = Assignable(ROI, default=ROI)
    tesseller = Assignable(Tesseller, default=Tesseller)
    time = Assignable(Time, default=Time)
    sampler = Assignable(Sampler, default=Sampler)
    mapper = Assignable(Mapper, default=Mapper)
    env: Assignable[Environment] = Assignable(
        Environment,  # type: ignore[type-abstract]
        default=InProcess,
    )

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "worker_count": "it belongs to the environment, use a.env.worker_count",
        "localizer": "localize with another program, a.spt_data.from_files reads what it writes",
        "browser": "draw maps with a.mapper.mpl.plot, in a notebook, too",
    }

    def __init__(self) -> None:
        for attribute in attributes_of(type(self)):
            setattr(self, attribute, None)
        self._pipeline = Pipeline()
        self._pipeline._analyzer = self
        self._logger = _default_logger()

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _PROPERTIES_OF:
            super().__setattr__(name, value)
            return
        warnings.warn(
            f"`{name}` is set on `{_PROPERTIES_OF[name]}`, to which it belongs: "
            f"a.{_PROPERTIES_OF[name]}.{name} = …",
            MisplacedAttributeWarning,
            stacklevel=2,
        )
        setattr(self._owner_of(name), name, value)

    def __getattr__(self, name: str) -> Any:
        if name in _PROPERTIES_OF:
            return getattr(self._owner_of(name), name)
        return super().__getattr__(name)

    def _owner_of(self, name: str) -> Any:
        where = _PROPERTIES_OF[name]
        owner = getattr(self, where)
        if not owner.initialized:
            raise UnknownAttributeError(
                f"`{name}` belongs to a.{where}, which is not set yet: set it first"
            )
        return owner

    @property
    def pipeline(self) -> Pipeline:
        """The stages of the analysis."""
        return self._pipeline

    def _shown(self) -> dict[str, Any]:
        names = (*attributes_of(type(self)), "pipeline")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        lines = [f"    {name} = {value!r}" for name, value in self._shown().items()]
        return "\n".join([f"{type(self).__name__}:", *lines])

    def _repr_html_(self) -> str:
        return html_table((name, repr(value)) for name, value in self._shown().items())

    @property
    def logger(self) -> logging.Logger:
        """What the analyzer says, by default to stderr: ``a.logger.setLevel(logging.DEBUG)``."""
        return self._logger

    @logger.setter
    def logger(self, value: logging.Logger) -> None:
        if not isinstance(value, logging.Logger):
            raise InvalidInputError(f"`logger` is {value!r}, expected a logging.Logger")
        self._logger = value

    @property
    def script(self) -> str | None:
        """Same as ``a.env.script``."""
        return self.env.script

    @script.setter
    def script(self, value: str | os.PathLike[str] | None) -> None:
        self.env.script = None if value is None else os.fspath(value)

    def add_collectible(self, path: str | os.PathLike[str]) -> None:
        """Accept a file that a stage makes; see :meth:`Pipeline.add_collectible`."""
        self.pipeline.add_collectible(path)

    def run(self, resume: bool = False) -> RunSummary:
        """Run the pipeline.

        Every region of every source is done on its own, in the environment that is set; what comes
        back is saved in ``<source>.rwa`` beside the data, where it joins what is there already. A
        result that is there, made with the same parameters from the same data, is not made again:
        an interrupted run continues where it was, whatever interrupted it: what is under way is
        kept in a run directory, ``tramway-runs/…`` beside the data, until it is saved.

        Parameters
        ----------
        resume
            Whether to join the same run, begun by another process, where it goes on by itself, as
            on a cluster; that is an error otherwise.

        Returns
        -------
        RunSummary
            What was done and what was skipped.

        Raises
        ------
        InvalidInputError
            If something is not set that a stage needs; nothing was done then.
        RunError
            In the end, if anything failed; the message lists each task and why, ``.summary`` has
            everything. All other results are saved.
        """
        return self.pipeline.run(resume=resume)


class BasicLogger(logging.Logger):
    """A logger that prints: ``a.logger = BasicLogger()``.

    Parameters
    ----------
    level
        Least level of what is printed.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.logger = BasicLogger()
    >>> a.logger.info("this goes where print goes")
    this goes where print goes
    """

    def __init__(self, level: int = logging.INFO) -> None:
        super().__init__("tramway.analyzer.basic", level)
        self.addHandler(_StdoutHandler())


class _StdoutHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record))  # where notebooks show it


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at the time: notebooks and tests replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _default_logger() -> logging.Logger:
    logger = logging.getLogger("tramway.analyzer")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logger.addHandler(_StderrHandler())
    return logger
