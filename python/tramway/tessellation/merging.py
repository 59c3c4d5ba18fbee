"""Cells with few points are given up to their neighbours."""

import numpy as np
from numpy.typing import ArrayLike

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .partition import nearest_cell
from .positions import check_positions
from .tessellation import Tessellation
from .voronoi import VoronoiTessellation, clip_region


@checked
def merge_small(
    tessellation: Tessellation,
    points: ArrayLike,
    *,
    count_threshold: int,
    update_centroids: bool = False,
) -> Tessellation:
    """Remove centers until no cell has too few points.

    What was nearest to a center that is removed goes to the next ones. Round by round, the cells
    with too few points are taken from the one with the most of them on, and removed, except where
    a neighbour has just been: what it gives up may be what the next one lacks.

    Parameters
    ----------
    tessellation
        The cells, in d dimensions, two or three.
    points
        Array (n, d) of positions, µm.
    count_threshold
        Least number of points in a cell.
    update_centroids
        Whether the other centers move to the mean of their points, once per round.

    Returns
    -------
    Tessellation
        `tessellation` itself if all its cells have enough points, else the Voronoi cells of the
        centers left: in the region of Voronoi cells, otherwise in the box around the points and the
        centers there were.

    Raises
    ------
    InsufficientDataError
        If all points together are too few.
    InvalidInputError
        If `count_threshold` is not positive, or if points and cells differ in dimensions.

    Examples
    --------
    >>> cells.n_cells, merge_small(cells, points, count_threshold=20).n_cells
    (150, 70)
    """
    if count_threshold < 1:
        raise InvalidInputError(
            f"`count_threshold` is {count_threshold}, expected a positive number of points"
        )
    positions = check_positions(points, "merged cells", (2, 3))
    counts = np.bincount(nearest_cell(positions, tessellation), minlength=tessellation.n_cells)
    if counts.min() >= count_threshold:
        return tessellation
    if isinstance(tessellation, VoronoiTessellation):
        region = tessellation.region
    else:
        region = clip_region(np.concatenate([positions, tessellation.cell_centers]), "box")
    centers = _core.merge_small(
        tessellation.cell_centers, positions, region, count_threshold, update_centroids
    )
    return VoronoiTessellation(*_core.voronoi(centers, region), region)
