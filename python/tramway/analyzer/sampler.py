"""Which translocations each cell holds: ``a.sampler``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import pandas as pd

from tramway.attributes import Check, positive, positive_integer, whole
from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.files import Analysis
from tramway.tessellation import (
    Partition,
    Tessellation,
    one_cell,
    sample_nearest,
    sample_nearest_neighbors,
    sample_nearest_time_neighbors,
    sample_spheres,
)
from tramway.tessellation.sampling import Counts
from tramway.units import SPACE_COLUMNS

from .plugin import PluginAttribute
from .tesseller import Tesseller, displaced, places_to_cut
from .time import Time
from .user_function import UserFunction

__all__ = ["Knn", "Sampler", "SphericalSampler", "TimeKnn", "VoronoiSampler"]


@dataclass(frozen=True)
class Method:
    """A way to file translocations under cells.

    Attributes
    ----------
    sample
        Called with a translocation table, the cells, and the parameters by name.
    checks
        Check of each parameter, beside ``min_location_count``.
    """

    sample: Callable[..., Partition]
    checks: Mapping[str, Check]


def _count(name: str, value: Any) -> Any:
    """Check for a least number of translocations, for that and the largest, or for a function."""
    if callable(value):
        return value
    if not isinstance(value, tuple | list):
        return positive_integer(name, value)
    if len(value) != 2:
        raise InvalidInputError(f"`{name}` is {value!r}, expected a number, or (least, largest)")
    least = 0 if value[0] is None else whole(name, value[0])
    most = None if value[1] is None else positive_integer(name, value[1])
    if most is not None and least > most:
        raise InvalidInputError(f"`{name}` is {value!r}, expected the least number first")
    return least, most


METHODS: dict[str, Method] = {
    "voronoi": Method(sample_nearest, {}),
    "spheres": Method(sample_spheres, {"radius": positive}),
    "knn": Method(sample_nearest_neighbors, {"knn": _count}),
    "time_knn": Method(sample_nearest_time_neighbors, {"knn": _count}),
}


class Sampler(PluginAttribute):
    """A way to file translocations under cells, and its parameters.

    By default each one is in the cell whose center is nearest to its origin. All ways but this one
    may file a translocation under several cells; the maps then say how often it was counted.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.sampler.from_nearest_neighbors(30)
    >>> int(a.sampler.sample(steps, cells).location_count.min())
    30
    """

    _kind = "sampler"
    _example = "a.sampler = sampler.Knn(10)"

    def __init__(self, name: str | None = "voronoi", **parameters: Any) -> None:
        super().__init__("voronoi" if name is None else name, **parameters)

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the ways to file."""
        return list(METHODS)

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        return {**METHODS[plugin].checks, "min_location_count": whole}

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        return {"min_location_count": 0}

    def from_plugin(self, name: str, **parameters: Any) -> None:
        """Choose a way by its name.

        Parameters
        ----------
        name
            ``"voronoi"``, ``"spheres"``, ``"knn"`` or ``"time_knn"``.
        parameters
            ``radius`` and ``knn`` must be given where the way has them; ``min_location_count`` is 0
            by default.
        """
        for parameter in METHODS[name].checks if name in METHODS else ():
            if parameter not in parameters:
                raise InvalidInputError(
                    f"the sampler {name!r} needs `{parameter}`, expected a value"
                )
        super().from_plugin(name, **parameters)

    def from_voronoi(self, **parameters: Any) -> None:
        """Choose the nearest center, those of the Voronoi cells; the default."""
        self.from_plugin("voronoi", **parameters)

    def from_spheres(self, radius: float, **parameters: Any) -> None:
        """Choose all centers at most `radius` away, µm; see :func:`sample_spheres`."""
        self.from_plugin("spheres", radius=radius, **parameters)

    def from_nearest_neighbors(self, knn: Counts, **parameters: Any) -> None:
        """Choose a least, or a least and a largest, number of translocations for each cell.

        It is the same for all cells, or a function of the number of the cell; see
        :func:`tramway.tessellation.sample_nearest_neighbors`.
        """
        self.from_plugin("knn", knn=knn, **parameters)

    def from_nearest_time_neighbors(self, knn: Counts, **parameters: Any) -> None:
        """Choose these numbers in each time segment, of the translocations nearest in time.

        See :func:`tramway.tessellation.sample_nearest_time_neighbors`.
        """
        self.from_plugin("time_knn", knn=knn, **parameters)

    @overload
    def sample(
        self, points: pd.DataFrame, segmentation: Tessellation | None = None
    ) -> Partition: ...
    @overload
    def sample(self, points: pd.DataFrame, segmentation: Analysis) -> Analysis: ...
    def sample(
        self, points: pd.DataFrame, segmentation: Tessellation | Analysis | None = None
    ) -> Partition | Analysis:
        """File translocations under cells.

        Parameters
        ----------
        points
            Translocation table, or trajectories ``n x y [z] t``, in µm and s.
        segmentation
            The cells, or :class:`TimeSegments` of them; by default those that ``a.tesseller`` makes
            of `points`, in the segments of ``a.time`` if that is set. Without a tesseller there is
            one cell. Or a node that holds the cells.

        Returns
        -------
        Partition or Analysis
            The translocations, the cells, and which belongs to which; for a node, a node that
            :func:`commit_as_analysis` can add to the tree beside it.

        Raises
        ------
        InsufficientDataError
            If there are no, or too few, translocations.
        InvalidInputError
            If the points are not those of the cells.
        """
        if segmentation is None:
            owner = self._owner()
            return sample(points, owner.tesseller, owner.time, self)
        if isinstance(segmentation, Analysis):
            return Analysis(self.sample(points, segmentation.data), parent=segmentation.parent)
        table = displaced(points)
        given = {"method": "given", "tessellation": {"n_cells": segmentation.n_cells}}
        return self._file(table, segmentation, given)

    def _file(self, points: pd.DataFrame, cells: Tessellation, param: dict[str, Any]) -> Partition:
        partition = METHODS[self.plugin].sample(points, cells, **self.parameters)
        partition.param = {**param, **self._facts()}
        knn = self.parameters.get("knn")
        if callable(knn):  # what it says of each cell
            spatial = getattr(cells, "spatial", cells)
            partition.param["partition"]["knn"] = [str(knn(i)) for i in range(spatial.n_cells)]
        return partition

    def _facts(self) -> dict[str, Any]:
        """Tell how it files, for the record."""
        return {"partition": {"sampler": self.plugin, **self.parameters}}

    def identity(self) -> dict[str, Any]:
        """Name what determines which translocations a cell has: a function by its code."""
        values = {
            name: UserFunction(value).digest() if callable(value) else value
            for name, value in self.parameters.items()
        }
        return {"plugin": self.plugin, **values}


