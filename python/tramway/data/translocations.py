"""Translocations: the steps of trajectories, as rows ``n x y [z] t … dx dy [dz] dt``."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .columns import array_of, assemble, check_columns, values_of
from .polygon import Area

PRECISION_COLUMN = "localization_precision"
"""Column of trajectories, and of the origins of translocations: the σ of each localization, µm."""

DESTINATION_PRECISION_COLUMN = "destination_precision"
"""Column of translocations: the σ of the localizations that they end at, µm."""


CUT_WHERE_STEPS_BEGIN = "cut where steps begin"
"""In ``attrs`` of trajectories that were given as translocations: their ends make no cells."""


@checked
def translocations(
    trajectories: pd.DataFrame,
    lower: Sequence[float] | None = None,
    upper: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Turn trajectories into translocations, all of them or those of a region.

    A translocation belongs to the region that its origin lies in; its destination may lie outside.
    With bounds on time, both must lie within. Where a track enters the region at its first
    localization and leaves it at the second, that translocation is dropped, as the original TRamWAy
    does; tracks are numbered anew at each visit to the region.

    Parameters
    ----------
    trajectories
        Table of *d* space columns as :func:`check_trajectories` returns it: sorted by ``n`` and
        ``t``.
    lower, upper
        Bounds of the region, both included, in µm: *d* numbers, or *d* + 1 with times in s; none,
        or infinity, for no bound.

    Returns
    -------
    pandas.DataFrame
        One row per translocation, index 0, 1, …: the columns of the origin, then the displacement
        ``dx dy [dz]`` in µm and the lag ``dt`` in s. Where localizations have a
        ``localization_precision``, that of the destination is ``destination_precision``. No row if
        none begins in the region.

    Raises
    ------
    InvalidInputError
        If the table is not sorted or not finite, or if the bounds are not *d* or *d* + 1 numbers,
        the lower ones below the upper ones.

    Examples
    --------
    >>> tracks = pd.DataFrame({"n": 1, "x": [0.0, 0.25, 0.75], "y": 0.5, "t": [0.0, 0.5, 1.0]})
    >>> translocations(tracks)
       n     x    y    t    dx   dy   dt
    0  1  0.00  0.5  0.0  0.25  0.0  0.5
    1  1  0.25  0.5  0.5  0.50  0.0  0.5
    """
    dimension = sum(column in trajectories for column in SPACE_COLUMNS)
    if lower is None:
        lower = [-np.inf] * (dimension if upper is None else len(upper))
    if upper is None:
        upper = [np.inf] * len(lower)
    origins, numbers = _core.crop(
        *coordinates_of(trajectories),
        np.ascontiguousarray(lower, dtype=np.float64),
        np.ascontiguousarray(upper, dtype=np.float64),
    )
    return _table(trajectories, origins, numbers)


