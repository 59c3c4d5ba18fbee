"""Translocations filed by the points midway to the localizations before them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.data.columns import array_of, values_of
from tramway.data.translocations import follows, order_of
from tramway.units import SPACE_COLUMNS

from .tessellation import Tessellation


def file_at_midpoints(
    translocations: pd.DataFrame, cells: NDArray[np.int64], tessellation: Tessellation
) -> NDArray[np.int64]:
    """Find the cell of the point midway between each origin and the localization before.

    Parameters
    ----------
    translocations
        Table of N rows, those of a track in the order of times.
    cells
        Where they begin, (N,); -1 where that is in no cell.
    tessellation
        The cells.

    Returns
    -------
    array (N,) of int64
        The bin of each: that cell plus the number of cells; where the track has no localization
        before, the cell of the origin; -1 where that is none. Where cells are what is nearest to
        their centers, the midpoint of two origins in one cell is in it, too.
    """
    order = order_of(translocations)
    if order is None:  # nothing follows anything
        return cells.copy()
    if _are_nearest(tessellation):
        centers = np.ascontiguousarray(tessellation.cell_centers)
        return _core.file_at_midpoints(order, _columns(translocations, centers), cells, centers)
    rows = np.flatnonzero(follows(translocations) & (cells >= 0))
    origins = values_of(translocations, SPACE_COLUMNS[: tessellation.dim])
    bins = cells.copy()
    bins[rows] = tessellation.locate(0.5 * (origins[rows] + origins[rows - 1]))
    bins[rows] += tessellation.n_cells
    return bins


def sum_at_midpoints(
    translocations: pd.DataFrame, cells: NDArray[np.int64], tessellation: Tessellation
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sum over the translocations of each bin of :func:`file_at_midpoints`.

    Parameters
    ----------
    translocations, cells, tessellation
        Those of :func:`file_at_midpoints`.

    Returns
    -------
    starts, groups : array
        Those of :class:`Sums`, of twice as many cells.
    """
    order = order_of(translocations)
    if order is not None and _are_nearest(tessellation):
        centers = np.ascontiguousarray(tessellation.cell_centers)
        places, steps = (_columns(translocations, centers, kind) for kind in ("", "d"))
        return _core.sum_at_midpoints(order, places, cells, centers, steps)
    bins = file_at_midpoints(translocations, cells, tessellation)
    axes = SPACE_COLUMNS[: tessellation.dim]
    displacements = values_of(translocations, [f"d{axis}" for axis in axes])
    lags = np.ascontiguousarray(array_of(translocations, "dt"), np.float64)
    return _core.sum_cells(2 * tessellation.n_cells, bins, displacements, lags)


def _are_nearest(tessellation: Tessellation) -> bool:
    """Whether cells are what is nearest to their centers."""
    return type(tessellation).locate is Tessellation.locate


def _columns(
    table: pd.DataFrame, centers: NDArray[np.float64], kind: str = ""
) -> list[NDArray[np.float64]]:
    axes = SPACE_COLUMNS[: centers.shape[1]]
    return [np.ascontiguousarray(array_of(table, f"{kind}{axis}"), np.float64) for axis in axes]
