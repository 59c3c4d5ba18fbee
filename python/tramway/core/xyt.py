"""Tables of trajectories."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.data import discard_static, read_trajectories, trajectories_of, translocations
from tramway.errors import InvalidInputError

__all__ = [
    "crop",
    "discard_static_trajectories",
    "iter_frames",
    "iter_trajectories",
    "load_xyt",
    "reindex_trajectories",
    "trajectories_to_translocations",
    "translocations_to_trajectories",
]


def load_xyt(
    path: str | os.PathLike[str], columns: Sequence[str] | None = None, **options: Any
) -> pd.DataFrame:
    """Read trajectories; see :func:`tramway.data.read_trajectories`. Options have no effect.

    A text file of translocations, which has a column ``dx``, gives these.
    """
    table = read_trajectories(path, columns)
    with Path(path).expanduser().open("rb") as file:
        names = (
            file.readline(1000).decode("utf-8", "replace").split() if columns is None else columns
        )
    return translocations(table) if "dx" in names else table


def crop(points: pd.DataFrame, box: ArrayLike, **options: Any) -> pd.DataFrame:
    """Give the translocations that begin in a box.

    Parameters
    ----------
    points
        Trajectories.
    box
        Lower corner, then the size along each coordinate, µm.
    options
        Without effect.
    """
    lower, size = np.split(np.asarray(box, dtype=np.float64), 2)
    return translocations(points, tuple(lower), tuple(lower + size))


def translocations_to_trajectories(points: pd.DataFrame) -> pd.DataFrame:
    """Turn translocations back into trajectories; see :func:`tramway.data.trajectories_of`.

    Trajectories stay as they are: the table of a source has them, whatever its file has.
    """
    return trajectories_of(points) if "dx" in points else points


def trajectories_to_translocations(points: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Turn trajectories into translocations; see :func:`tramway.data.translocations`."""
    return translocations(points)


def discard_static_trajectories(
    trajectories: pd.DataFrame,
    min_msd: float | None = None,
    *,
    full_trajectory: bool = False,
    localization_error: float | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Leave out translocations shorter than noise; see :func:`tramway.data.discard_static`.

    Parameters
    ----------
    trajectories
        Trajectories, or translocations.
    min_msd, localization_error
        Least mean squared displacement per coordinate, µm², under two names.
    full_trajectory
        Whether a short translocation takes all others of its track with it.
    options
        Without effect.

    Returns
    -------
    pandas.DataFrame
        The same kind of table.
    """
    least = localization_error if min_msd is None else min_msd
    if least is None:
        raise InvalidInputError("`min_msd` is not set: give the variance of localizations, µm²")
    return discard_static(trajectories, least, full_trajectory)


def iter_frames(
    points: pd.DataFrame, dt: float | None = None, **options: Any
) -> Iterator[NDArray[np.int64]]:
    """Iterate over frames, as numbers of rows, in the order of time.

    Parameters
    ----------
    points
        Localizations, s.
    dt
        Time between frames, s; by default what has one time is one frame.
    options
        Without effect.
    """
    time = points["t"].to_numpy(np.float64)
    frame = time if dt is None else np.rint(time / dt)
    order = np.argsort(frame, kind="stable")
    _, begin = np.unique(frame[order], return_index=True)
    yield from np.split(order, begin[1:])


def iter_trajectories(
    trajectories: pd.DataFrame, trajnum_colname: str = "n", asslice: bool = False, **options: Any
) -> Iterator[Any]:
    """Iterate over trajectories, as tables.

    Parameters
    ----------
    trajectories
        Ordered by track.
    trajnum_colname
        Column of the numbers of tracks.
    asslice
        Whether to give (first row, end) pairs.
    options
        Without effect.
    """
    number = trajectories[trajnum_colname].to_numpy()
    ends = [*(np.flatnonzero(np.diff(number)) + 1).tolist(), len(number)]
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        yield (begin, end) if asslice else trajectories.iloc[begin:end]


def reindex_trajectories(
    trajectories: pd.DataFrame, trajnum_colname: str = "n", dt: float | None = None
) -> pd.DataFrame:
    """Give tracks new numbers, from 1; where frames are missing a new one begins.

    Parameters
    ----------
    trajectories
        Trajectories or translocations, ordered by track and time.
    trajnum_colname
        Column of the numbers of tracks.
    dt
        Time between frames, s; the least lag within tracks by default.

    Returns
    -------
    pandas.DataFrame
        The table with other numbers, index 0, 1, ….
    """
    number, lags = trajectories[trajnum_colname].to_numpy(), np.diff(trajectories["t"])
    begins = number[1:] != number[:-1]
    frame = lags[~begins].min(initial=np.inf) if dt is None else dt
    begins |= np.rint(lags / frame) > 1
    anew = 1 + np.cumsum(np.append(False, begins)[: len(number)])
    return trajectories.reset_index(drop=True).assign(**{trajnum_colname: anew})
