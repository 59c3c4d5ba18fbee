"""Edges that cells share: where something can flow from one to the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tramway import _core

from .tessellation import Tessellation


@dataclass(frozen=True)
class Boundaries:
    """Every edge shared by two neighbouring cells, once from each of its sides.

    Attributes
    ----------
    cell, neighbour
        The two cells, (n,).
    length
        Length of the edge, µm; 0 for neighbours that touch at a corner.
    normal
        Unit vector from the cell to the neighbour, perpendicular to the edge, (n, 2).
    """

    cell: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    length: NDArray[np.float64]
    normal: NDArray[np.float64]


def boundaries(tessellation: Tessellation) -> Boundaries:
    """Find the edges that neighbouring cells share, in two dimensions.

    Cells are convex polygons with corners in one sense of rotation; edges of different lengths may
    overlap in part. The time is proportional to the number of neighbours.
    """
    counts = np.diff(tessellation.adjacency_starts)
    cell = np.repeat(np.arange(tessellation.n_cells), counts)
    outlines = tessellation.polygons()
    length, normal = _core.shared_edges(
        np.concatenate(outlines),
        np.cumsum([0, *map(len, outlines)]),
        np.ascontiguousarray(tessellation.cell_centers),
        tessellation.adjacency_starts,
        tessellation.adjacency,
    )
    return Boundaries(cell, tessellation.adjacency, length, normal)
