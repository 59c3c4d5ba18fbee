"""Tables of trajectories."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.data import discard_static, read_trajectories, trajectories_of
from tramway.data import translocations as translocations_of
from tramway.data.formats.matlab import read_array
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

__all__ = [
    "crop",
    "discard_static_trajectories",
    "iter_frames",
    "iter_full_trajectories",
    "iter_trajectories",
    "load_mat",
    "load_xyt",
    "reindex_trajectories",
    "trajectories_to_translocations",
    "translocations",
    "translocations_to_trajectories",
]

PathLike: TypeAlias = str | os.PathLike[str]


def load_mat(
    path: PathLike,
    columns: Sequence[str],
    varname: str = "plist",
    dt: float | None = None,
    coord_scale: float | None = None,
) -> pd.DataFrame:
    """Read an array of a MATLAB file as a table.

    Parameters
    ----------
    path
        The file.
    columns
        Names of its columns, as ``t x y``.
    varname
        Name of the array.
    dt
        Time between frames, s, which ``t`` is multiplied by.
    coord_scale
        µm per unit of the coordinates.
    """
    values = read_array(Path(path).expanduser(), varname)
    if values.ndim != 2 or values.shape[1] != len(columns):
        raise InvalidInputError(
            f"`{varname}` in {path} is an array of shape {values.shape}, expected "
            f"(N, {len(columns)}) as `columns` says"
        )
    table = pd.DataFrame(values, columns=list(columns))
    if dt is not None and "t" in table:
        table["t"] *= dt
    if coord_scale is not None:
        names = [name for name in SPACE_COLUMNS if name in table]
        table[names] *= coord_scale
    return table


def load_xyt(
    path: PathLike | Sequence[PathLike],
    columns: Sequence[str] | None = None,
    concat: bool = True,
    return_paths: bool = False,
    *,
    reset_origin: bool | Sequence[str] = False,
    **options: Any,
) -> Any:
    """Read trajectories; see :func:`tramway.data.read_trajectories`.

    A text file of translocations, which has a column ``dx``, gives these.

    Parameters
    ----------
    path
        File, or folder of files; or several.
    columns
        Names of the columns, if the files do not say.
    concat
        Whether to make one table of several, in which tracks are numbered on.
    return_paths
        Whether to return the list of files, too.
    reset_origin
        Whether to subtract the least position, µm, and time, s, of all files; or the names of the
        columns that is done for.
    options
        Without effect.
    """
    paths = [one for given in _listed(path) for one in _files(Path(given).expanduser())]
    tables = [_read(one, columns) for one in paths]
    if reset_origin:
        names = [*SPACE_COLUMNS, "t"] if reset_origin is True else list(reset_origin)
        names = [name for name in names if name in tables[0]]
        origin = np.min([table[names].min() for table in tables], axis=0)
        for table in tables:
            table[names] -= origin
    found: Any = tables if len(tables) > 1 else tables[0]
    if concat and len(tables) > 1:
        last = np.cumsum([0, *(table["n"].max() for table in tables[:-1])])
        numbered = [
            table.assign(n=table["n"] + so_far) for table, so_far in zip(tables, last, strict=True)
        ]
        found = pd.concat(numbered, ignore_index=True)
    return (found, [str(one) for one in paths]) if return_paths else found


def _listed(path: PathLike | Sequence[PathLike]) -> Sequence[PathLike]:
    found = [path] if isinstance(path, str | os.PathLike) else list(path)
    if not found:
        raise InvalidInputError("`path` names no file")
    return found


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]


def _read(path: Path, columns: Sequence[str] | None) -> pd.DataFrame:
    table = read_trajectories(path, columns)
    with path.open("rb") as file:
        names = (
            file.readline(1000).decode("utf-8", "replace").split() if columns is None else columns
        )
    return translocations_of(table) if "dx" in names else table


_ENDS = {"start": 0, "origin": 0, "stop": 1, "destination": 1}


def crop(
    points: pd.DataFrame,
    box: ArrayLike,
    by: str | None = None,
    add_deltas: bool = True,
    keep_nans: bool = False,
    *,
    preserve_index: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """Give the translocations that begin in a box, or the localizations that are in it.

    Where a track leaves the box another begins, and tracks are numbered anew.

    Parameters
    ----------
    points
        Trajectories, or translocations, whose displacements stay as they are.
    box
        Lower corner, then the size along each coordinate, µm; both bounds are in it.
    by
        ``"origin"`` (``"start"``): the destinations of what begins in the box are kept, too;
        ``"destination"`` (``"stop"``): the origins of what ends in it.
    add_deltas
        Whether to add the columns ``dx dy [dz] dt``.
    keep_nans
        Whether to keep the last localizations of tracks, which have none of these.
    preserve_index
        Whether tracks and rows keep their numbers.
    options
        Without effect.
    """
    lower, size = np.split(np.asarray(box, dtype=np.float64), 2)
    if by is not None and by not in _ENDS:
        raise InvalidInputError(f"`by` is {by!r}, expected 'origin' or 'destination'")
    is_plain = by is None and add_deltas and not (keep_nans or preserve_index)
    if is_plain and "dx" not in points:
        return translocations_of(points, tuple(lower), tuple(lower + size))
    return _cropped(points, lower, lower + size, by, add_deltas, keep_nans, preserve_index)


def _cropped(
    points: pd.DataFrame,
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    by: str | None,
    add_deltas: bool,
    keep_nans: bool,
    preserve_index: bool,
) -> pd.DataFrame:
    places = points[list(SPACE_COLUMNS[: len(lower)])].to_numpy(np.float64)
    inside: NDArray[np.bool_] = np.all((places >= lower) & (places <= upper), axis=1)
    number = points["n"].to_numpy(np.int64)
    follows = number[1:] == number[:-1]
    table = points.copy()
    if add_deltas and "dx" not in points:
        for name in (*SPACE_COLUMNS[: len(lower)], "t"):
            step = np.where(follows, np.diff(points[name].to_numpy(np.float64)), np.nan)
            table[f"d{name}"] = np.append(step, np.nan)[: len(table)]
    if by is not None:
        ends = inside.copy()
        if _ENDS[by]:
            inside[:-1] |= follows & ends[1:]
        else:
            inside[1:] |= follows & ends[:-1]
    begins = np.append(True, ~follows)[: len(table)]
    goes_on = np.append(follows & inside[1:], False)[: len(table)]
    # As in regions: a track that leaves at its second localization is not one, but in the first row
    alone = begins & ~goes_on
    alone[:1] = False
    if not preserve_index:
        visits = np.where(inside, begins & ~alone, goes_on)
        visits[:1] = ~inside[:1]
        table["n"] = number[:1] + np.cumsum(visits)
    kept: pd.DataFrame = table[inside & ~alone]
    if not keep_nans:
        kept = kept.dropna()
    return kept if preserve_index else kept.reset_index(drop=True)


def translocations(df: pd.DataFrame, sort: bool = False) -> pd.DataFrame:
    """Give displacements, without where they begin: columns ``x y [z]``, µm.

    Parameters
    ----------
    df
        Trajectories, ordered by track and time; or translocations, whose ``dx dy [dz]`` are given.
    sort
        Whether to order them first.
    """
    names = [name for name in SPACE_COLUMNS if name in df]
    deltas = [f"d{name}" for name in names]
    if {*deltas} <= {*df.columns}:
        return df[deltas]
    table = df.sort_values(["n", "t"]) if sort else df
    steps = table[[*names, "n"]].diff()
    return steps.loc[steps["n"] == 0, names]


def translocations_to_trajectories(points: pd.DataFrame) -> pd.DataFrame:
    """Turn translocations back into trajectories; see :func:`tramway.data.trajectories_of`.

    Trajectories stay as they are: the table of a source has them, whatever its file has.
    """
    return trajectories_of(points) if "dx" in points else points


def trajectories_to_translocations(points: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Turn trajectories into translocations; see :func:`tramway.data.translocations`."""
    return translocations_of(points)


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


def iter_full_trajectories(
    cropped_trajs: pd.DataFrame,
    all_trajs: pd.DataFrame,
    match_cols: Sequence[str] = ("x", "y", "t"),
    unique: bool = True,
) -> Iterator[pd.DataFrame]:
    """Iterate over the whole trajectories that cropped ones are of.

    Parameters
    ----------
    cropped_trajs, all_trajs
        What was cropped, and what it was cropped out of.
    match_cols
        Columns that tell which row is which.
    unique
        Whether each is given once; as often as the track is cut into others.
    """
    names = list(match_cols)
    whole = {track["n"].iloc[0]: track for track in iter_trajectories(all_trajs)}
    known = dict(zip(all_trajs[names].itertuples(index=False), all_trajs["n"], strict=True))
    seen = set[Any]()
    for track in iter_trajectories(cropped_trajs):
        row = next(track[names].itertuples(index=False))
        if row not in known:
            raise InvalidInputError(f"`all_trajs` has no row with {' '.join(names)} = {tuple(row)}")
        if known[row] not in seen or not unique:
            seen.add(known[row])
            yield whole[known[row]]


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
