"""The grid of squares, or cubes."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .cell_size import CellSize
from .method import method
from .positions import Extent, check_corner, extent_of
from .settings import Corner, Counts, NonNegative, Positive
from .tessellation import Tessellation


@dataclass(eq=False)
class SquareTessellation(Tessellation):
    """A box cut into equal parts along each axis; the last coordinate of cells runs fastest.

    Neighbours share a face or an edge between two axes: 8 in two dimensions, 18 in three.

    Attributes
    ----------
    lower_bound, upper_bound
        Corners of the grid, (d,), µm.
    count_per_dim
        Number of cells along each axis.

    Examples
    --------
    >>> isinstance(squares(points, resolution=0.5), SquareTessellation)
    True
    """

    _neighbours_follow_from: ClassVar[str | None] = "their lattice"

    lower_bound: NDArray[np.float64]
    upper_bound: NDArray[np.float64]
    count_per_dim: tuple[int, ...]

    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells: four corners each, counterclockwise, in µm.

        Raises
        ------
        InvalidInputError
            In three dimensions.
        """
        return list(self._outlines())

    def _outlines(self) -> NDArray[np.float64]:
        if self.dim != 2:
            raise InvalidInputError("cubes have no outlines, only squares do")
        half = (self.upper_bound - self.lower_bound) / self.count_per_dim / 2
        corners = half * [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        outlines: NDArray[np.float64] = self.cell_centers[:, np.newaxis, :] + corners
        return outlines


@method("Squares", "grid")
@checked
def squares(
    points: ArrayLike | Extent,
    *,
    resolution: Positive | None = None,
    ref_distance: Positive | None = None,
    avg_probability: Positive | None = None,
    avg_location_count: NonNegative | None = None,
    min_distance: NonNegative | None = None,
    avg_distance: Positive | None = None,
    count_per_dim: Counts | None = None,
    lower_bound: Corner | None = None,
    upper_bound: Corner | None = None,
    displacement_length: float | None = None,
) -> SquareTessellation:
    """Cut the box around points into squares, or cubes.

    The size of the squares follows from the first of these that is given: `count_per_dim`;
    `resolution`; `avg_probability`; `avg_location_count`; `avg_distance`; else there is a cell for
    every 80 points. The number of cells along each axis is rounded, and at least 1, so that cells
    fill the box and are only about square. Along an axis where the box has no extent, there is one
    cell, as wide as the side that is asked for.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm; or the extent of such.
    resolution
        Side of the squares, µm: the distance between neighbouring centers.
    ref_distance
        Typical length of a displacement, µm; `displacement_length` by default.
    avg_probability
        Probability that a point falls into a given cell, of at most 1: the inverse of the number of
        cells. 80 / n by default.
    avg_location_count
        Number of points of a cell on average, unless `avg_probability` is given. 0 is no such
        number: the size is `avg_distance`, or twice `ref_distance`.
    min_distance
        Least side of the squares, µm, before rounding, where it follows from a number of cells; 0.8
        `ref_distance` by default, none if there is no `ref_distance`.
    avg_distance
        As `resolution`, after numbers of points.
    count_per_dim
        Number of cells along each axis.
    lower_bound, upper_bound
        Corners of the box, µm; those of the points by default.
    displacement_length
        Mean length of the displacements from the points, µm.

    Returns
    -------
    SquareTessellation
        All cells of the grid, those without points too.

    Raises
    ------
    InsufficientDataError
        If there are no two different points.
    InvalidInputError
        If a length is negative or not finite, or if more than ten million cells were needed: the
        points are probably not in µm.

    Examples
    --------
    >>> cells = squares([[0.0, 0.0], [2.0, 1.0]], resolution=1.0)
    >>> cells.cell_centers.tolist()
    [[0.5, 0.5], [1.5, 0.5]]
    """
    extent = extent_of(points, "squares and cubes", (2, 3))
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
    box = np.array([lower, upper], dtype=np.float64)
    if count_per_dim is not None:
        grid = _core.squares_by_shape(box, list(count_per_dim))
    elif size.spacing is not None:
        grid = _core.squares_by_spacing(box, size.spacing)
    else:
        grid = _core.squares_by_count(box, size.count, size.min_spacing)
    cells, (lower_corner, upper_corner), count = grid
    return SquareTessellation(*cells, lower_corner, upper_corner, tuple(count))
