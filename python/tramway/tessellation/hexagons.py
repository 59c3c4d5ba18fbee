"""The lattice of regular hexagons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.arguments import checked

from .cell_size import CellSize
from .method import method
from .positions import Extent, check_corner, extent_of
from .settings import Corner, NonNegative, Number, Positive
from .tessellation import Tessellation


@dataclass(eq=False)
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

    Examples
    --------
    >>> isinstance(cells, HexagonalTessellation)
    True
    """

    hexagon_radius: float
    hexagon_count: tuple[int, int]
    tilt: float

    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells: six corners each, counterclockwise, in µm."""
        return list(self._outlines())

    def _outlines(self) -> NDArray[np.float64]:
        angles = np.radians(30.0 * (1.0 + self.tilt) + 60.0 * np.arange(6))
        side = self.hexagon_radius / np.cos(np.radians(30.0))
        corners = side * np.column_stack([np.cos(angles), np.sin(angles)])
        outlines: NDArray[np.float64] = self.cell_centers[:, np.newaxis, :] + corners
        return outlines

    def shared_edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find the edges that neighbouring cells share: a side, unless cells are apart."""
        distance, normal = self._towards_neighbours()
        side = self.hexagon_radius / np.cos(np.radians(30.0))
        return np.where(distance < 3 * self.hexagon_radius, side, 0.0), normal


@method("Hexagons", "hexagon")
@checked
def hexagons(
    points: ArrayLike | Extent,
    *,
    resolution: Positive | None = None,
    ref_distance: Positive | None = None,
    avg_probability: Positive | None = None,
    avg_location_count: NonNegative | None = None,
    min_distance: NonNegative | None = None,
    avg_distance: Positive | None = None,
    tilt: Number = 0.0,
    lower_bound: Corner | None = None,
    upper_bound: Corner | None = None,
    displacement_length: float | None = None,
) -> HexagonalTessellation:
    """Cover the area of points with regular hexagons.

    The size of the hexagons follows from the first of these that is given: `resolution`;
    `avg_probability`; `avg_location_count`; `avg_distance`; else there is a cell for every 80
    points. Where it follows from a number of cells, it is the size whose lattice is nearest to that
    number, and centers are at least `min_distance` apart.

    Parameters
    ----------
    points
        Array (n, 2) of positions, µm; or the extent of such.
    resolution
        Distance between neighbouring centers, µm.
    ref_distance
        Typical length of a displacement, µm; `displacement_length` by default.
    avg_probability
        Probability that a point falls into a given cell, of at most 1: the inverse of the number of
        cells. 80 / n by default.
    avg_location_count
        Number of points of a cell on average, unless `avg_probability` is given. 0 is no such
        number: the size is `avg_distance`, or twice `ref_distance`.
    min_distance
        Least distance between neighbouring centers, µm; 0.8 `ref_distance` by default, none if
        there is no `ref_distance`.
    avg_distance
        As `resolution`, after numbers of points.
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

    Examples
    --------
    >>> hexagons(points, resolution=0.3).n_cells
    150
    """
    extent = extent_of(points, "hexagons")
    size = CellSize.derive(
        extent.count,
        resolution=resolution,
        ref_distance=ref_distance,
        avg_probability=avg_probability,
        avg_location_count=avg_location_count,
        min_distance=min_distance,
        avg_distance=avg_distance,
        displacement_length=displacement_length,
    )
    lower = check_corner("lower_bound", lower_bound, extent.lower)
    upper = check_corner("upper_bound", upper_bound, extent.upper)
    frame = (lower, upper, tilt, list(extent.mean))
    if size.spacing is not None:
        lattice = _core.hexagons_by_spacing(size.spacing, *frame)
    else:
        lattice = _core.hexagons_by_count(size.count, size.min_spacing, *frame)
    cells, radius, count = lattice
    return HexagonalTessellation(*cells, hexagon_radius=radius, hexagon_count=count, tilt=tilt)
