"""Voronoi cells that become more where points are many: growing when required."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .cell_size import check_length, length_scale
from .method import method
from .positions import check_positions
from .settings import Positive, Whole
from .voronoi import Clip, VoronoiTessellation, voronoi

_MIN_LOCATION_COUNT = 20
"""Points that a cell is to have, as in the original TRamWAy."""

_REL_MAX_DISTANCE = 4.0
"""Distance between centers where points are few, in those where they are many; likewise."""

_RADIUS = 0.5
"""How far a point may be from all centers, in `resolution`, as in the original TRamWAy."""


@method("GWR", "gwr", "gas")
@checked
def gwr(
    points: ArrayLike,
    *,
    resolution: Positive | None = None,
    ref_distance: Positive | None = None,
    max_distance: Positive | None = None,
    min_location_count: Whole = _MIN_LOCATION_COUNT,
    seed: Whole = 0,
    clip: Clip = "box",
    displacement_length: float | None = None,
    displacement_lengths: NDArray[np.float64] | None = None,
) -> VoronoiTessellation:
    """Grow cells that have about the same number of points, between a least and a largest size.

    Points are drawn at random, six times as many as there are, and up to whole 10,000s. A point
    that is too far from all centers becomes one; any other pulls the nearest center towards it, at
    first by a fifth of the way and then by less, and a little those that this one is linked to, as
    two centers are that were the nearest two to a point (after Marsland, Shapiro and Nehmzow,
    Neural Networks 15, 1041, 2002, with the rates of the original TRamWAy). What is too far is how
    long displacements are there, their median, if every point has one, as in a region of interest;
    otherwise it depends on how dense the points are. Both are counted in boxes with a diagonal of
    half of `resolution`, as in the original: in a box that has more than `min_location_count`
    points, and for the first point along each axis, it is the least distance.

    Parameters
    ----------
    points
        Array (n, 2) or (n, 3) of positions, µm.
    resolution
        Twice the least distance of a point from all centers that makes it one, µm: neighbouring
        centers are some 0.65 of it apart where points are dense. Twice `ref_distance` by default.
    ref_distance
        Typical length of a displacement, µm; `displacement_length` by default.
    max_distance
        The same where there are few points; 4 times `resolution` by default.
    min_location_count
        Number of points that most cells have at least, where `resolution` and `max_distance` allow:
        of 20,000 uniform points, 9 cells out of 10 have as many, the average one 1.6 times as many
        in two dimensions and 2.65 times in three. With 0, `resolution` alone decides.
    seed
        Of the points that are drawn, from 0 on.
    clip
        What the cells are cut off at: ``"box"``, the box around the points, or ``"hull"``, their
        convex hull, in two dimensions only.
    displacement_length
        Mean length of the displacements from the points, µm.
    displacement_lengths
        That of each of them, (n,), µm; if there are not n, they are not used.

    Returns
    -------
    VoronoiTessellation
        The cells; every one has points.

    Raises
    ------
    InsufficientDataError
        If the box around the points (the hull) has no area, or volume.
    InvalidInputError
        If a parameter is out of its domain or a coordinate is not finite, or if there is no length
        to derive the cells from.

    Examples
    --------
    >>> gwr(points, resolution=0.2, max_distance=0.6).n_cells
    134
    """
    positions = check_positions(points, "cells that grow", (2, 3))
    check_length("max_distance", max_distance)
    spacing = length_scale(resolution, ref_distance, displacement_length)
    if max_distance is None:
        max_distance = _REL_MAX_DISTANCE * spacing
    if max_distance < spacing:
        raise InvalidInputError(
            f"`max_distance` is {max_distance} µm, expected at least the distance where points are "
            f"dense, {spacing} µm: set `resolution`"
        )
    for name, number in (("min_location_count", min_location_count), ("seed", seed)):
        if number < 0:
            raise InvalidInputError(f"`{name}` is {number}, expected a whole number, 0 or above")
    settings: dict[str, Any] = {
        "min_count": min_location_count,
        "min_radius": _RADIUS * spacing,
        "max_radius": _RADIUS * max_distance,
        "seed": seed,
    }
    if displacement_lengths is not None and len(displacement_lengths) == len(positions):
        settings["lengths"] = np.asarray(displacement_lengths, np.float64)[:, np.newaxis]
    centers = _core.place_centers("gwr", positions, settings)
    return voronoi(positions, centers=centers, clip=clip)
