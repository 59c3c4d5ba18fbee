"""What one task does, in whatever process it is done."""

import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from tramway.data import Box, discard_static
from tramway.errors import DataQualityWarning, InvalidInputError, TramwayError
from tramway.files import content_hash
from tramway.tasks import Outcome, Task
from tramway.tessellation import Partition

from .mapper import Mapper
from .region import crop
from .sampler import sample
from .source import Imaging, TextFile
from .tesseller import Tesseller

_TABLES_KEPT = 8  # per process; tasks of one source tend to follow each other


@dataclass(frozen=True)
class Snapshot:
    """Everything about an analyzer that its tasks depend on, fixed when a stage starts.

    Attributes
    ----------
    tables
        Trajectories of each source, or how to read them; none where the stage reads none.
    tesseller, mapper
        Settings, apart from their analyzer.
    """

    tables: Mapping[str, TextFile | pd.DataFrame]
    tesseller: Tesseller
    mapper: Mapper

    def trajectories(self, source: str) -> pd.DataFrame:
        """Trajectories of a source."""
        table = self.tables[source]
        return _read(table) if isinstance(table, TextFile) else table


@lru_cache(maxsize=_TABLES_KEPT)
def _read(file: TextFile) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)  # already given where it was planned
        return file.read()


class Done(NamedTuple):
    """Artefacts by name, and remarks."""

    results: dict[str, Any]
    notes: list[str]


@dataclass(frozen=True)
class TessellateRegion:
    """Cut a region into cells and file its translocations under them.

    Attributes
    ----------
    source, label, box
        The region.
    content_hash
        Of the translocations that the region had when the task was planned.
    min_msd
        Static translocations are discarded below it, µm²; None: all are mapped.
    """

    source: str
    label: str
    box: Box | None
    content_hash: str
    min_msd: float | None

    def __call__(self, snapshot: Snapshot) -> Done:
        """Make the ``sampling``."""
        points = crop(snapshot.trajectories(self.source), self.box)
        if content_hash(points) != self.content_hash:
            raise InvalidInputError("the data changed since the run began: run again")
        notes = []
        if self.min_msd is not None:
            kept = discard_static(points, self.min_msd)
            left_out = len(points) - len(kept)
            notes.append(f"{left_out} of {len(points)} translocations discarded: static")
            points = kept
        partition = sample(points, snapshot.tesseller)
        partition.param["roi"] = self._described()
        return Done({"sampling": partition}, notes)

    def _described(self) -> dict[str, Any]:
        if self.box is None:
            return {"label": self.label}
        return {"label": self.label, "bounding_box": [self.box.lower, self.box.upper]}


@dataclass(frozen=True)
class InferMaps:
    """Infer the maps of a sampling.

    Attributes
    ----------
    sampling
        Translocations filed under cells.
    imaging
        How localizations came about.
    """

    sampling: Partition
    imaging: Imaging

    def __call__(self, snapshot: Snapshot) -> Done:
        """Make the ``maps``."""
        maps = snapshot.mapper.infer(self.sampling, *self.imaging)
        return Done({"maps": maps}, [])


@dataclass(frozen=True)
class TessellateAndInfer:
    """Both, without a way through the submitting process.

    Attributes
    ----------
    tessellation
        The first half.
    imaging
        How localizations came about.
    """

    tessellation: TessellateRegion
    imaging: Imaging

    def __call__(self, snapshot: Snapshot) -> Done:
        """Make the ``sampling`` and the ``maps``."""
        results, notes = self.tessellation(snapshot)
        inference = InferMaps(results["sampling"], self.imaging)
        return Done({**results, **inference(snapshot).results}, notes)


def run_task(snapshot: Snapshot, task: Task) -> Outcome:
    """Do one task; whatever goes wrong in it is told by the outcome."""
    started = time.perf_counter()
    results: dict[str, Any] = {}
    notes: list[str] = []
    error = where = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            results, notes = task.job(snapshot)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as problem:  # noqa: BLE001 - a panic of the core is not an Exception
            error, where = explain(problem)
    notes += messages(caught)
    seconds = time.perf_counter() - started
    return Outcome(task.key, seconds, results, tuple(dict.fromkeys(notes)), error, where)


def explain(error: BaseException) -> tuple[str, str | None]:
    """Tell the user about an error; and where it happened, if nobody foresaw it."""
    if isinstance(error, TramwayError):
        return str(error), None
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error), None
    where = "".join(traceback.format_exception(error))
    return f"unexpected {type(error).__name__}: {error}", where


def messages(caught: list[warnings.WarningMessage]) -> list[str]:
    """Choose the warnings that users should read: not those that are meant for developers."""
    relevant = (w for w in caught if issubclass(w.category, UserWarning | RuntimeWarning))
    return list(dict.fromkeys(str(warning.message) for warning in relevant))
