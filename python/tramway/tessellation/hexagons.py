"""The lattice of regular hexagons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.errors import InsufficientDataError, InvalidInputError

from .tessellation import Tessellation

_AVG_LOCATION_COUNT = 80
"""Points per cell where nothing else is asked for, as in the original TRamWAy."""

_REL_MIN_DISTANCE = 0.8
"""Least distance between centers, in mean displacements, as in the original TRamWAy."""


@dataclass(frozen=True, eq=False)
class HexagonalTessellation(Tessellation):
    """Regular hexagons in rows, numbered row by row; without tilt, pointed at top and bottom.

    Attributes
    ----------
    hexagon_radius
        Radius of the inscribed circle, µm: half the distance between neighbouring centers.
    hexagon_count
        m and the number of rows; rows have alternately m + 1 and m cells.
    tilt
        Angle of the rows to the x axis, in units of 30 degrees.
    """

    hexagon_radius: float
    hexagon_count: tuple[int, int]
    tilt: float

    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells: six corners each, counterclockwise, in µm."""
        angles = np.radians(30.0 * (1.0 + self.tilt) + 60.0 * np.arange(6))
        side = self.hexagon_radius / np.cos(np.radians(30.0))
        corners = side * np.column_stack([np.cos(angles), np.sin(angles)])
        return list(self.cell_centers[:, np.newaxis, :] + corners)


def hexagons(
    points: ArrayLike,
    *,
    resolution: float | None = None,
    ref_distance: float | None = None,
    avg_probability: float | None = None,
    min_distance: float | None = None,
    avg_distance: float | None = None,
    tilt: float = 0.0,
    lower_bound: Sequence[float] | None = None,
    upper_bound: Sequence[float] | None = None,
    displacement_length: float | None = None,
) -> HexagonalTessellation:
    """Cover the area of points with regular hexagons.

    The size of the hexagons follows from the first of these that is given: `resolution`;
    `avg_probability`; `avg_distance`; else there is a cell for every 80 points. Where it follows
    from a number of cells, it is the size whose lattice is nearest to that number, and centers are
    at least `min_distance` apart.

    Parameters
    ----------
    points
        Array (n, 2) of positions, µm.
    resolution
        Distance between neighbouring centers, µm.
    ref_distance
        Typical length of a displacement, µm; `displacement_length` by default.
    avg_probability
        Probability that a point falls into a given cell, of at most 1: the inverse of the number of
        cells. 80 / n by default.
    min_distance
        Least distance between neighbouring centers, µm; 0.8 `ref_distance` by default, none if
        there is no `ref_distance`.
    avg_distance
        As `resolution`, after `avg_probability`.
    tilt
        Angle that the lattice is turned by about the mean of the points, in units of 30 degrees.
        The lattice is sized before, so that it may miss corners of the area; points there belong
        to the nearest cell all the same.
    lower_bound, upper_bound
        Corners of the area to cover, µm; those of the points by default.
    displacement_length
        Mean length of the displacements from the points, µm.

    Returns
    -------
    HexagonalTessellation
        All cells of the lattice, those without points too.

    Raises
    ------
    InsufficientDataError
        If there are no two different points.
    InvalidInputError
        If a length is negative or not finite, or if more than ten million cells were needed: the
        points are probably not in µm.
    """
    positions = np.ascontiguousarray(points, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != 2:
        raise InvalidInputError(
            f"`points` is an array of shape {positions.shape}, expected (n, 2): hexagons are for "
            "two dimensions"
        )
    if not len(positions):
        raise InsufficientDataError("there are no points, at least two are needed to tessellate")
    _check_length("resolution", resolution)
    _check_length("avg_distance", avg_distance)
    _check_length("ref_distance", ref_distance)
    _check_length("displacement_length", displacement_length, or_zero=True)
    _check_length("min_distance", min_distance, or_zero=True)
    lower = _corner("lower_bound", lower_bound, positions.min(axis=0))
    upper = _corner("upper_bound", upper_bound, positions.max(axis=0))
    frame = (lower, upper, tilt, list(positions.mean(axis=0)))
    spacing = resolution
    if spacing is None and avg_probability is None:
        spacing = avg_distance
    if spacing is not None:
        lattice = _core.hexagons_by_spacing(spacing, *frame)
    else:
        if avg_probability is None:
            avg_probability = min(_AVG_LOCATION_COUNT / len(positions), 1.0)
        if not 0 < avg_probability <= 1:
            raise InvalidInputError(
                f"`avg_probability` is {avg_probability}, expected a probability above 0: the "
                "inverse of the number of cells"
            )
        ref_distance = displacement_length if ref_distance is None else ref_distance
        if min_distance is None:
            min_distance = _REL_MIN_DISTANCE * (ref_distance or 0.0)
        lattice = _core.hexagons_by_count(1.0 / avg_probability, min_distance, *frame)
    centers, starts, adjacency, volume, radius, count = lattice
    return HexagonalTessellation(
        cell_centers=centers,
        adjacency_starts=starts,
        adjacency=adjacency,
        cell_volume=volume,
        hexagon_radius=radius,
        hexagon_count=count,
        tilt=tilt,
    )


def _check_length(name: str, length: float | None, or_zero: bool = False) -> None:
    if length is None or 0 < length < np.inf or (or_zero and length == 0):
        return
    raise InvalidInputError(
        f"`{name}` is {length}, expected a length in µm, {'at least' if or_zero else 'above'} 0"
    )


def _corner(name: str, bound: Sequence[float] | None, default: NDArray[np.float64]) -> list[float]:
    corner = list(default if bound is None else bound)
    if len(corner) != 2:
        raise InvalidInputError(f"`{name}` has {len(corner)} coordinates, expected 2: x and y")
    return corner
