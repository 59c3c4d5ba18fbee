"""What every tessellation is: centers, neighbours and sizes of cells."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.data.columns import values_of
from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.units import SPACE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array


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
    def cell_adjacency(self) -> "csr_array[np.bool_]":
        """Sparse symmetric matrix (n_cells, n_cells) of bool: which cells are neighbours."""
        from scipy.sparse import csr_array

        neighbours = np.ones(len(self.adjacency), dtype=np.bool_)
        shape = (self.n_cells, self.n_cells)
        return csr_array((neighbours, self.adjacency, self.adjacency_starts), shape=shape)

    def set_adjacency(self, *_: object, **__: object) -> NoReturn:
        """Refuse: the cells that partitions, maps and files refer to stay as they are."""
        raise UnknownAttributeError(
            "neighbours cannot be set one by one: make other cells, dataclasses.replace(cells, "
            "adjacency_starts=starts, adjacency=neighbours), and of them a partition, "
            "replace(partition, tessellation=cells), to be added to a tree under its own label; of "
            "squares and of kdtree cells files say no neighbours: take the Voronoi cells of their "
            "centers instead, voronoi(points, centers=cells.cell_centers)"
        )

    def locate(self, positions: NDArray[np.float64]) -> NDArray[np.int64]:
        """Cell of each position; :func:`nearest_cell` checks its arguments before.

        Unless a kind of tessellation says otherwise, a cell is what is nearest to its center.

        Parameters
        ----------
        positions
            Contiguous array (N, d), µm.
        """
        return _core.assign_nearest(positions, np.ascontiguousarray(self.cell_centers))

    def cell_index(self, points: "pd.DataFrame") -> NDArray[np.int64]:
        """Cell of each position in the columns ``x y [z]`` of a table, µm; see :meth:`locate`."""
        return self.locate(values_of(points, SPACE_COLUMNS[: self.dim]))

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
