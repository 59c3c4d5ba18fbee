"""Tracks that visit regions, out of a file that is read in pieces: memory is that of the tracks.

A region is cut out of whole tracks, and what is cut out depends on no other track, but for the two
that come first: tracks are numbered from these on. So these and the tracks that visit a region are
kept, and regions cut out of them are those cut out of all, to the bit.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS

from .polygon import Area, Polygon
from .trajectories import in_trajectories, trajectory_pieces
from .translocations import PRECISION_COLUMN

Piece: TypeAlias = Mapping[str, NDArray[Any]]
"""Columns of some rows of a table of localizations, in any order; µm and s where that matters."""

_PLANE = SPACE_COLUMNS[:2]
_FIRST = 2
"""Rows of a table, and so tracks at most, that the numbers of tracks in a region begin with."""


class Survey:
    """What is learnt of a file as it is read once, in pieces: bounds, and which tracks to keep.

    Parameters
    ----------
    regions
        The areas of each region.

    Attributes
    ----------
    count
        Number of localizations so far.

    Examples
    --------
    >>> from tramway.data import Box
    >>> survey = Survey([(Box((0, 0), (1, 1)),)])
    >>> survey.add({"n": np.array([3, 3, 8]), "x": np.array([2.0, 0.5, 4.0]),
    ...             "y": np.array([0.5, 0.5, 4.0]), "t": np.array([0.0, 0.1, 0.0])})
    >>> survey.tracks
    array([3, 8])
    """

    def __init__(self, regions: Iterable[Sequence[Area]]) -> None:
        self._areas: dict[Area, None] = {}
        windows: dict[tuple[tuple[float, float], ...], None] = {(): None}
        for areas in regions:
            self._areas |= dict.fromkeys(areas)
            if areas and all(len(area.lower) > len(_PLANE) for area in areas):
                # The last bounds are those of time, or z: what is kept for no reason does no harm.
                windows[tuple((area.lower[-1], area.upper[-1]) for area in areas)] = None
        self._first: dict[tuple[tuple[float, float], ...], NDArray[np.int64]] = {
            window: np.empty(0, np.int64) for window in windows
        }
        self._visitors: list[NDArray[np.int64]] = []
        self._bounds: dict[str, tuple[Any, Any]] = {}
        self.count = 0

    def add(self, piece: Piece) -> None:
        """Take some rows into account, in µm and s; NaN is in no region."""
        number, when = piece["n"], piece["t"]
        self.count += len(number)
        if not len(number):
            return
        for name, values in piece.items():
            low, high = np.fmin.reduce(values), np.fmax.reduce(values)
            before = self._bounds.get(name, (low, high))
            self._bounds[name] = np.fmin(low, before[0]), np.fmax(high, before[1])
        for window, first in self._first.items():
            in_time = np.full(len(when), not window)
            for low, high in window:
                in_time |= (when >= low) & (when <= high)
            self._first[window] = _smallest(np.append(first, number[in_time]))
        self._visitors.append(np.unique(number[_is_inside(piece, self._areas)]))

    @property
    def tracks(self) -> NDArray[np.int64]:
        """Numbers of the tracks to keep, ascending."""
        return np.unique(np.concatenate([*self._first.values(), *self._visitors]))

    @property
    def bounds(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of each column."""
        bounds = {name: list(ends) for name, ends in self._bounds.items()}
        return pd.DataFrame(bounds, index=["min", "max"])