def coordinates_of(
    trajectories: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Give track numbers, places and times, as the core takes them."""
    missing = [column for column in ("n", "x", "y", "t") if column not in trajectories]
    if missing:
        raise InvalidInputError(
            f"`trajectories` has no column {' '.join(missing)}, expected n x y [z] t"
        )
    space = [column for column in SPACE_COLUMNS if column in trajectories]
    check_columns(trajectories, ("n", *(space or "xy"), "t"))
    return (
        np.ascontiguousarray(trajectories["n"], dtype=np.int64),
        values_of(trajectories, space),
        np.ascontiguousarray(trajectories["t"], dtype=np.float64),
    )


Column: TypeAlias = "NDArray[Any] | pd.Series[Any]"
"""Values of a column: an array where they are numbers or booleans."""


def columns_of(table: pd.DataFrame) -> dict[str, Column]:
    """Take a table apart."""

    def values(column: "pd.Series[Any]") -> Column:
        kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else "O"
        return column.to_numpy() if kind in "biuf" else column

    return {str(name): values(column) for name, column in table.items()}


Rows: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows of trajectories that translocations begin at, and the numbers of their tracks; each ends at
the row below."""


def rows_of(columns: Mapping[str, Column], rows: NDArray[np.int64]) -> dict[str, Column]:
    """Take some rows of all columns."""
    return {
        name: values[rows]
        if isinstance(values, np.ndarray)
        else values.iloc[rows].reset_index(drop=True)
        for name, values in columns.items()
    }


def columns_from(
    trajectories: Mapping[str, Column],
    origins: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> dict[str, Column]:
    """Make the columns of translocations that begin at rows of trajectories."""
    places = [name for name in (*SPACE_COLUMNS, "t") if name in trajectories]
    steps = {
        name: _core.steps(np.ascontiguousarray(trajectories[name], dtype=np.float64), origins)
        for name in places
    }
    others = {n: values for n, values in trajectories.items() if n not in ("n", *places)}
    here = {
        "n": numbers,
        **{name: values for name, (values, _) in steps.items()},
        **rows_of(others, origins),
    }
    columns = {name: here[name] for name in trajectories}
    if PRECISION_COLUMN in trajectories:
        precision = np.asarray(trajectories[PRECISION_COLUMN], dtype=np.float64)
        columns[DESTINATION_PRECISION_COLUMN] = precision[origins + 1]
    return columns | {f"d{name}": differences for name, (_, differences) in steps.items()}


def _table(
    trajectories: pd.DataFrame,
    origins: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> pd.DataFrame:
    """Make the table of translocations that begin at rows of trajectories."""
    columns = columns_from(columns_of(trajectories), origins, numbers)
    table = assemble(columns)
    table.attrs = dict(trajectories.attrs)
    return table


@checked
def translocations_of_union(trajectories: pd.DataFrame, areas: Sequence[Area]) -> pd.DataFrame:
    """Turn trajectories into translocations, those of a region of boxes and polygons.

    See :func:`translocations`, whose bounds are those of one box. A track that goes from one area
    to another does not leave the region.

    Parameters
    ----------
    trajectories
        Table as :func:`check_trajectories` returns it.
    areas
        All with as many bounds; they may overlap.

    Raises
    ------
    InvalidInputError
        As :func:`translocations`; if there is a polygon, and the trajectories are in three
        dimensions.

    Examples
    --------
    >>> from tramway.data import Box
    >>> boxes = [Box((0, 0), (1, 1)), Box((0.5, 0.5), (2, 2))]  # what is in both is there once
    >>> len(translocations_of_union(movie, boxes))
    2222
    """
    return _table(trajectories, *_core.Croppable(*coordinates_of(trajectories)).crop(areas))


@checked
def trajectories_of(translocations: pd.DataFrame) -> pd.DataFrame:
    """Turn translocations back into trajectories.

    Parameters
    ----------
    translocations
        Table with columns ``x y [z] t dx dy [dz] dt``, in µm and s, and possibly ``n`` and others.

    Returns
    -------
    pandas.DataFrame
        Columns ``n``, ``x``, ``y``, [``z``,] ``t`` and the others, index 0, 1, …: each origin, and
        the destination of each translocation that does not end where the next one of its track
        begins. There a new track begins, too: tracks are numbered anew from 1.

    Examples
    --------
    >>> len(movie), len(trajectories_of(translocations(movie)))
    (4000, 4000)
    """
    places = [*(column for column in SPACE_COLUMNS if column in translocations), "t"]
    table = in_order_of_tracks(translocations)
    rows, is_end, positions = localizations_of(table)
    others = [c for c in table.columns if c not in ("n", *places, *(f"d{p}" for p in places))]
    numbers = 1 + np.cumsum(is_end) - is_end
    at = dict(zip(places, positions.T, strict=True))
    return pd.DataFrame({"n": numbers, **at, **table[others].iloc[rows].reset_index(drop=True)})


def localizations_of(
    translocations: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float64]]:
    """Give the localizations of translocations that are in the order of their tracks.

    Parameters
    ----------
    translocations
        See :func:`trajectories_of`; rows of a track one after the other, by time.

    Returns
    -------
    rows : array (n,)
        The translocation that each localization begins or ends.
    is_end : array (n,)
        Whether it ends it, where no other one begins: the last of a track.
    positions : array (n, d + 1)
        Its coordinates, µm, and its time, s.
    """
    places = [*(column for column in SPACE_COLUMNS if column in translocations), "t"]
    begins = values_of(translocations, places)
    ends = begins + values_of(translocations, [f"d{name}" for name in places])
    is_last = np.ones(len(begins), dtype=np.bool_)
    is_last[:-1] = ~(np.abs(ends[:-1] - begins[1:]) <= _SAME_PLACE).all(axis=1)
    if "n" in translocations:
        track = translocations["n"].to_numpy()
        is_last[:-1] |= track[:-1] != track[1:]
    rows = np.repeat(np.arange(len(begins)), 1 + is_last)
    is_end = np.diff(rows, prepend=-1) == 0
    return rows, is_end, np.where(is_end[:, None], ends[rows], begins[rows])


def in_order_of_tracks(translocations: pd.DataFrame) -> pd.DataFrame:
    """Sort translocations by track and time, which takes far longer than to see that they are."""
    if "n" not in translocations:
        return translocations
    track, time = (np.diff(array_of(translocations, name)) for name in ("n", "t"))
    if ((track > 0) | ((track == 0) & (time >= 0))).all():
        return translocations
    return translocations.sort_values(["n", "t"], kind="stable")


_SAME_PLACE = 1e-9  # µm or s, between the end of a translocation and the begin of the next one

Order: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Number of the track, time and lag of each translocation, as the core takes them."""


def order_of(translocations: pd.DataFrame) -> Order | None:
    """Give what tells which translocations follow each other; None where nothing does."""
    if "n" not in translocations or "t" not in translocations:
        return None
    track = np.ascontiguousarray(array_of(translocations, "n"), np.int64)
    time, lag = (np.ascontiguousarray(array_of(translocations, c), np.float64) for c in ("t", "dt"))
    return track, time, lag


def follows(translocations: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each translocation begins when the one in the row before it ends, in its track.

    Examples
    --------
    >>> follows(steps)[:3]
    array([False,  True,  True])
    """
    order = order_of(translocations)
    if order is None:
        return np.zeros(len(translocations), dtype=np.bool_)
    return _core.follows(order)


@checked
def discard_static(
    table: pd.DataFrame, min_msd: float, full_trajectory: bool = False
) -> pd.DataFrame:
    """Drop the translocations of molecules that did not move.

    A translocation is static if the mean over the space coordinates of its squared displacement is
    below `min_msd`. To drop the short displacements of molecules that do move raises the estimated
    diffusivity: meant for molecules that stick to the coverslip.

    Parameters
    ----------
    table
        Translocations as :func:`translocations` returns them. Or trajectories: the localizations
        that static translocations end at are dropped, and tracks of which one is left.
    min_msd
        Threshold in µm², ≥ 0; the square of the localization precision is usual.
    full_trajectory
        Whether a static translocation takes all others of its track with it.

    Returns
    -------
    pandas.DataFrame
        The other rows, index 0, 1, ….

    Raises
    ------
    InvalidInputError
        If `min_msd` is negative or NaN, or if the table has neither displacements nor tracks.

    Examples
    --------
    >>> steps = pd.DataFrame({"n": [1, 2], "dx": [0.01, 0.2], "dy": [0.02, 0.1]})
    >>> discard_static(steps, min_msd=0.03**2)["n"].tolist()
    [2]
    """
    if not min_msd >= 0:
        raise InvalidInputError(f"`min_msd` is {min_msd}, expected a threshold in µm², ≥ 0")
    if "dx" not in table and "n" not in table:
        raise InvalidInputError(
            "`table` has no column dx or n, expected translocations, or trajectories"
        )
    is_tracks = "dx" not in table
    if is_tracks:
        space = [column for column in SPACE_COLUMNS if column in table]
        places, track = table[space].to_numpy(np.float64), table["n"].to_numpy()
        step = np.diff(places, axis=0, prepend=np.inf)
        step[1:][track[1:] != track[:-1]] = np.inf  # nothing ends at the first of a track
    else:
        deltas = [f"d{column}" for column in SPACE_COLUMNS if f"d{column}" in table]
        step = table[deltas].to_numpy(np.float64)
    is_static = (step**2).mean(axis=1) < min_msd
    if full_trajectory:
        is_static = table["n"].isin(table["n"][is_static]).to_numpy()
    moving: pd.DataFrame = table[~is_static]
    if is_tracks:
        moving = moving[moving["n"].duplicated(keep=False)]
    return moving.reset_index(drop=True)
