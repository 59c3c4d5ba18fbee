"""Translocations assigned to the cells of a tessellation."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.arguments import check_kind, checked
from tramway.data.columns import array_of, values_of
from tramway.data.whole_tracks import whole_tracks
from tramway.display import html_table
from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.units import SPACE_COLUMNS

from .cell_index import pairs_of
from .tessellation import Tessellation
from .time_segments import TimeSegments

_LAG_RESOLUTION = 1e-9
"""Difference below which two lags are one, s: what rounding makes of times in decimals is less."""

CellIndex: TypeAlias = NDArray[np.int64] | tuple[NDArray[np.int64], NDArray[np.int64]]
"""The cell of each translocation; or rows of translocations, and the cell of each of these."""


@dataclass(eq=False, repr=False)
class Partition:
    """Translocations, cells, and which belong to which.

    Attributes
    ----------
    points
        Translocation table of N rows: ``n x y [z] t … dx dy [dz] dt``, in µm and s.
    tessellation
        The cells.
    cells
        Cell of each filed translocation, int64 (M,); -1 where there is none. None is filed if it
        is left out, until `cell_index` is set.
    param
        How it was made, for the record.
    point_index
        Which row of `points` each filed translocation is, int64 (M,), for cells that share
        translocations; None where there is one entry for each row, M = N.
    find_trajectories
        Gives the trajectories that the translocations were cut out of, None where nobody knows
        them; see :meth:`with_whole_tracks`. Not pickled.

    Raises
    ------
    InvalidInputError
        If `cells` has not one number per entry, or the number of a cell or of a row that does not
        exist.

    Examples
    --------
    >>> partition
    Partition of 3800 points, 150 cells
    >>> int(partition.location_count.sum()) == len(steps)
    True
    """

    points: pd.DataFrame
    tessellation: Tessellation
    cells: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    param: dict[str, Any] = field(default_factory=dict)
    point_index: NDArray[np.int64] | None = None
    find_trajectories: Callable[[], pd.DataFrame | None] | None = None

    def __post_init__(self) -> None:
        check_kind("points", self.points, pd.DataFrame)
        check_kind("tessellation", self.tessellation, Tessellation)
        check_kind("point_index", self.point_index, np.ndarray | None)
        n_points, n_cells = len(self.points), self.tessellation.n_cells
        if self.point_index is None:
            self.point_index, self.cells = pairs_of(self.cells)
            if self.point_index is None and not self.cells.size:
                self.cells = np.full(n_points, -1, dtype=np.int64)
        shape = (n_points,) if self.point_index is None else self.point_index.shape
        if self.cells.shape != shape or len(shape) != 1:
            raise InvalidInputError(
                f"`cells` has shape {self.cells.shape}, expected {shape}: "
                f"one cell per {'translocation' if self.point_index is None else '`point_index`'}"
            )
        cells, rows = self.cells, self.point_index
        if len(cells) and not -1 <= cells.min() <= cells.max() < n_cells:
            raise InvalidInputError(
                f"`cells` runs from {cells.min()} to {cells.max()}, expected numbers of the "
                f"{n_cells} cells, or -1"
            )
        if rows is not None and len(rows) and not 0 <= rows.min() <= rows.max() < n_points:
            raise InvalidInputError(
                f"`point_index` runs from {rows.min()} to {rows.max()}, expected rows of the "
                f"{n_points} translocations"
            )

    @classmethod
    def from_pairs(
        cls,
        points: pd.DataFrame,
        tessellation: Tessellation,
        point_index: NDArray[np.int64],
        cell_index: NDArray[np.int64],
        param: dict[str, Any] | None = None,
    ) -> "Partition":
        """Make a partition of pairs of a translocation and a cell that it belongs to.

        Where no translocation is in two pairs, `cells` has one entry for each row of `points`,
        and there is no `point_index`; otherwise the pairs are kept, ordered by row and cell.

        Parameters
        ----------
        points, tessellation, param
            See the class.
        point_index, cell_index
            Row of `points` and cell of each pair, (M,), in any order.
        """
        param = {} if param is None else param
        pairs = cls(points, tessellation, cell_index, param, point_index)  # checks them
        n_cells = tessellation.n_cells
        filed = np.sort((point_index * n_cells + cell_index)[cell_index >= 0])
        filed = filed[np.diff(filed, prepend=-1) > 0]  # far faster than numpy.unique
        rows, cells = filed // n_cells, filed % n_cells
        if (np.diff(rows) == 0).any():
            pairs.point_index, pairs.cells = rows, cells
            return pairs
        single = np.full(len(points), -1, dtype=np.int64)
        single[rows] = cells
        return cls(points, tessellation, single, param)

    def __repr__(self) -> str:
        return describe_partition(len(self.points), self.tessellation.n_cells)

    def _repr_html_(self) -> str:
        counts = self.location_count
        filled = counts[counts > 0]
        bounds = self.bounding_box
        facts: dict[str, object] = {
            **self._how_many(),
            "cells": f"{self.tessellation.n_cells:,}, {len(counts) - len(filled):,} of them empty",
            "kind": type(self.tessellation).__name__,
        }
        if isinstance(self.tessellation, TimeSegments):
            facts["time segments"] = self.tessellation.n_segments
        if len(filled):
            facts["translocations per cell"] = (
                f"{filled.min()} to {filled.max()}, median {np.median(filled):g}"
            )
        if self.is_overlapping:
            facts["cells per translocation"] = f"{self.cells_per_translocation:.3g}"
        for axis in bounds:
            unit = "s" if axis == "t" else "µm"
            low, high = bounds[axis]
            facts[str(axis)] = f"{low:.4g} to {high:.4g} {unit}"
        for name, value in self.param.items():
            facts[f"made with: {name}"] = value
        return html_table(facts.items())

    @property
    def cell_index(self) -> "CellIndex":
        """Cell of each translocation, (N,), or, where cells share some, ``points, cells``, (M,).

        It can be set to either, or to a sparse matrix (N, n_cells); see `cells` and `rows`, which
        are of one form always.
        """
        return self.cells if self.point_index is None else (self.point_index, self.cells)

    @cell_index.setter
    def cell_index(self, value: "CellIndex") -> None:
        entries, cells = pairs_of(value)
        checked = replace(self, cells=cells, point_index=entries)
        self.point_index, self.cells = checked.point_index, checked.cells

    def _how_many(self) -> dict[str, object]:
        """Tell how many translocations there are."""
        outside = len(self.points) - len(np.unique(self.rows[self.cells >= 0]))
        return {"translocations": f"{len(self.points):,}", "in no cell": f"{outside:,}"}

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of `points` that each entry of `cells` is about, (M,)."""
        if self.point_index is None:
            return np.arange(len(self.points), dtype=np.int64)
        return self.point_index

    @property
    def cells_per_translocation(self) -> float:
        """In how many cells a translocation is on average, of those in any; NaN if none is.

        Above 1 where cells, or time segments, overlap: observations are counted more than once.
        """
        filed = self.rows[self.cells >= 0]
        return (
            len(filed) / int(np.count_nonzero(np.bincount(filed))) if len(filed) else float("nan")
        )

    @property
    def is_overlapping(self) -> bool:
        """Whether any translocation is in more than one cell."""
        return self.point_index is not None and self.cells_per_translocation > 1

    def segment(self, index: int) -> "Partition":
        """Get the translocations of one time segment, assigned to the cells of space.

        Parameters
        ----------
        index
            Number of the segment, from 0.

        Raises
        ------
        InvalidInputError
            If there are no time segments, or none of that number.
        """
        segments = self.tessellation
        if not isinstance(segments, TimeSegments):
            raise InvalidInputError(
                "the partition has no time segments: `segment` is for those made with a.time = "
                "time.SlidingWindow(duration)"
            )
        first = segments.check_segment(index) * segments.spatial.n_cells
        cells = self.cells - first
        is_inside = (self.cells >= first) & (cells < segments.spatial.n_cells)
        kept, rows = np.unique(self.rows[is_inside], return_inverse=True)
        points = self.points.iloc[kept].reset_index(drop=True)
        return Partition.from_pairs(points, segments.spatial, rows, cells[is_inside], self.param)

    def in_active_cells(self) -> "Partition":
        """Get the same, without what is in cells whose `cell_label` is 0 or less."""
        labels = self.tessellation.cell_label
        if labels is None:
            return self
        is_active = np.append(labels > 0, False)  # the last one for -1
        return replace(self, cells=np.where(is_active[self.cells], self.cells, -1))

    def with_whole_tracks(self) -> "Partition":
        """Get the same with all translocations of its tracks, those that it lacks in no cell.

        What lies outside of a region tells where a molecule is when it comes in. Itself where it
        lacks nothing, or what it was cut out of is not known.
        """
        trajectories = None if self.find_trajectories is None else self.find_trajectories()
        found = None if trajectories is None else whole_tracks(trajectories, self.points)
        if found is None:
            return self
        points, rows = found
        cells = np.full(len(points), -1, dtype=np.int64)
        is_filed = self.cells >= 0
        cells[rows[self.rows[is_filed]]] = self.cells[is_filed]
        return Partition(points, self.tessellation, cells, self.param)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "find_trajectories": None}

    @property
    def number_of_cells(self) -> int:
        """Number of cells."""
        return self.tessellation.n_cells

    @property
    def location_count(self) -> NDArray[np.int64]:
        """Number of translocations in each cell, (n_cells,)."""
        # Those in none are counted, too, in front of the cells: sooner than they are left out.
        counts = np.bincount(self.cells + 1, minlength=self.tessellation.n_cells + 1)
        return counts[1:].astype(np.int64)

    @property
    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Cell and lag (s) of each filed translocation, or of several that have these in common."""
        return self.cells, self.lags

    @property
    def entry_count(self) -> int:
        """Number of `entries`."""
        return len(self.cells)

    @property
    def median_lag(self) -> float:
        """Median lag of translocations in cells, s; NaN without any."""
        is_filed = self.cells >= 0
        lags = self.lags if is_filed.all() else self.lags[is_filed]
        if not len(lags):
            return float("nan")
        least = float(lags.min())
        if lags.max() - least < _LAG_RESOLUTION:  # as is usual, and far sooner known
            return least
        return float(np.median(lags))

    @property
    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Number, sum (n_cells, d) and sum of squares of the displacements of each cell.

        In µm and µm², (n_cells,) but for the second.
        """
        filed = self.cells >= 0
        cell, displacements = self.cells[filed], self.displacements[filed]
        count = self.tessellation.n_cells
        n = np.bincount(cell, minlength=count).astype(np.float64)
        sums = [np.bincount(cell, axis, minlength=count) for axis in displacements.T]
        squares = np.bincount(cell, (displacements**2).sum(axis=1), minlength=count)
        return n, np.stack(sums, axis=1), squares.astype(np.float64, copy=False)

    @property
    def bounding_box(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of the origins: columns ``x y [z] [t]``; NaN without points."""
        columns = [column for column in (*SPACE_COLUMNS, "t") if column in self.points]
        return self.points[columns].agg(["min", "max"])

    @property
    def origins(self) -> NDArray[np.float64]:
        """Where each filed translocation begins, (M, d), µm."""
        return self._columns(self._space())

    @property
    def displacements(self) -> NDArray[np.float64]:
        """How far each filed translocation goes, (M, d), µm.

        Raises
        ------
        InsufficientDataError
            If the points are localizations that are not tracked.
        """
        self._check_displaced()
        return self._columns([f"d{column}" for column in self._space()])

    @property
    def lags(self) -> NDArray[np.float64]:
        """How long each filed translocation takes, (M,), s.

        Raises
        ------
        InsufficientDataError
            If the points are localizations that are not tracked.
        """
        self._check_displaced()
        lags = np.ascontiguousarray(array_of(self.points, "dt"), dtype=np.float64)
        return lags if self.point_index is None else lags[self.point_index]

    @property
    def locations(self) -> pd.DataFrame:
        """Same as `points`."""
        return self.points

    def _check_displaced(self) -> None:
        if "dx" not in self.points:
            raise InsufficientDataError(
                "there are no displacements: the points are localizations that are not tracked, "
                "which have a density only (the model 'density'); a.tracker links them"
            )

    def _space(self) -> list[str]:
        return list(SPACE_COLUMNS[: self.tessellation.dim])

    def _columns(self, names: list[str]) -> NDArray[np.float64]:
        columns = values_of(self.points, names)
        return columns if self.point_index is None else columns[self.point_index]


@checked
def nearest_cell(points: ArrayLike, tessellation: Tessellation) -> NDArray[np.int64]:
    """Find the cell of each point: the one that it is in, or else the nearest.

    Parameters
    ----------
    points
        Array (N, d) of positions, µm.
    tessellation
        The cells, in d dimensions.

    Returns
    -------
    array (N,) of int64
        Every point has one cell, however far. In most tessellations that is the cell whose center
        is nearest, the first one of those as near; in a :class:`QuadTreeTessellation` it is the
        square that the point is in.

    Raises
    ------
    InvalidInputError
        If the shape does not fit, or a coordinate is not finite.

    Examples
    --------
    >>> nearest_cell(cells.cell_centers[:3], cells)
    array([0, 1, 2])
    """
    positions = np.ascontiguousarray(points, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != tessellation.dim:
        raise InvalidInputError(
            f"`points` is an array of shape {positions.shape}, expected (N, {tessellation.dim}) as "
            "the cell centers"
        )
    return tessellation.locate(positions)


def describe_partition(n_points: int, n_cells: int) -> str:
    """Say in a line what a partition is."""
    return f"Partition of {n_points} points, {n_cells} cells"
