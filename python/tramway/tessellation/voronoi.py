"""Voronoi cells of any centers, cut off at the border of the data."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .method import method
from .positions import check_positions
from .settings import Points
from .tessellation import Tessellation

Clip: TypeAlias = Literal["box", "hull"]
"""What Voronoi cells are cut off at: the box around the points or, in the plane, their hull."""


@dataclass(eq=False)
class VoronoiTessellation(Tessellation):
    """What is nearest to each center, within a convex region; neighbours share a face there.

    Attributes
    ----------
    region
        Corners of the region, µm: of a polygon, (k, 2), or lower and upper corner of a box, (2, 3).
        The areas, or volumes, of the cells add up to that of the region.

    Examples
    --------
    >>> isinstance(voronoi(points, centers=[[1, 1], [2, 2], [1, 2]]), VoronoiTessellation)
    True
    """

    region: NDArray[np.float64]

    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells, counterclockwise, in µm.

        Raises
        ------
        InvalidInputError
            In three dimensions.
        """
        if self.dim != 2:
            raise InvalidInputError("polyhedra have no outlines, only polygons do")
        corners, starts = _core.voronoi_outlines(self.cell_centers, self.region)
        return np.split(corners, starts[1:-1])

    def shared_edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find the edges that neighbouring cells share, on their bisectors."""
        length = _core.voronoi_edges(
            np.ascontiguousarray(self.cell_centers),
            np.ascontiguousarray(self.region),
            self.adjacency_starts,
            self.adjacency,
            np.ascontiguousarray(self.cell_volume),
        )
        return length, self._towards_neighbours()[1]


@method("Voronoi", "voronoi")
@checked
def voronoi(points: ArrayLike, *, centers: Points, clip: Clip = "box") -> VoronoiTessellation:
    """Cut the area, or volume, of points into the Voronoi cells of centers of your own.

    Parameters
    ----------
    points
        Array (n, d) of positions, µm, in two or three dimensions.
    centers
        Array (n_cells, d) of cell centers, µm, all different.
    clip
        What the cells are cut off at: ``"box"``, the box around the points and the centers, or
        ``"hull"``, their convex hull, in two dimensions only.

    Returns
    -------
    VoronoiTessellation
        All cells, those without points too, in the order of the centers.

    Raises
    ------
    InvalidInputError
        If two centers are the same, or a coordinate is not finite.
    InsufficientDataError
        If there are no points or no centers, or if the box (the hull) has no area, or volume.

    Examples
    --------
    >>> cells = voronoi([[0, 0], [2, 1]], centers=[[0.5, 0.5], [1.5, 0.5]])
    >>> cells.cell_volume.tolist()
    [1.0, 1.0]
    """
    positions = check_positions(points, "Voronoi cells", (2, 3))
    own = np.ascontiguousarray(centers, dtype=np.float64)
    dim = positions.shape[1]
    if own.ndim != 2 or own.shape[1] != dim:
        raise InvalidInputError(
            f"`centers` is an array of shape {own.shape}, expected (n_cells, {dim}) as the points"
        )
    region = clip_region(np.concatenate([positions, own]), clip)
    return VoronoiTessellation(*_core.voronoi(own, region), region)


@checked
def one_cell(points: ArrayLike) -> VoronoiTessellation:
    """Take the box around points, (n, d) in µm, for the only cell.

    Examples
    --------
    >>> one_cell(points).n_cells
    1
    """
    positions = check_positions(points, "One cell", (2, 3))
    return voronoi(positions, centers=_core.bounds_and_mean(positions)[2:])


def clip_region(positions: NDArray[np.float64], clip: Clip) -> NDArray[np.float64]:
    """Corners of the box around positions or of their convex hull; see `VoronoiTessellation`."""
    if clip not in ("box", "hull"):
        raise InvalidInputError(f"`clip` is {clip!r}, expected 'box' or 'hull'")
    lower, upper, _ = _core.bounds_and_mean(positions)
    if positions.shape[1] == 3:
        if clip == "hull":
            raise InvalidInputError("`clip` is 'hull', expected 'box' in three dimensions")
        return np.array([lower, upper])
    if clip == "hull":
        return _core.convex_hull(positions)
    (left, bottom), (right, top) = lower, upper
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    return _core.convex_hull(np.array(corners))
