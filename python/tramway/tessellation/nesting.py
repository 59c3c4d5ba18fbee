"""Cells within cells."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway.arguments import checked
from tramway.errors import InsufficientDataError

from .method import method
from .partition import nearest_cell
from .positions import check_positions
from .settings import Cutter
from .tessellation import Tessellation
from .voronoi import Clip, VoronoiTessellation, voronoi


@checked
def nesting(
    points: ArrayLike,
    *,
    outer: Tessellation,
    inner: Callable[[NDArray[np.int64]], Tessellation],
    clip: Clip = "box",
) -> VoronoiTessellation:
    """Refine every cell by a tessellation of its own, made of its own points.

    So cells can be as fine as the points of each part of a region allow. The centers of all inner
    cells together make Voronoi cells, which are neighbours within outer cells and across their
    borders. What lies next to such a border belongs to the nearest center on either side.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm.
    outer
        The cells to refine.
    inner
        Called with the row numbers of the points of one outer cell at a time; gives inner cells, of
        which those are taken whose centers are in the outer one.
    clip
        What the cells are cut off at: ``"box"``, the box around the points and the centers, or
        ``"hull"``, their convex hull, in two dimensions only.

    Returns
    -------
    VoronoiTessellation
        The inner cells, in the order of the outer ones. An outer cell without points, or with too
        few for `inner`, is not refined: it gives its own center.

    Raises
    ------
    InsufficientDataError
        If there are no points, or if the box (the hull) has no area, or volume.
    InvalidInputError
        If points and outer cells differ in dimensions, or a coordinate is not finite; and what
        `inner` raises.

    Examples
    --------
    >>> from tramway.tessellation import quad_tree
    >>> outer = hexagons(points, resolution=1)
    >>> fine = lambda rows: hexagons(points[rows], resolution=0.2)
    >>> nesting(points, outer=outer, inner=fine).n_cells
    284
    """
    positions = check_positions(points, "nested cells", (2, 3))
    cell = nearest_cell(positions, outer)
    centers = []
    for number, own_center in enumerate(outer.cell_centers):
        found = _inner_centers(np.flatnonzero(cell == number), inner)
        found = found[nearest_cell(found, outer) == number] if len(found) else found
        centers.append(found if len(found) else own_center[np.newaxis])
    return voronoi(positions, centers=np.concatenate(centers), clip=clip)


@method("Nesting", "nesting")
def nested(
    points: ArrayLike,
    *,
    displacement_lengths: NDArray[np.float64],
    outer: Cutter,
    inner: Cutter,
    clip: Clip = "box",
) -> VoronoiTessellation:
    """Refine every cell of one tesseller by another, which is given the points of that cell alone.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm.
    displacement_lengths
        Length of the displacement from each, (n,), µm.
    outer, inner
        Tessellers of the cells to refine, and of the cells in each of them.
    clip
        See :func:`nesting`.

    Returns
    -------
    VoronoiTessellation
        See :func:`nesting`; what the tessellers raise is raised, too.
    """
    positions = check_positions(points, "nested cells", (2, 3))

    def refine(rows: NDArray[np.int64]) -> Tessellation:
        return inner.cut(positions[rows], displacement_lengths[rows])

    cells = outer.cut(positions, displacement_lengths)
    return nesting(positions, outer=cells, inner=refine, clip=clip)


def _inner_centers(
    rows: NDArray[np.int64], inner: Callable[[NDArray[np.int64]], Tessellation]
) -> NDArray[np.float64]:
    """Centers of the inner cells of some points; none if these are too few."""
    if len(rows):
        try:
            return inner(rows).cell_centers
        except InsufficientDataError:
            pass  # a single point, or points on a line
    return np.empty((0, 0))
