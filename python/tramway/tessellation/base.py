"""Where scripts of the original look for partitions, and for cells of centers of their own."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.units import SPACE_COLUMNS

from .partition import Partition
from .tessellation import Tessellation
from .voronoi import VoronoiTessellation, voronoi

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CellStats = Partition

__all__ = ["CellStats", "Delaunay", "Partition", "Tessellation", "Voronoi"]


class Delaunay(VoronoiTessellation):
    """Voronoi cells of centers of your own, which its method `tessellate` is given.

    Examples
    --------
    >>> cells = Delaunay()
    >>> cells.tessellate([[0.5, 0.5], [1.5, 0.5], [1.0, 1.5]])  # µm
    >>> cells.n_cells
    3
    """

    def __init__(self, scaler: Any = None) -> None: ...

    def tessellate(self, points: "pd.DataFrame | ArrayLike") -> None:
        """Take points, µm, a table with ``x y [z]`` or (n_cells, d), for the centers.

        The cells end at the box around the centers; what is outside belongs to the nearest.
        """
        if isinstance(points, pd.DataFrame):
            points = points[[name for name in SPACE_COLUMNS if name in points]]
        vars(self).update(vars(voronoi(points, centers=points)))


Voronoi = Delaunay
