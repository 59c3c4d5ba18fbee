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
    located = _located(translocations, cells, tessellation)
    if located is not None:
        return _core.file_at_midpoints(located)
    bins = cells.copy()
    rows = np.flatnonzero(follows(translocations) & (cells >= 0))
    if len(rows):
        origins = values_of(translocations, SPACE_COLUMNS[: tessellation.dim])
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
    located = _located(translocations, cells, tessellation)
    if located is not None:
        return _core.sum_at_midpoints(located, _columns(translocations, "d", tessellation.dim))
    bins = file_at_midpoints(translocations, cells, tessellation)
    axes = SPACE_COLUMNS[: tessellation.dim]
    displacements = values_of(translocations, [f"d{axis}" for axis in axes])
    lags = np.ascontiguousarray(array_of(translocations, "dt"), np.float64)
    return _core.sum_cells(2 * tessellation.n_cells, bins, displacements, lags)


def _located(
    translocations: pd.DataFrame, cells: NDArray[np.int64], tessellation: Tessellation
) -> "_core._Located | None":
    """Give what the core locates midpoints by: order, origins, cells, centers.

    None where it cannot: nothing follows anything, or cells are not what is nearest to their
    centers.
    """
    order = order_of(translocations)
    if order is None or type(tessellation).locate is not Tessellation.locate:
        return None
    centers = np.ascontiguousarray(tessellation.cell_centers)
    return order, _columns(translocations, "", tessellation.dim), cells, centers


def _columns(table: pd.DataFrame, kind: str, dim: int) -> list[NDArray[np.float64]]:
    names = (f"{kind}{axis}" for axis in SPACE_COLUMNS[:dim])
    return [np.ascontiguousarray(array_of(table, name), np.float64) for name in names]
