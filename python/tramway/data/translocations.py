"""Translocations: the steps of trajectories, as rows ``n x y [z] t … dx dy [dz] dt``."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tramway import _core
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

PRECISION_COLUMN = "localization_precision"
"""Column of trajectories, and of the origins of translocations: the σ of each localization, µm."""

DESTINATION_PRECISION_COLUMN = "destination_precision"
"""Column of translocations: the σ of the localizations that they end at, µm."""


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
    space = [column for column in SPACE_COLUMNS if column in trajectories]
    if lower is None:
        lower = [-np.inf] * (len(space) if upper is None else len(upper))
    if upper is None:
        upper = [np.inf] * len(lower)
    missing = [column for column in ("n", "x", "y", "t") if column not in trajectories]
    if missing:
        raise InvalidInputError(
            f"`trajectories` has no column {' '.join(missing)}, expected n x y [z] t"
        )
    origins, numbers = _core.crop(
        np.ascontiguousarray(trajectories["n"], dtype=np.int64),
        np.ascontiguousarray(trajectories[space], dtype=np.float64),
        np.ascontiguousarray(trajectories["t"], dtype=np.float64),
        np.ascontiguousarray(lower, dtype=np.float64),
        np.ascontiguousarray(upper, dtype=np.float64),
    )
    table = trajectories.iloc[origins].reset_index(drop=True)
    table["n"] = numbers
    if PRECISION_COLUMN in trajectories:
        precision = trajectories[PRECISION_COLUMN].to_numpy(dtype=np.float64)
        table[DESTINATION_PRECISION_COLUMN] = precision[origins + 1]
    for column in (*space, "t"):
        values = trajectories[column].to_numpy(dtype=np.float64)
        table[f"d{column}"] = values[origins + 1] - values[origins]
    return table


def discard_static(
    translocations: pd.DataFrame, min_msd: float, full_trajectory: bool = False
) -> pd.DataFrame:
    """Drop the translocations of molecules that did not move.

    A translocation is static if the mean over the space coordinates of its squared displacement is
    below `min_msd`. To drop the short displacements of molecules that do move raises the estimated
    diffusivity: meant for molecules that stick to the coverslip.

    Parameters
    ----------
    translocations
        Table as :func:`translocations` returns it.
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
        If `min_msd` is negative or NaN, or if there are no displacements in the table.

    Examples
    --------
    >>> steps = pd.DataFrame({"n": [1, 2], "dx": [0.01, 0.2], "dy": [0.02, 0.1]})
    >>> discard_static(steps, min_msd=0.03**2)["n"].tolist()
    [2]
    """
    if not min_msd >= 0:
        raise InvalidInputError(f"`min_msd` is {min_msd}, expected a threshold in µm², ≥ 0")
    deltas = [f"d{column}" for column in SPACE_COLUMNS if f"d{column}" in translocations]
    if not deltas:
        raise InvalidInputError(
            "`translocations` has no column dx, expected a table that `translocations` returned"
        )
    is_static = (translocations[deltas].to_numpy() ** 2).mean(axis=1) < min_msd
    if full_trajectory:
        is_static = translocations["n"].isin(translocations["n"][is_static]).to_numpy()
    moving: pd.DataFrame = translocations[~is_static].reset_index(drop=True)
    return moving
