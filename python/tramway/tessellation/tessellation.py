"""What every tessellation is: centers, neighbours and sizes of cells."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_matrix

    from .sampling import Counts


@dataclass(eq=False)
class Tessellation(ABC):
    """Cells numbered from 0.

    Attributes
    ----------
    cell_centers
        Array (n_cells, d), µm.
    adjacency_starts, adjacency
        Neighbours of cell i, in ascending order:
        ``adjacency[adjacency_starts[i]:adjacency_starts[i + 1]]``.
    cell_volume
        Area in µm², or volume in µm³, of each cell.

    Examples
    --------
    >>> cells.dim, cells.cell_centers.shape == (cells.n_cells, 2)
    (2, True)
    >>> neighbours = cells.adjacency[cells.adjacency_starts[20] : cells.adjacency_starts[21]]
    >>> len(neighbours)
    6
    """

    _neighbours_follow_from: ClassVar[str | None] = None
    """What files have from which the neighbours follow; None: they have the neighbours."""

    cell_centers: NDArray[np.float64]
    adjacency_starts: NDArray[np.int64]
    adjacency: NDArray[np.int64]
    cell_volume: NDArray[np.float64]

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.cell_centers)

    number_of_cells = n_cells

    @property
    def cell_label(self) -> NDArray[np.int64] | None:
        """Label of each cell, int64 (n_cells,): maps leave out those of 0 or less; None: all count.

        Set it to numbers, or to True and False.
        """
        labels: NDArray[np.int64] | None = vars(self).get("_cell_label")
        return labels

    @cell_label.setter
    def cell_label(self, value: ArrayLike | None) -> None:
        labels = None if value is None else np.asarray(value)
        if labels is not None and (
            labels.shape != (self.n_cells,) or labels.dtype.kind not in "iubf"
        ):
            raise InvalidInputError(
                f"`cell_label` has shape {labels.shape} and type {labels.dtype}, expected "
                f"numbers, or True and False, ({self.n_cells},): one for each cell"
            )
        vars(self)["_cell_label"] = None if labels is None else labels.astype(np.int64)

    @property
    def dim(self) -> int:
        """Number of space dimensions, 2 or 3."""
        return int(self.cell_centers.shape[1])

    @property
    def cell_adjacency(self) -> "csr_matrix[np.bool_]":
        """Sparse symmetric matrix (n_cells, n_cells) of bool: which cells are neighbours."""
        from scipy.sparse import csr_matrix

        neighbours = np.ones(len(self.adjacency), dtype=np.bool_)
        shape = (self.n_cells, self.n_cells)
        return csr_matrix((neighbours, self.adjacency, self.adjacency_starts), shape=shape)

    def set_adjacency(self, i: int, j: int, label: bool = True) -> None:
        """Make two cells neighbours, or no longer, in place.

        Partitions and maps of these cells see it, too; maps that were made before stay as they are.
        A tree that was read from a file has to be told, so that it is saved:
        ``tree[label].data = tree[label].data``.

        Parameters
        ----------
        i, j
            Numbers of two cells.
        label
            Whether they are neighbours.

        Raises
        ------
        InvalidInputError
            If there are no such two cells, or `label` is not True or False; or for squares, kdtree
            cells, segments of time and cells of files of the original, whose neighbours follow from
            something else.
        """
        if self._neighbours_follow_from is not None:
            raise InvalidInputError(
                f"neighbours of these cells follow from {self._neighbours_follow_from}, and cannot "
                "be set: take the Voronoi cells of the same centers, voronoi(points, "
                "centers=cells.cell_centers), before segments of time"
            )
        for name, value in (("i", i), ("j", j)):
            if not 0 <= value < self.n_cells:
                raise InvalidInputError(
                    f"`{name}` is {value!r}, expected a cell, 0 to {self.n_cells - 1}"
                )
        if i == j:
            raise InvalidInputError(f"`i` and `j` are both {i}, expected two cells")
        if not isinstance(label, bool | np.bool_):
            raise InvalidInputError(
                f"`label` is {label!r}, expected True or False: whether the cells are neighbours"
            )
        pairs = self.cell_adjacency.tolil()
        pairs[i, j] = pairs[j, i] = label
        changed = pairs.tocsr()
        self.adjacency_starts = changed.indptr.astype(np.int64)
        self.adjacency = changed.indices.astype(np.int64)

    def locate(self, positions: NDArray[np.float64]) -> NDArray[np.int64]:
        """Cell of each position; :func:`nearest_cell` checks its arguments before.

        Unless a kind of tessellation says otherwise, a cell is what is nearest to its center.

        Parameters
        ----------
        positions
            Contiguous array (N, d), µm.
        """
        return _core.assign_nearest(positions, np.ascontiguousarray(self.cell_centers))

    def cell_index(
        self,
        points: "pd.DataFrame",
        format: str | None = None,
        *,
        knn: "Counts | None" = None,
        radius: float | None = None,
        min_location_count: int | None = None,
    ) -> Any:
        """Tell which points are in which cells.

        Parameters
        ----------
        points
            Table with columns ``x y [z]``, µm, N rows.
        format
            ``"array"``: the cell of each point, (N,), -1 for none; ``"pair"``: rows and cells;
            ``"coo"`` (``"matrix"``), ``"csr"``, ``"csc"``: a sparse matrix (N, n_cells) of bool;
            ``"force array"``: an array, without regard to `knn`. By default an array or, where
            cells share points, rows and cells.
        knn
            How many points each cell has; see :func:`sample_nearest_neighbors`.
        radius
            Cells have what is so near to their centers, µm; see :func:`sample_spheres`.
        min_location_count
            Cells with fewer points are left empty.
        """
        from .cell_index import cell_index

        return cell_index(self, points, format, knn, radius, min_location_count)

    @property
    def adjacency_label(self) -> None:
        """None: all neighbours count."""
        return None

    def simplified_adjacency(self, format: str = "coo") -> Any:
        """Give :attr:`cell_adjacency` in another form of sparse matrices."""
        adjacency: Any = self.cell_adjacency
        return adjacency.asformat(format)

    def neighbours(self, i: int) -> NDArray[np.int64]:
        """Neighbours of a cell, in ascending order."""
        found: NDArray[np.int64] = self.adjacency[
            self.adjacency_starts[i] : self.adjacency_starts[i + 1]
        ]
        return found

    @property
    def vertices(self) -> NDArray[np.float64]:
        """Corners of the cells, (n_vertices, 2), µm, each once; in two dimensions only."""
        return self._corners()[0]

    @property
    def cell_vertices(self) -> list[NDArray[np.int64]]:
        """Corners of each cell, as rows of `vertices`, in the order of its outline."""
        return self._corners()[1]

    def _corners(self) -> tuple[NDArray[np.float64], list[NDArray[np.int64]]]:
        outlines = self.polygons()
        rounded: NDArray[np.float64] = np.concatenate(outlines).round(9)
        corners, number = np.unique(rounded, axis=0, return_inverse=True)
        ends = np.cumsum([len(outline) for outline in outlines])[:-1]
        return corners, np.split(number.ravel(), ends)

    @abstractmethod
    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells, as arrays (k, 2) of corners in µm; in two dimensions only."""

    def shared_edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find the edges that neighbouring cells share, in two dimensions.

        Unless a kind of tessellation says otherwise, cells are convex polygons with corners in one
        sense of rotation; edges of different lengths may overlap in part. The time is proportional
        to the number of neighbours.

        Returns
        -------
        length : array (n,)
            For each of `adjacency`, the length of the edge, µm; 0 for neighbours that touch at a
            corner, or not at all.
        normal : array (n, 2)
            Unit vector from the cell to the neighbour, perpendicular to the edge; without one, any,
            or zero.
        """
        outlines = self._outlines()
        if isinstance(outlines, list):
            starts = np.cumsum([0, *map(len, outlines)])
            corners = np.concatenate(outlines)
        else:
            starts = outlines.shape[1] * np.arange(self.n_cells + 1)
            corners = outlines.reshape(-1, 2)
        return _core.shared_edges(corners, starts, self.adjacency_starts, self.adjacency)

    def _towards_neighbours(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give the distance of each of `adjacency` from its cell, and the unit vector to it."""
        centers = np.ascontiguousarray(self.cell_centers)
        return _core.towards_neighbours(centers, self.adjacency_starts, self.adjacency)

    def _outlines(self) -> list[NDArray[np.float64]] | NDArray[np.float64]:
        """Give the outlines; where all have k corners, as one array (n_cells, k, 2)."""
        return self.polygons()
