"""Voronoi cells of any centers, cut off at the border of the data."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.errors import InvalidInputError

from .positions import check_positions
from .tessellation import Tessellation

Clip: TypeAlias = Literal["box", "hull"]
"""What Voronoi cells are cut off at: the box around the points, or their convex hull."""


@dataclass(frozen=True, eq=False)
class VoronoiTessellation(Tessellation):
    """What is nearest to each center, within a convex region; neighbours share an edge there.

    Attributes
    ----------
    region
        Corners of the region, (k, 2), µm; the areas of the cells add up to its area.
    """

    region: NDArray[np.float64]

    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells, counterclockwise, in µm."""
        _, corners, starts = _core.voronoi(self.cell_centers, self.region)
        return np.split(corners, starts[1:-1])


def voronoi(points: ArrayLike, *, centers: ArrayLike, clip: Clip = "box") -> VoronoiTessellation:
    """Cut the area of points into the Voronoi cells of centers of your own.

    Parameters
    ----------
    points
        Array (n, 2) of positions, µm.
    centers
        Array (n_cells, 2) of cell centers, µm, all different.
    clip
        What the cells are cut off at: ``"box"``, the box around the points and the centers, or
        ``"hull"``, their convex hull.

    Returns
    -------
    VoronoiTessellation
        All cells, those without points too, in the order of the centers.

    Raises
    ------
    InvalidInputError
        If two centers are the same, or a coordinate is not finite.
    InsufficientDataError
        If there are no points or no centers, or if all lie on a line along an axis (on any line,
        for the hull).
    """
    positions = check_positions(points, "Voronoi cells")
    own = np.ascontiguousarray(centers, dtype=np.float64)
    if own.ndim != 2 or own.shape[1] != 2:
        raise InvalidInputError(
            f"`centers` is an array of shape {own.shape}, expected (n_cells, 2)"
        )
    region = clip_region(np.concatenate([positions, own]), clip)
    cells, _, _ = _core.voronoi(own, region)
    return VoronoiTessellation(*cells, region)


def clip_region(positions: NDArray[np.float64], clip: Clip) -> NDArray[np.float64]:
    """Corners of the box around positions or of their convex hull, (k, 2), counterclockwise."""
    match clip:
        case "box":
            (left, bottom), (right, top) = positions.min(axis=0), positions.max(axis=0)
            corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
            return _core.convex_hull(np.array(corners))
        case "hull":
            return _core.convex_hull(positions)
    raise InvalidInputError(f"`clip` is {clip!r}, expected 'box' or 'hull'")
