"""The same cells of space in each of several segments of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .tessellation import Tessellation

_TIME_RESOLUTION = 1e-9
"""Times that differ by less, in s, are the same: decimals carry rounding noise far below it."""

_MAX_SEGMENTS = 1_000_000


class _Maps(Protocol):
    @property
    def maps(self) -> pd.DataFrame: ...


@dataclass(eq=False)
class TimeSegments(Tessellation):
    """Cells of space, once for each segment of time; made by :func:`time_segments`.

    Cell c of n in segment s has the number ``s n + c``. Neighbours are in the same segment.

    Attributes
    ----------
    spatial
        The cells of one segment.
    intervals
        First and last time of each segment, (n_segments, 2), s, in ascending order. Segments that
        overlap share translocations. A translocation that begins when a segment ends is not in it,
        except in the last segment.
    links
        How the original links segments in time, ``time_edge`` and ``time_dimension``, where a file
        of it says that. Without effect here, where priors in time do it; it goes into files again.

    Examples
    --------
    >>> segments = time_segments(cells, [[0, 0.2], [0.2, 0.4]])  # s
    >>> segments.spatial is cells
    True
    """

    _neighbours_follow_from: ClassVar[str | None] = "those in space"

    spatial: Tessellation
    intervals: NDArray[np.float64]
    links: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.intervals)

    @property
    def time_lattice(self) -> NDArray[np.float64]:
        """Same as `intervals`."""
        return self.intervals

    @property
    def middles(self) -> NDArray[np.float64]:
        """Time in the middle of each segment, (n_segments,), s."""
        return np.asarray(self.intervals.mean(axis=1), dtype=np.float64)

    def check_segment(self, index: int) -> int:
        """Return the number of a segment, if there is such a one.

        Raises
        ------
        InvalidInputError
            If there is not.
        """
        if not 0 <= index < self.n_segments:
            raise InvalidInputError(
                f"`segment` is {index}, expected a number from 0 to {self.n_segments - 1}"
            )
        return int(index)

    def members(self, times: ArrayLike) -> list[NDArray[np.int64]]:
        """For each segment, which of some times are in it, in ascending order.

        Parameters
        ----------
        times
            Array (N,), s, in any order.
        """
        times = np.asarray(times, dtype=np.float64)
        order = np.argsort(times, kind="stable")
        bounds = np.searchsorted(times[order], self.intervals - _TIME_RESOLUTION)
        last = self.intervals[-1, 1] + _TIME_RESOLUTION
        bounds[-1, 1] = np.searchsorted(times[order], last, side="right")
        return [np.sort(order[first:end]) for first, end in bounds]

    def split_frames(self, df: "pd.DataFrame | _Maps", return_times: bool = False) -> list[Any]:
        """Split maps by segment, each a table by number of the cell of space.

        Parameters
        ----------
        df
            Maps, or a table of them, by number of the cell.
        return_times
            Whether to give pairs of the times of a segment, (2,), s, and its table.
        """
        table = df if isinstance(df, pd.DataFrame | pd.Series) else df.maps
        segment, cell = np.divmod(table.index.to_numpy(), self.spatial.n_cells)
        found = [table[segment == k].set_axis(cell[segment == k]) for k in range(self.n_segments)]
        return list(zip(self.intervals, found, strict=True)) if return_times else found

    split_segments = split_frames

    @property
    def spatial_mesh(self) -> Tessellation:
        """Same as `spatial`."""
        return self.spatial

    def locate(self, positions: NDArray[np.float64]) -> NDArray[np.int64]:
        """Not available: which segment it is depends on the time."""
        raise InvalidInputError(
            "positions alone do not tell the time segment: use sample_nearest(points, cells), or "
            "nearest_cell(points, cells.spatial) for the cell of space"
        )

    def polygons(self) -> list[NDArray[np.float64]]:
        """Outlines of the cells; in space, those of every segment are the same."""
        return self.spatial.polygons() * self.n_segments


@checked
def time_segments(spatial: Tessellation, intervals: ArrayLike) -> TimeSegments:
    """Repeat cells of space in segments of time.

    Parameters
    ----------
    spatial
        The cells.
    intervals
        First and last time of each segment, (n_segments, 2), s; :func:`sliding_window` makes them.

    Raises
    ------
    InvalidInputError
        If there is no segment, a segment ends before it begins, or one begins or ends before the
        one before it does.

    Examples
    --------
    >>> segments = time_segments(cells, [[0, 0.2], [0.2, 0.4]])  # s
    >>> segments.n_segments, segments.n_cells == 2 * cells.n_cells
    (2, True)
    """
    times = np.ascontiguousarray(intervals, dtype=np.float64)
    if times.ndim != 2 or times.shape[1] != 2 or not len(times):
        raise InvalidInputError(
            f"`intervals` has shape {times.shape}, expected (n_segments, 2): when each begins and "
            "ends"
        )
    ascending = (np.diff(times, axis=1) > 0).all() and (np.diff(times, axis=0) > 0).all()
    if not (np.isfinite(times).all() and ascending):
        raise InvalidInputError("`intervals` are not finite times in ascending order")
    count, n_cells = len(times), spatial.n_cells
    first_cells = n_cells * np.arange(count)[:, None]
    first_neighbours = len(spatial.adjacency) * np.arange(count)[:, None]
    starts = (first_neighbours + spatial.adjacency_starts[:-1]).ravel()
    return TimeSegments(
        cell_centers=np.tile(spatial.cell_centers, (count, 1)),
        adjacency_starts=np.append(starts, count * len(spatial.adjacency)).astype(np.int64),
        adjacency=(first_cells + spatial.adjacency).ravel().astype(np.int64),
        cell_volume=np.tile(spatial.cell_volume, count),
        spatial=spatial,
        intervals=times,
    )


@checked
def sliding_window(
    times: ArrayLike, *, duration: float, shift: float | None = None
) -> NDArray[np.float64]:
    """Segments of equal duration that cover all of some times.

    The first one begins at the first time, each other one `shift` after the one before it, and the
    last one is the first that reaches the last time: it may end later.

    Parameters
    ----------
    times
        Array (N,), s, at least one.
    duration
        Length of each segment, s.
    shift
        From the start of a segment to that of the next one, s; at most `duration`, which it is by
        default. Segments overlap if it is less.

    Returns
    -------
    array (n_segments, 2)
        When each segment begins and ends, s.

    Raises
    ------
    InvalidInputError
        If `duration` or `shift` is not positive, `shift` is larger, so that times between two
        segments were lost, there is no time, or more than a million segments were needed.

    Examples
    --------
    >>> sliding_window([0.0, 1.0, 2.5], duration=1)  # s
    array([[0., 1.],
           [1., 2.],
           [2., 3.]])
    """
    duration, shift = check_window(duration, shift)
    moments = np.asarray(times, dtype=np.float64)
    if moments.ndim != 1 or not len(moments) or not np.isfinite(moments).all():
        raise InvalidInputError("`times` is empty or not a list of finite numbers, expected s")
    first, last = float(moments.min()), float(moments.max())
    rest = (last - first - duration - _TIME_RESOLUTION) / shift
    if rest > _MAX_SEGMENTS:
        raise InvalidInputError(
            f"`shift` is {shift} s for {last - first:.6g} s of data, expected at most a million "
            "segments: are the times in s?"
        )
    starts = first + shift * np.arange(1 + max(0, int(np.ceil(rest))))
    bounds = np.stack([starts, starts + duration], axis=1)
    # Of a time that rounding noise alone sets before a bound, the bound is that time: what is in a
    # segment is not before its begin.
    ordered = np.unique(moments)
    next_one = ordered[np.searchsorted(ordered[:-1], bounds - _TIME_RESOLUTION)]
    return np.where(np.abs(next_one - bounds) <= _TIME_RESOLUTION, next_one, bounds)


def check_window(duration: float, shift: float | None) -> tuple[float, float]:
    """Check the length of a time window and how far it moves; see :func:`sliding_window`."""
    if not 0 < duration < np.inf:
        raise InvalidInputError(f"`duration` is {duration}, expected a time above 0")
    if shift is None:
        return duration, duration
    if not 0 < shift <= duration:
        raise InvalidInputError(
            f"`shift` is {shift}, expected a time above 0 and at most the `duration` {duration}: "
            "what lies between two segments would be lost"
        )
    return duration, shift
