"""Sums over the translocations of each cell, in place of the translocations."""

from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .midpoints import file_at_midpoints
from .partition import Partition, describe_partition, nearest_cell
from .tessellation import Tessellation

_MOST_GROUPS = 4_000_000
"""Sums of as many cells and lags take 500 MB at most, while they are made."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the translocations of each cell and lag.

    Attributes
    ----------
    starts
        Sums of cell i are the rows from ``starts[i]`` to ``starts[i + 1]``, (n_cells + 1,).
    groups
        A row for each cell and lag: the lag (s), the number of translocations, the sum of the
        squares of their displacements (µm²), and the sum of these along each axis (µm).

    Examples
    --------
    >>> summing = Summing(cells)
    >>> summing.add(steps)
    >>> sums = summing.partition().sums
    >>> sums.n_cells, int(sums.counts.sum())
    (150, 3800)
    """

    starts: NDArray[np.int64]
    groups: NDArray[np.float64]

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.starts) - 1

    @property
    def cells(self) -> NDArray[np.int64]:
        """Cell of each row."""
        return np.repeat(np.arange(self.n_cells), np.diff(self.starts))

    @property
    def lags(self) -> NDArray[np.float64]:
        """Lag of each row, s."""
        return np.ascontiguousarray(self.groups[:, 0])

    @property
    def counts(self) -> NDArray[np.float64]:
        """Number of translocations in each row."""
        return np.ascontiguousarray(self.groups[:, 1])

    def by_cell(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up numbers of the rows of each cell, (n_cells,)."""
        return np.bincount(self.cells, values, self.n_cells).astype(np.float64, copy=False)

    def of_cells(self, is_kept: NDArray[np.bool_]) -> "Sums":
        """Get the sums of some cells only; the others hold nothing."""
        counts = np.where(is_kept, np.diff(self.starts), 0)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Sums(starts, np.ascontiguousarray(self.groups[is_kept[self.cells]]))


@dataclass(frozen=True, eq=False)
class MidpointSums:
    """What the correction of localization noise is made of; see ``without_noise_drift``.

    Attributes
    ----------
    sums
        Those of translocations that are the first of their tracks, in the cells of their origins;
        then of all others, in the cells of the points midway to the localization before: twice as
        many cells.
    covariance
        Mean product of successive displacements, along one axis, µm²; NaN where there are none.
    """

    sums: Sums
    covariance: float


class SummedPartition(Partition):
    """Cells of which only sums over translocations are known, since these were never all in memory.

    Models of displacements, as D, DD, DF and DV, take it as any partition. What looks at single
    translocations raises an :class:`InvalidInputError` that says what to do.

    Attributes
    ----------
    tessellation
        The cells.
    sums
        Those of each cell.
    midpoints
        What the correction of localization noise is made of; None where that is not known.
    bounding_box
        Rows ``min`` and ``max`` of the origins: columns ``x y [z] t``.
    param
        How it was made, for the record.

    Examples
    --------
    >>> summing = Summing(cells)
    >>> summing.add(steps)  # as many pieces as there are, each of whole tracks
    >>> summed = summing.partition()
    >>> summed
    SummedPartition of 3800 points, 150 cells
    >>> bool((summed.location_count == partition.location_count).all())
    True
    """

    def __init__(
        self,
        tessellation: Tessellation,
        sums: Sums,
        midpoints: MidpointSums | None,
        bounding_box: pd.DataFrame,
        param: dict[str, Any] | None = None,
    ) -> None:
        if sums.n_cells != tessellation.n_cells:
            raise InvalidInputError(
                f"`sums` are of {sums.n_cells} cells, expected {tessellation.n_cells}: those of "
                "the tessellation"
            )
        self.tessellation = tessellation
        self.sums = sums
        self.midpoints = midpoints
        self._bounding_box = bounding_box
        self.param = {} if param is None else param

    def _refuse(self) -> NoReturn:
        raise InvalidInputError(
            "single translocations are needed, and there are only sums over those of each cell, "
            "since the source was streamed as a whole: define regions of interest, as by "
            "a.roi.from_squares, or set a.spt_data.streaming = False, and tessellate again"
        )

    @property
    def points(self) -> pd.DataFrame:  # type: ignore[override]
        """Refuse: they are not in memory."""
        self._refuse()

    @property
    def cells(self) -> NDArray[np.int64]:  # type: ignore[override]
        """Refuse: they are those of single translocations."""
        self._refuse()

    @property
    def point_index(self) -> NDArray[np.int64] | None:  # type: ignore[override]
        """None: each translocation is in one cell."""
        return None

    def __repr__(self) -> str:
        return f"Summed{describe_partition(self._n_points, self.tessellation.n_cells)}"

    @property
    def _n_points(self) -> int:
        return int(self.sums.counts.sum())

    def _how_many(self) -> dict[str, object]:
        return {"translocations": f"{self._n_points:,}, summed"}

    @property
    def cells_per_translocation(self) -> float:
        """Always 1."""
        return 1.0

    @property
    def location_count(self) -> NDArray[np.int64]:
        """Number of translocations in each cell, (n_cells,)."""
        return self.sums.by_cell(self.sums.counts).astype(np.int64)

    @property
    def bounding_box(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of the origins: columns ``x y [z] t``."""
        return self._bounding_box

    @property
    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Cell and lag (s) of each sum."""
        return self.sums.cells, self.sums.lags

    @property
    def entry_count(self) -> int:
        """Number of `entries`."""
        return len(self.sums.lags)

    @property
    def median_lag(self) -> float:
        """Median lag of translocations in cells, s; NaN without any."""
        order = np.argsort(self.sums.lags)
        reached = np.cumsum(self.sums.counts[order])
        if not len(order):
            return float("nan")
        return float(self.sums.lags[order][np.searchsorted(reached, reached[-1] / 2)])

    @property
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Number, sum (n_cells, d) and sum of squares of the displacements of each cell."""
        by_cell, groups = self.sums.by_cell, self.sums.groups
        axes = [by_cell(axis) for axis in groups[:, 3:].T]
        return by_cell(groups[:, 1]), np.stack(axes, axis=1), by_cell(groups[:, 2])

    def in_active_cells(self) -> "SummedPartition":
        """Get the same, without what is in cells whose `cell_label` is 0 or less."""
        labels = self.tessellation.cell_label
        if labels is None or (labels > 0).all():
            return self
        # Midpoints do not tell in which cell the origins are.
        sums = self.sums.of_cells(labels > 0)
        return SummedPartition(self.tessellation, sums, None, self.bounding_box, self.param)


class Summing:
    """Sums over the translocations of each cell, that pieces of a table are added to.

    The sums are those over the whole table, to the bit.

    Parameters
    ----------
    cells
        The cells; each translocation is in the one that it begins in, or else the nearest.

    Examples
    --------
    >>> summing = Summing(cells)
    >>> for track in (1, 2):
    ...     summing.add(steps[steps["n"] == track])
    >>> summing.partition()
    SummedPartition of 38 points, 150 cells
    """

    @checked
    def __init__(self, cells: Tessellation) -> None:
        self._cells = cells
        self._axes = SPACE_COLUMNS[: cells.dim]
        self._sums = _core.CellSums(cells.n_cells, cells.dim)
        self._at_midpoints = _core.CellSums(2 * cells.n_cells, cells.dim)
        self._products, self._successive = 0.0, 0
        self._bounds: list[pd.DataFrame] = []

    def add(self, translocations: pd.DataFrame) -> None:
        """Add translocations of whole tracks, in the order of tracks and times, µm and s.

        Raises
        ------
        InvalidInputError
            If lags differ so much that there are more sums than can be kept.
        """
        if not len(translocations):
            return
        origins, steps = (self._columns(translocations, kind) for kind in ("", "d"))
        lags = np.ascontiguousarray(translocations["dt"], dtype=np.float64)
        cell = nearest_cell(origins, self._cells)
        self._sums.add(cell, steps, lags)
        if len(self._sums) > _MOST_GROUPS:
            raise InvalidInputError(
                f"there are more than {_MOST_GROUPS:,} different pairs of a cell and a lag, each "
                "with sums of its own: times that are no multiples of one interval cannot be "
                "summed; define regions of interest, as by a.roi.from_squares, or make cells larger"
            )
        bins = file_at_midpoints(translocations, cell, self._cells)
        self._at_midpoints.add(bins, steps, lags)
        successive = np.flatnonzero(bins >= self._cells.n_cells)
        self._products += float((steps[successive] * steps[successive - 1]).sum())
        self._successive += successive.size * self._cells.dim
        places = translocations[[*self._axes, "t"]].agg(["min", "max"])
        self._bounds = [pd.concat([*self._bounds, places]).agg(["min", "max"])]

    def _columns(self, table: pd.DataFrame, kind: str) -> NDArray[np.float64]:
        columns = [table[f"{kind}{axis}"].to_numpy(np.float64) for axis in self._axes]
        return np.stack(columns, axis=1)

    def partition(self, param: dict[str, Any] | None = None) -> SummedPartition:
        """Give what was summed so far; `param` tells how it was made."""
        products = self._products / self._successive if self._successive else float("nan")
        midpoints = MidpointSums(Sums(*self._at_midpoints.arrays()), products)
        nothing = pd.DataFrame(np.nan, index=["min", "max"], columns=[*self._axes, "t"])
        bounds = self._bounds[0] if self._bounds else nothing
        return SummedPartition(self._cells, Sums(*self._sums.arrays()), midpoints, bounds, param)
