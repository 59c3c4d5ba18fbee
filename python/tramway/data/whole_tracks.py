"""The tracks that some translocations are of, from end to end."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .translocations import translocations


def whole_tracks(
    trajectories: pd.DataFrame, steps: pd.DataFrame
) -> tuple[pd.DataFrame, NDArray[np.int64]] | None:
    """Give all translocations of the tracks that some are of, and say which of them these are.

    They are found by where and when they begin, and how long they take, to the bit: track numbers
    of a region are its own.

    Parameters
    ----------
    trajectories
        What the translocations were cut out of, sorted by ``n`` and ``t``.
    steps
        Some translocations, as :func:`translocations` returns them.

    Returns
    -------
    table : DataFrame
        The translocations of all tracks that any of `steps` is of, by track and time.
    rows : array (number of steps,)
        Row of `table` that each of `steps` is.

    None is returned where nothing else is there of these tracks; and where the trajectories do not
    have them all, or lack a column: then they are not what the steps were cut out of.

    Examples
    --------
    >>> few = translocations(movie, (1.0, 1.0), (1.5, 1.5))
    >>> table, rows = whole_tracks(movie, few)
    >>> len(few) < len(table), bool((table["x"].to_numpy()[rows] == few["x"]).all())
    (True, True)
    """
    origin = [*(axis for axis in SPACE_COLUMNS if axis in steps), "t"]
    if not {*origin, "n"} <= {*trajectories.columns} or not {*origin, "dt"} <= {*steps.columns}:
        return None
    tracks = _tracks_near(trajectories, steps, origin)
    try:
        table = translocations(tracks)
    except InvalidInputError:  # not a table of trajectories
        return None
    if len(table) == len(steps) or not {*steps.columns} <= {*table.columns}:
        return None
    rows = _rows_of(steps, table, [*origin, "dt"])
    if rows is None:
        return None
    number = table["n"].to_numpy()
    is_of = np.isin(number, number[rows])
    place = np.cumsum(is_of) - 1
    return table[is_of].reset_index(drop=True), place[rows]


def _tracks_near(
    trajectories: pd.DataFrame, steps: pd.DataFrame, origin: list[str]
) -> pd.DataFrame:
    """Tracks with a localization between the least and the largest places and times of steps."""
    is_near = np.ones(len(trajectories), dtype=np.bool_)
    for name in origin:
        values, known = trajectories[name].to_numpy(), steps[name].to_numpy()
        is_near &= values >= known.min(initial=np.inf)
        is_near &= values <= known.max(initial=-np.inf)
    number = trajectories["n"].to_numpy()
    return trajectories[np.isin(number, number[is_near])]


def _rows_of(
    steps: pd.DataFrame, table: pd.DataFrame, columns: list[str]
) -> NDArray[np.int64] | None:
    """Row of a table that each step is; those that are alike in their order. None: some is not."""
    values = np.concatenate([part[columns].to_numpy(dtype=np.float64) for part in (table, steps)])
    order = np.lexsort(values.T)  # stable: rows of the table before the steps that are alike
    is_new = (np.diff(values[order], axis=0, prepend=np.nan) != 0).any(axis=1)
    starts = np.flatnonzero(is_new)
    group = np.cumsum(is_new) - 1
    is_step = order >= len(table)
    available = np.add.reduceat(~is_step, starts)
    rank = np.arange(len(order)) - starts[group] - available[group]
    if (rank[is_step] >= available[group[is_step]]).any():
        return None
    rows = np.empty(len(steps), dtype=np.int64)
    rows[order[is_step] - len(table)] = order[starts[group] + rank][is_step]
    return rows