def sample(points: pd.DataFrame, tesseller: Tesseller, time: Time, sampler: Sampler) -> Partition:
    """Cut the area and the time of translocations, or trajectories, into cells, and fill them."""
    table = displaced(points)
    if table.empty:
        raise InsufficientDataError(
            "the region has no translocation: check that its bounds, in µm, lie in the data"
        )
    points = places_to_cut(points)
    if tesseller.initialized:
        values = {name: value for name, value in tesseller.parameters.items() if value is not None}
        param = {"method": tesseller.plugin, "tessellation": values}
        cells = tesseller.tessellate(points)
    else:
        param = {"method": "one cell", "tessellation": {}}
        cells = one_cell(points[[c for c in SPACE_COLUMNS if c in points]].to_numpy(np.float64))
    if time.initialized:
        param["time_window"] = {k: v for k, v in time.parameters.items() if v is not None}
        cells = time.segment(points, cells)
    return sampler._file(table, cells, param)


class VoronoiSampler(Sampler):
    """Files each translocation under the nearest center.

    Parameters
    ----------
    min_location_count
        Cells of fewer translocations are left empty.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.sampler = sampler.VoronoiSampler()
    >>> a.sampler.sample(steps, cells)
    Partition of 3800 points, 150 cells
    """

    def __init__(self, min_location_count: int = 0) -> None:
        super().__init__("voronoi", min_location_count=min_location_count)


class SphericalSampler(Sampler):
    """Files translocations under all centers that are near.

    Parameters
    ----------
    radius, min_location_count
        Those of :func:`tramway.tessellation.sample_spheres`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.sampler = sampler.SphericalSampler(radius=0.2)
    >>> a.sampler.sample(steps, cells)
    Partition of 3800 points, 150 cells
    """

    def __init__(self, radius: float, min_location_count: int = 0) -> None:
        super().__init__("spheres", radius=radius, min_location_count=min_location_count)


class Knn(Sampler):
    """Fills each cell up to a number of translocations, with the nearest ones.

    Parameters
    ----------
    knn, min_location_count
        Those of :func:`tramway.tessellation.sample_nearest_neighbors`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.sampler = sampler.Knn((10, 50))
    >>> a.sampler.sample(steps, cells)
    Partition of 3800 points, 150 cells
    """

    def __init__(self, knn: Counts, min_location_count: int = 0) -> None:
        super().__init__("knn", knn=knn, min_location_count=min_location_count)


class TimeKnn(Sampler):
    """Fills each cell of a time segment up to a number, with those nearest in time.

    Parameters
    ----------
    knn, min_location_count
        Those of :func:`tramway.tessellation.sample_nearest_time_neighbors`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.sampler = sampler.TimeKnn((10, 50))
    >>> a.sampler.sample(steps, time.SlidingWindow(0.1).segment(steps, cells))
    Partition of 3800 points, 600 cells
    """

    def __init__(self, knn: Counts, min_location_count: int = 0) -> None:
        super().__init__("time_knn", knn=knn, min_location_count=min_location_count)


def from_voronoi() -> Sampler:
    """Sampler that files under the nearest center, to be assigned: ``a.sampler = ...``."""
    return VoronoiSampler()


def from_spheres(radius: float) -> Sampler:
    """Sampler of spheres, to be assigned: ``a.sampler = ...``."""
    return SphericalSampler(radius)


def from_nearest_neighbors(knn: Counts) -> Sampler:
    """Sampler of a number of translocations per cell, to be assigned: ``a.sampler = ...``."""
    return Knn(knn)


def from_nearest_time_neighbors(knn: Counts) -> Sampler:
    """Sampler of a number of translocations per cell and time segment, to be assigned."""
    return TimeKnn(knn)
