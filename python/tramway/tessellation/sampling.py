"""Which translocations each cell is to hold: those in it, or those near to it."""

import numbers
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.data.columns import values_of
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .partition import Partition, nearest_cell
from .tessellation import Tessellation
from .time_segments import TimeSegments

Pairs: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows of a translocation table and cells, each (M,), ordered by cell, then by row."""

Count: TypeAlias = int | Sequence[int | None]
"""How many translocations a cell is to have: at least so many; or (at least, at most)."""

Counts: TypeAlias = Count | Callable[[int], Count | None]
"""The same for all cells, or a function of the number of the cell; None: as many as there are."""


@checked
def sample_nearest(
    points: pd.DataFrame, cells: Tessellation, *, min_location_count: int = 0
) -> Partition:
    """File each translocation under the cell that its origin is in, or else the nearest one.

    Parameters
    ----------
    points
        Translocation table, µm and s.
    cells
        The cells; with :class:`TimeSegments`, a translocation is in each segment that its start is
        in.
    min_location_count
        Cells of fewer translocations are left empty.

    Returns
    -------
    Partition
        Nothing is lost, but for what was in cells left empty.

    Examples
    --------
    >>> sample_nearest(steps, cells)
    Partition of 3800 points, 150 cells
    """
    if not isinstance(cells, TimeSegments) and min_location_count == 0:
        return Partition(points, cells, nearest_cell(_positions(points, cells), cells))
    own = _own(points, cells)
    return _partition(points, cells, own, own, min_location_count)


@checked
def sample_spheres(
    points: pd.DataFrame, cells: Tessellation, *, radius: float, min_location_count: int = 0
) -> Partition:
    """File translocations under every cell whose center is near to their origin.

    Parameters
    ----------
    points, cells
        As for :func:`sample_nearest`.
    radius
        Largest distance from the origin to the center, µm. Spheres that overlap share
        translocations; what is in no sphere belongs to no cell.
    min_location_count
        Cells that are nearest to fewer translocations are left empty.

    Examples
    --------
    >>> sample_spheres(steps, cells, radius=0.3).is_overlapping
    True
    """

    def near(positions: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return _core.assign_within_radius(positions, _spatial(cells).cell_centers, float(radius))

    pairs = _each_segment(points, cells, lambda positions, own: near(positions))
    return _partition(points, cells, pairs, _own(points, cells), min_location_count)


@checked
def sample_nearest_neighbors(
    points: pd.DataFrame, cells: Tessellation, *, knn: Counts, min_location_count: int = 0
) -> Partition:
    """File a least, and a largest, number of translocations under each cell.

    A cell holds the translocations that it is nearest to. Where they are too few, the others
    nearest to its center join them, and remain in their own cell too; where they are too many,
    those nearest to its center stay. In time segments, all this is within each segment.

    Parameters
    ----------
    points, cells
        As for :func:`sample_nearest`.
    knn
        Least number of translocations; or that and the largest, None for no limit; or a function
        that gives this for the number of a cell in space. Cells get fewer where there are not so
        many in all. Empty cells are filled too, however far the data.
    min_location_count
        Cells that are nearest to fewer translocations are left empty.

    Raises
    ------
    InvalidInputError
        If the least number is above the largest.

    Examples
    --------
    >>> int(sample_nearest_neighbors(steps, cells, knn=30).location_count.min())
    30
    """
    centers = _spatial(cells).cell_centers
    limits = limits_of_cells(knn, len(centers))

    def near(positions: NDArray[np.float64], own: Pairs) -> Pairs:
        return _within_limits(
            limits, lambda *limit: _core.assign_nearest_points(positions, centers, *own, *limit)
        )

    pairs = _each_segment(points, cells, near)
    return _partition(points, cells, pairs, _own(points, cells), min_location_count)


@checked
def sample_nearest_time_neighbors(
    points: pd.DataFrame, cells: Tessellation, *, knn: Counts, min_location_count: int = 0
) -> Partition:
    """File a least, and a largest, number of translocations under each cell, by nearness in time.

    As :func:`sample_nearest_neighbors`, but where a cell has too few translocations in a time
    segment, those in the same cell of space that begin nearest to the middle of the segment join
    them; where it has too many, those nearest to the middle stay.

    Raises
    ------
    InvalidInputError
        If there are no time segments, or the least number is above the largest.

    Examples
    --------
    >>> from tramway.tessellation import sliding_window, time_segments
    >>> segments = time_segments(cells, sliding_window(steps["t"], duration=0.1))
    >>> sample_nearest_time_neighbors(steps, segments, knn=(10, 50))
    Partition of 3800 points, 600 cells
    """
    if not isinstance(cells, TimeSegments):
        raise InvalidInputError(
            "nearness in time is to the middle of time segments, but there are none: set "
            "a.time = time.SlidingWindow(duration) first"
        )
    limits = limits_of_cells(knn, cells.spatial.n_cells) * cells.n_segments
    own = _own(points, cells)
    times = np.ascontiguousarray(points["t"], dtype=np.float64)
    nearest = nearest_cell(_positions(points, cells), cells.spatial)
    by_cell = _grouped(own, cells.n_cells)

    def near(least: int, most: int) -> Pairs:
        return _core.assign_nearest_in_time(
            times, nearest, cells.spatial.n_cells, cells.middles, *by_cell, least, most
        )

    starts, members = _within_limits(limits, near)
    return _partition(points, cells, _pairs(starts, members), own, min_location_count)


def check_count(knn: Count) -> tuple[int, int]:
    """Check a least number of translocations, or that and the largest; return both."""
    counts: list[Any] = list(knn) if isinstance(knn, tuple | list) else [knn, None]
    known = [isinstance(count, numbers.Integral) for count in counts if count is not None]
    if len(counts) == 2 and all(known):
        least = 0 if counts[0] is None else counts[0]
        most = np.iinfo(np.int64).max if counts[1] is None else counts[1]
        if 0 <= least <= most:
            return int(least), int(most)
    raise InvalidInputError(
        f"`knn` is {knn!r}, expected a number of translocations, or the least and the largest"
    )


def limits_of_cells(knn: Counts, n_cells: int) -> list[tuple[int, int]]:
    """Least and largest number of translocations of each cell in space."""
    if not callable(knn):
        return [check_count(knn)] * n_cells
    given = (knn(cell) for cell in range(n_cells))
    return [check_count((None, None) if count is None else count) for count in given]


def _within_limits(limits: Sequence[tuple[int, int]], assign: Callable[[int, int], Pairs]) -> Pairs:
    """Fill each cell within its limits: all of them within each pair that there is, in turn."""
    distinct = sorted(set(limits))
    if len(distinct) == 1:
        return assign(*distinct[0])
    which = np.array([distinct.index(pair) for pair in limits])
    parts = [_pairs(*assign(*limit)) for limit in distinct]
    chosen = [which[cells] == rank for rank, (_, cells) in enumerate(parts)]
    rows = np.concatenate([part[0][kept] for part, kept in zip(parts, chosen, strict=True)])
    cells = np.concatenate([part[1][kept] for part, kept in zip(parts, chosen, strict=True)])
    order = np.argsort(cells, kind="stable")
    return _grouped((rows[order], cells[order]), len(limits))


def _partition(
    points: pd.DataFrame, cells: Tessellation, pairs: Pairs, own: Pairs, min_location_count: int
) -> Partition:
    rows, numbers = pairs
    if min_location_count > 0:
        is_filled = np.bincount(own[1], minlength=cells.n_cells) >= min_location_count
        rows, numbers = rows[is_filled[numbers]], numbers[is_filled[numbers]]
    return Partition.from_pairs(points, cells, rows, numbers)


def _own(points: pd.DataFrame, cells: Tessellation) -> Pairs:
    """File each row under the nearest cell, in each time segment that it is in."""
    nearest = nearest_cell(_positions(points, cells), _spatial(cells))
    segments = _segments(points, cells)
    rows = np.concatenate(segments)
    segment = np.repeat(np.arange(len(segments)), [len(members) for members in segments])
    numbers = segment * _spatial(cells).n_cells + nearest[rows]
    order = np.argsort(numbers, kind="stable")
    return rows[order], numbers[order]


def _each_segment(
    points: pd.DataFrame,
    cells: Tessellation,
    near: Callable[[NDArray[np.float64], Pairs], Pairs],
) -> Pairs:
    """File under cells segment by segment, as `near` does.

    It is called with the positions in a segment and with where the own members of each cell begin,
    and the members; it returns the same of all that the cell is to hold.
    """
    positions, spatial = _positions(points, cells), _spatial(cells)
    nearest = nearest_cell(positions, spatial)
    found: list[Pairs] = []
    for segment, rows in enumerate(_segments(points, cells)):
        order = np.argsort(nearest[rows], kind="stable")
        own = _grouped((order, nearest[rows][order]), spatial.n_cells)
        members, numbers = _pairs(*near(positions[rows], own))
        found.append((rows[members], segment * spatial.n_cells + numbers))
    return np.concatenate([rows for rows, _ in found]), np.concatenate([c for _, c in found])


def _grouped(pairs: Pairs, n_cells: int) -> Pairs:
    """Where the rows of each cell begin, and the rows."""
    rows, cells = pairs
    counts = np.bincount(cells, minlength=n_cells)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), rows


def _pairs(starts: NDArray[np.int64], members: NDArray[np.int64]) -> Pairs:
    """Rows and cells, from where the rows of each cell begin."""
    return members, np.repeat(np.arange(len(starts) - 1, dtype=np.int64), np.diff(starts))


def _segments(points: pd.DataFrame, cells: Tessellation) -> list[NDArray[np.int64]]:
    """Rows in each time segment; all of them where there are no segments."""
    if isinstance(cells, TimeSegments):
        return cells.members(points["t"])
    return [np.arange(len(points), dtype=np.int64)]


def _spatial(cells: Tessellation) -> Tessellation:
    return cells.spatial if isinstance(cells, TimeSegments) else cells


def _positions(points: pd.DataFrame, cells: Tessellation) -> NDArray[np.float64]:
    return values_of(points, SPACE_COLUMNS[: cells.dim])
