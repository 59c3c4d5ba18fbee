"""Squares, or cubes, of sizes that follow the density of points."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .cell_size import length_scale
from .method import method
from .positions import check_positions
from .settings import Positive, Whole
from .tessellation import Tessellation

_MIN_LOCATION_COUNT = 20
"""Points that a part must exceed for its cell to be split, as in the original TRamWAy."""

_REL_MAX_LOCATION_COUNT = 10
"""How many times that one part must exceed, for its cell to be split anyhow; likewise."""


@dataclass(eq=False)
class QuadTreeTessellation(Tessellation):
    """The leaves of a quad or octree, in depth-first order; they tile the root.

    Neighbours share a face, or the smaller one's part of a face. A point belongs to the square that
    it is in, on a face to the one above; a point outside of the root to the nearest square.

    Attributes
    ----------
    root_corner
        Lower corner of the root, (d,), µm.
    root_side
        Side of the root, µm.
    depths
        How often the root was halved to get each cell, (n_cells,).

    Examples
    --------
    >>> isinstance(quad_tree(points, resolution=0.2), QuadTreeTessellation)
    True
    """

    _neighbours_follow_from: ClassVar[str | None] = "their tree"

    root_corner: NDArray[np.float64]
    root_side: float
    depths: NDArray[np.int64]

    @classmethod
    def from_depths(
        cls, root_corner: NDArray[np.float64], root_side: float, depths: NDArray[np.int64]
    ) -> "QuadTreeTessellation":
        """Make the tessellation of which these are the attributes.

        Raises
        ------
        InvalidInputError
            If `depths` are not those of a tree's leaves, in depth-first order.
        """
        cells = _core.quad_tree_cells(root_corner[np.newaxis], root_side, depths)
        return cls(*cells, root_corner, root_side, depths)

    def locate(self, positions: NDArray[np.float64]) -> NDArray[np.int64]:
        """Cell of each position, (N, d), µm."""
        root = self.root_corner[np.newaxis]
        return _core.quad_tree_locate(positions, root, self.root_side, self.depths)

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
        half = self.root_side / 2.0 ** (self.depths + 1)
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        sides = half[:, np.newaxis, np.newaxis] * corners
        outlines: NDArray[np.float64] = self.cell_centers[:, np.newaxis, :] + sides
        return outlines


@method("QuadTree", "kdtree")
@checked
def quad_tree(
    points: ArrayLike,
    *,
    resolution: Positive | None = None,
    ref_distance: Positive | None = None,
    min_location_count: Whole = _MIN_LOCATION_COUNT,
    max_location_count: Whole | None = None,
    displacement_length: float | None = None,
) -> QuadTreeTessellation:
    """Cut a square around points into halves along each axis, and again where there are many.

    A cell larger than the smallest is split if each part has more than `min_location_count` points,
    or if any has more than `max_location_count`.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm.
    resolution
        Side of the smallest cells, µm; the others are 2, 4, 8, … times as wide. By default twice
        `ref_distance`.
    ref_distance
        Typical length of a displacement, µm; `displacement_length` by default.
    min_location_count, max_location_count
        Numbers of points; 20, and 10 `min_location_count` by default.
    displacement_length
        Mean length of the displacements from the points, µm.

    Returns
    -------
    QuadTreeTessellation
        All cells of the square, those without points too. It begins where the smallest square does
        around the points and is up to twice as wide, as in the original TRamWAy.

    Raises
    ------
    InsufficientDataError
        If there are no two different points.
    InvalidInputError
        If a length is negative or not finite or a number negative, or if there is no length to
        derive the smallest cells from.

    Examples
    --------
    >>> quad_tree(points, resolution=0.2).n_cells
    43
    """
    positions = check_positions(points, "quad and octrees", (2, 3))
    smallest = length_scale(resolution, ref_distance, displacement_length)
    if max_location_count is None:
        max_location_count = _REL_MAX_LOCATION_COUNT * min_location_count
    for name, count in (
        ("min_location_count", min_location_count),
        ("max_location_count", max_location_count),
    ):
        if count < 0:
            raise InvalidInputError(f"`{name}` is {count}, expected a number of points")
    corner, side, depths = _core.quad_tree(
        positions, smallest, min_location_count, max_location_count
    )
    return QuadTreeTessellation.from_depths(corner[0], side, depths)
