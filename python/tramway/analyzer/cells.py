"""Cells as functions of the user's get them, one by one."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.errors import MissingResultError
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Cell:
    """The translocations of one cell; ``len(cell)`` is their number.

    Attributes
    ----------
    index
        Number of the cell.
    translocations
        Table of them: ``n x y [z] t … dx dy [dz] dt``, in µm and s.
    center
        Of the cell, (d,), µm.
    volume
        Area of the cell, µm²; volume in three dimensions, µm³.

    Examples
    --------
    >>> cell = Cells(partition)[20]
    >>> round(float((cell.dr**2).sum(axis=1).mean() / (4 * cell.dt.mean())), 2)  # µm²/s
    0.09
    """

    def __init__(
        self, index: int, translocations: pd.DataFrame, center: NDArray[np.float64], volume: float
    ) -> None:
        self.index = index
        self.translocations = translocations
        self.center = center
        self.volume = volume

    def __len__(self) -> int:
        return len(self.translocations)

    @property
    def dim(self) -> int:
        """Number of space coordinates."""
        return len(self.center)

    @property
    def tcount(self) -> int:
        """Number of translocations."""
        return len(self)

    @property
    def space_cols(self) -> list[str]:
        """Names of the space coordinates."""
        return list(SPACE_COLUMNS[: self.dim])

    @property
    def n(self) -> NDArray[np.int64]:
        """Number of the track of each, (N,)."""
        return self.translocations["n"].to_numpy()

    @property
    def t(self) -> NDArray[np.float64]:
        """When each begins, (N,), s."""
        return self.translocations["t"].to_numpy(np.float64)

    @property
    def dt(self) -> NDArray[np.float64]:
        """How long each takes, (N,), s."""
        return self.translocations["dt"].to_numpy(np.float64)

    @property
    def r(self) -> NDArray[np.float64]:
        """Where each begins, (N, d), µm."""
        return self.translocations[self.space_cols].to_numpy(np.float64)

    @property
    def dr(self) -> NDArray[np.float64]:
        """How far each goes, (N, d), µm."""
        deltas = [f"d{column}" for column in self.space_cols]
        return self.translocations[deltas].to_numpy(np.float64)

    @property
    def origins(self) -> pd.DataFrame:
        """Where and when each begins: columns ``x y [z] t``."""
        return self.translocations[[*self.space_cols, "t"]]

    @property
    def destinations(self) -> pd.DataFrame:
        """Where and when each ends: columns ``x y [z] t``."""
        columns = [*self.space_cols, "t"]
        return self.origins + self.translocations[[f"d{name}" for name in columns]].to_numpy()


class Cells(Mapping[int, Cell]):
    """The cells of a partition that hold translocations, by their numbers.

    Attributes
    ----------
    partition
        What they are the cells of.

    Examples
    --------
    >>> all_of_them = Cells(partition)
    >>> cell = all_of_them[20]
    >>> len(cell), cell.dr.shape
    (21, (21, 2))
    """

    def __init__(self, partition: Partition) -> None:
        self.partition = partition

    @cached_property
    def _rows(self) -> dict[int, NDArray[np.int64]]:
        """Rows of the table that each cell has."""
        cells = self.partition.cells
        order = np.argsort(cells, kind="stable")
        order = order[cells[order] >= 0]
        if not len(order):
            return {}
        numbers, starts = np.unique(cells[order], return_index=True)
        rows = np.split(self.partition.rows[order], starts[1:])
        return dict(zip(numbers.tolist(), rows, strict=True))

    def __getitem__(self, index: int) -> Cell:
        """Cell of that number.

        Raises
        ------
        MissingResultError
            If there is none, or it holds nothing.
        """
        if index not in self._rows:
            raise MissingResultError(f"there is no cell {index}, or it holds no translocation")
        tessellation = self.partition.tessellation
        return Cell(
            int(index),
            self.partition.points.iloc[self._rows[index]],
            tessellation.cell_centers[index],
            float(tessellation.cell_volume[index]),
        )

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def cells(self) -> "Cells":
        """The same."""
        return self

    @property
    def dim(self) -> int:
        """Number of space dimensions, 2 or 3."""
        return self.partition.tessellation.dim

    @property
    def adjacency(self) -> "csr_matrix[np.bool_]":
        """Which cells are neighbours, a sparse matrix of all, those that hold nothing apart."""
        adjacency = self.partition.tessellation.cell_adjacency.copy()
        holds = np.isin(np.arange(self.partition.number_of_cells), list(self._rows))
        adjacency.data &= np.repeat(holds, np.diff(adjacency.indptr)) & holds[adjacency.indices]
        adjacency.eliminate_zeros()
        return adjacency

    def neighbours(self, index: int) -> list[int]:
        """Numbers of the cells beside one, those that hold translocations."""
        cells = self.partition.tessellation
        first, end = cells.adjacency_starts[index : index + 2]
        return [cell for cell in cells.adjacency[first:end].tolist() if cell in self._rows]

    def _beside(
        self, index: int, values: ArrayLike, index_map: ArrayLike | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Ways to the k neighbours (k, d), and how much more there is there, (k,)."""
        around = np.array([*self.neighbours(self[index].index), index], dtype=np.int64)
        if len(around) == 1:
            return None
        values = np.asarray(values, dtype=np.float64)
        known = values[around if index_map is None else np.asarray(index_map)[around]]
        centers = self.partition.tessellation.cell_centers[around]
        return centers[:-1] - centers[-1], known[:-1] - known[-1]

    def grad(
        self,
        index: int,
        values: ArrayLike,
        index_map: ArrayLike | None = None,
        *,
        selection_angle: float | None = None,
        eps: float | None = None,
        na: float = np.nan,
    ) -> NDArray[np.float64] | None:
        """Gradient of what has a value in each cell, at the center of one.

        Along each axis, it is that of the parabola through the cell and the means of the neighbours
        on either side, or the slope to those on one side.

        Parameters
        ----------
        index
            Number of the cell.
        values
            Value of each cell, by its number.
        index_map
            Where the value of each cell is in `values`, by its number.
        selection_angle
            Which neighbours are beside the cell along an axis: those within this part of a right
            angle from it, as the models have it with 0.9.
        eps
            Otherwise, those further along the axis than that, µm; and if neither is given, each
            neighbour along one axis only, the one that it is furthest along.
        na
            What to give where there is no neighbour on either side.

        Returns
        -------
        array (d,) or None
            In units of `values` per µm; None if there is no neighbour at all.
        """
        around = self._beside(index, values, index_map)
        if around is None:
            return None
        ways, more = around
        if selection_angle is not None:
            along = ways / np.linalg.norm(ways, axis=1, keepdims=True)
            beyond = np.abs(along) > np.sin(np.pi / 2 * (1 - selection_angle))
        elif eps is not None:
            beyond = np.abs(ways) > eps
        else:
            beyond = np.arange(self.dim) == np.argmax(np.abs(ways), axis=1)[:, np.newaxis]
        gradient = np.full(self.dim, na)
        for axis in range(self.dim):
            sides = [beyond[:, axis] & (sign * ways[:, axis] > 0) for sign in (-1, 1)]
            means = [(ways[side, axis].mean(), more[side].mean()) for side in sides if side.any()]
            slopes = [rise / run for run, rise in means]
            if len(slopes) == 2:
                (back, _), (forth, _) = means
                gradient[axis] = (slopes[0] * forth - slopes[1] * back) / (forth - back)
            elif slopes:
                gradient[axis] = slopes[0]
        return gradient

    def grad_sum(self, index: int, gradient: ArrayLike) -> float:
        """Sum of the components, times the area of the cell: its term in an integral."""
        return float(self[index].volume * np.sum(gradient))

    def local_variation(
        self, index: int, values: ArrayLike, index_map: ArrayLike | None = None
    ) -> NDArray[np.float64] | None:
        """Slopes from one cell to each of its k neighbours, (k,), over √k; None if it has none.

        The sum of their squares is the mean squared slope, which priors penalise. See :meth:`grad`
        for the parameters.
        """
        around = self._beside(index, values, index_map)
        if around is None:
            return None
        ways, more = around
        slopes: NDArray[np.float64] = more / np.linalg.norm(ways, axis=1) / np.sqrt(len(more))
        return slopes
