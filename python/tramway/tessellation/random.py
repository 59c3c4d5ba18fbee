"""Voronoi cells of random centers."""

import numpy as np
from numpy.typing import ArrayLike

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .cell_size import cell_count as count_from_probability
from .method import method
from .positions import check_positions
from .settings import Count, Positive, Whole
from .voronoi import Clip, VoronoiTessellation, voronoi

_MAX_CELLS = 10_000_000


@method("Random", "random")
@checked
def random(
    points: ArrayLike,
    *,
    cell_count: Count | None = None,
    avg_probability: Positive | None = None,
    avg_location_count: Positive | None = None,
    seed: Whole = 0,
    clip: Clip = "box",
) -> VoronoiTessellation:
    """Cut the area, or volume, of points into the Voronoi cells of random centers.

    Many of them tell how much of a map is due to where the cells are.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm.
    cell_count
        Number of centers to draw, uniformly in the box around the points.
    avg_probability
        The inverse of that number, if it is not given; 80 / n by default.
    avg_location_count
        Number of points for each center, if neither is given.
    seed
        Of the random numbers, from 0 on; each seed gives other centers, always the same.
    clip
        What the cells are cut off at: ``"box"``, the box around the points and the centers, or
        ``"hull"``, their convex hull, in two dimensions only.

    Returns
    -------
    VoronoiTessellation
        The cells of those centers that are the nearest to any point; the others are left out.

    Raises
    ------
    InsufficientDataError
        If the box around the points (the hull) has no area, or volume.
    InvalidInputError
        If a parameter is out of its domain, or a coordinate is not finite.

    Examples
    --------
    >>> random(points, cell_count=30).n_cells
    29
    """
    positions = check_positions(points, "random cells", (2, 3))
    if cell_count is None:
        cell_count = round(
            count_from_probability(len(positions), avg_probability, avg_location_count)
        )
    if not 0 < cell_count <= _MAX_CELLS:
        raise InvalidInputError(
            f"`cell_count` is {cell_count}, expected a positive number of cells, at most ten "
            "million"
        )
    if seed < 0:
        raise InvalidInputError(f"`seed` is {seed}, expected a whole number, 0 or above")
    centers = _core.place_centers("random", positions, {"count": cell_count, "seed": seed})
    occupied = np.unique(_core.assign_nearest(positions, centers))
    return voronoi(positions, centers=centers[occupied], clip=clip)
