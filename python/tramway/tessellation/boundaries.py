"""Edges that cells share: where something can flow from one to the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tessellation import Tessellation

_TOUCHING = 1e-6  # distance between two edges on one line, in units of their length

_PAIRS_AT_ONCE = 1024
"""Pairs of cells, so that all there is to say of their edges fits into the cache."""


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
    neighbour = tessellation.adjacency
    starts, ends = _edges(tessellation.polygons())

    blocks = np.split(np.arange(len(cell)), np.arange(_PAIRS_AT_ONCE, len(cell), _PAIRS_AT_ONCE))
    found = [
        _shared_edges(starts, ends, tessellation.cell_centers, cell[pairs], neighbour[pairs])
        for pairs in blocks
    ]
    length, normal = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Boundaries(cell, neighbour, length, normal)


def _shared_edges(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    centers: NDArray[np.float64],
    cell: NDArray[np.int64],
    neighbour: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Length, and normal from cell to neighbour, of the edge that each pair shares."""
    along = ends[cell] - starts[cell]  # (pairs, edges, 2)
    size = np.linalg.norm(along, axis=2)
    along = along / np.where(size > 0, size, 1.0)[:, :, None]
    across = np.stack([along[:, :, 1], -along[:, :, 0]], axis=2)
    # The neighbour's edges in the frame of each edge of the cell: (pairs, edges, its edges).
    offsets = [corner[neighbour][:, None] - starts[cell][:, :, None] for corner in (starts, ends)]
    height = [np.einsum("pabd,pad->pab", offset, across) for offset in offsets]
    position = [np.einsum("pabd,pad->pab", offset, along) for offset in offsets]
    scale = size[:, :, None]
    same_line = np.maximum(*np.abs(height)) <= _TOUCHING * scale
    low = np.maximum(np.minimum(*position), 0.0)
    high = np.minimum(np.maximum(*position), scale)
    overlap = np.where(same_line, np.maximum(high - low, 0.0), 0.0).max(axis=2)

    pairs = np.arange(len(cell))
    shared = overlap.argmax(axis=1)
    normal = across[pairs, shared]
    outwards = np.einsum("pd,pd->p", normal, centers[neighbour] - centers[cell])
    return overlap[pairs, shared], normal * np.where(outwards < 0, -1.0, 1.0)[:, None]


def _edges(
    outlines: list[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give starts and ends of the edges of polygons, (n, k, 2); missing ones have no length."""
    most = max(map(len, outlines))
    starts = np.empty((len(outlines), most, 2))
    for polygon, outline in zip(starts, outlines, strict=True):
        polygon[: len(outline)] = outline
        polygon[len(outline) :] = outline[0]
    ends = np.roll(starts, -1, axis=1)
    return starts, ends