def kept(pieces: Iterable[Piece], tracks: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Put together the rows of some tracks.

    Parameters
    ----------
    pieces
        Rows with a column ``n``, in the order of the file.
    tracks
        Numbers of tracks, ascending.

    Returns
    -------
    dict
        The columns, with rows in that order; empty where there is no piece.
    """
    parts: dict[str, list[NDArray[Any]]] = {}
    for piece in pieces:
        place = np.searchsorted(tracks, piece["n"])
        rows = np.flatnonzero(np.append(tracks, [0])[place] == piece["n"])
        rows = rows[place[rows] < len(tracks)]
        for name, values in piece.items():
            parts.setdefault(name, []).append(values[rows])
    return {name: np.concatenate(values) for name, values in parts.items()}


class Streamed(NamedTuple):
    """What is kept of a file that was read in pieces.

    Attributes
    ----------
    trajectories
        Those that visit regions, as :func:`check_trajectories` returns them.
    bounds
        Rows ``min`` and ``max`` of each column, of the whole file.
    size
        Number of localizations of the whole file.
    """

    trajectories: pd.DataFrame
    bounds: pd.DataFrame
    size: int


def moved(piece: Piece, origin: Mapping[str, float] | None) -> Piece:
    """Subtract an origin from columns, by their names."""
    return {**piece, **{name: piece[name] - low for name, low in (origin or {}).items()}}


@checked
def stream_trajectories(
    path: str | os.PathLike[str],
    regions: Iterable[Sequence[Area]],
    origin: Mapping[str, float] | None = None,
    **how: Any,
) -> Streamed:
    """Read tracks that visit regions from a text file, which may be larger than the memory.

    The file is read twice, in pieces: to find the tracks, and to keep them. Its rows may be in any
    order. Memory is that of the tracks that are kept, and of a piece, some 60,000 rows.

    Parameters
    ----------
    path
        The file.
    regions
        The areas of each region, µm (and s).
    origin
        What is subtracted from columns, by name, before they are compared with the regions; what is
        returned is as in the file.
    how
        Parameters of :func:`read_trajectories`.

    Returns
    -------
    Streamed
        Regions cut out of its trajectories are those cut out of all; its bounds are moved.

    Raises
    ------
    FileFormatError, InvalidInputError, OSError
        As :func:`read_trajectories`; of rows that are not kept, only what is no number, missing or
        not finite is seen. If there are no tracks in the file.

    Warns
    -----
    DataQualityWarning
        As there, of the tracks that are kept.

    Examples
    --------
    >>> from tramway.data import Box
    >>> movie.to_csv("movie.txt", sep=" ", index=False)
    >>> box = Box((0, 0), (0.5, 0.5))
    >>> few = stream_trajectories("movie.txt", [(box,)])
    >>> few.size, len(few.trajectories) < len(movie)
    (4000, True)
    >>> translocations(few.trajectories, *box).equals(translocations(movie, *box))
    True
    """
    name = str(Path(path).expanduser())
    survey = Survey(regions)
    for piece in has_tracks(trajectory_pieces(path, **how), name):
        survey.add(moved(piece, origin))
    columns = kept(trajectory_pieces(path, **how), survey.tracks)
    try:
        trajectories = in_trajectories(columns, name)
    except InvalidInputError as error:
        raise FileFormatError(str(error)) from None
    return Streamed(trajectories, survey.bounds[list(trajectories)], survey.count)


def has_tracks(pieces: Iterable[Piece], source: str) -> Iterator[Piece]:
    """Pass pieces on that have tracks.

    Raises
    ------
    InvalidInputError
        If a piece has none.
    """
    for piece in pieces:
        if "n" not in piece:
            raise InvalidInputError(
                f"{source} has localizations, no tracks, and these cannot be linked in pieces: "
                "set a.spt_data.streaming = False"
            )
        yield piece


def check_known_precision(columns: Piece, largest: float, source: str) -> None:
    """Refuse localizations without a precision where others of the file have some.

    They would get the median of the file, which is not known.

    Parameters
    ----------
    columns
        Rows that are kept.
    largest
        The largest precision in the file, in any unit.
    source
        What messages call it.
    """
    precision = columns.get(PRECISION_COLUMN)
    if precision is None or not largest > 0 or (np.isfinite(precision) & (precision > 0)).all():
        return
    raise InvalidInputError(
        f"{source}: localizations without a precision get the median of the file, which is not "
        "known as it is read in pieces: set a.spt_data.streaming = False"
    )


def _smallest(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose the first numbers of tracks."""
    found: list[np.int64] = []
    while len(numbers) and len(found) < _FIRST:
        found.append(numbers.min())
        numbers = numbers[numbers > found[-1]]
    return np.array(found, np.int64)


def _is_inside(piece: Piece, areas: Iterable[Area]) -> NDArray[np.bool_]:
    """Whether rows are in any area; in some that are not, where a bound may be of z or of t."""
    inside = np.zeros(len(piece["n"]), np.bool_)
    order = np.argsort(piece["x"], kind="stable")
    ordered = piece["x"][order]
    space = [name for name in SPACE_COLUMNS if name in piece]
    for area in areas:
        begin = np.searchsorted(ordered, area.lower[0], "left")
        end = np.searchsorted(ordered, area.upper[0], "right")
        rows = order[begin:end]  # those in reach along x, whatever the others are
        y = piece["y"][rows]
        rows = rows[(y >= area.lower[1]) & (y <= area.upper[1])]
        if isinstance(area, Polygon):
            places = np.stack([piece[name][rows] for name in _PLANE], axis=1)
            rows = rows[area.contains(places)]
        elif len(area.lower) > 2:
            within = np.zeros(len(rows), np.bool_)
            for name in {*space[2:], "t"}:
                values = piece[name][rows]
                within |= (values >= area.lower[2]) & (values <= area.upper[2])
            rows = rows[within]
        inside[rows] = True
    return inside
