"""Voronoi cells with their centers in the middle of their points: k-means."""

from numpy.typing import ArrayLike

from tramway import _core
from tramway.arguments import checked

from .method import method
from .positions import check_positions
from .settings import NonNegative, Positive
from .squares import squares
from .voronoi import Clip, VoronoiTessellation, voronoi


@method("KMeans", "kmeans")
@checked
def kmeans(
    points: ArrayLike,
    *,
    resolution: Positive | None = None,
    ref_distance: Positive | None = None,
    avg_probability: Positive | None = None,
    avg_location_count: NonNegative | None = None,
    min_distance: NonNegative | None = None,
    avg_distance: Positive | None = None,
    tol: NonNegative = 1e-6,
    clip: Clip = "box",
    displacement_length: float | None = None,
) -> VoronoiTessellation:
    """Gather points into cells that are small where there are many.

    The centers start on the grid that :func:`squares` makes of the same parameters, and move to the
    mean of the points nearest to them until that changes little (Lloyd, IEEE Trans. Inf. Theory 28,
    129, 1982). The same points, in the same order, give the same cells.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm.
    resolution, ref_distance, avg_probability, avg_location_count, min_distance, avg_distance
        Of the grid that the centers start on; see :func:`squares`. `resolution` is the side of its
        cells, µm.
    tol
        The centers stand still when the root mean square distance of points to their centers falls
        by no more than this part of itself.
    clip
        What the cells are cut off at: ``"box"``, the box around the points, or ``"hull"``, their
        convex hull, in two dimensions only.
    displacement_length
        Mean length of the displacements from the points, µm.

    Returns
    -------
    VoronoiTessellation
        The cells; centers that lost all points are left out.

    Raises
    ------
    InsufficientDataError
        If the box around the points (the hull) has no area, or volume.
    InvalidInputError
        If a parameter is out of its domain, or a coordinate is not finite.

    Examples
    --------
    >>> kmeans([[0, 0], [0, 1], [4, 0], [4, 1]], resolution=2.0).cell_centers.tolist()
    [[0.0, 0.5], [4.0, 0.5]]
    """
    positions = check_positions(points, "cells of k-means", (2, 3))
    start = squares(
        positions,
        resolution=resolution,
        ref_distance=ref_distance,
        avg_probability=avg_probability,
        avg_location_count=avg_location_count,
        min_distance=min_distance,
        avg_distance=avg_distance,
        displacement_length=displacement_length,
    )
    centers = _core.place_centers(
        "kmeans", positions, {"start": start.cell_centers, "tolerance": tol}
    )
    return voronoi(positions, centers=centers, clip=clip)
