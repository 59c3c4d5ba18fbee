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
    axes = SPACE_COLUMNS[: tessellation.dim]
    order = order_of(translocations)
    if order is None:  # nothing follows anything
        return cells.copy()
    if type(tessellation).locate is Tessellation.locate:
        places = [np.ascontiguousarray(array_of(translocations, a), np.float64) for a in axes]
        centers = np.ascontiguousarray(tessellation.cell_centers)
        return _core.file_at_midpoints(order, places, cells, centers)
    rows = np.flatnonzero(follows(translocations) & (cells >= 0))
    origins = values_of(translocations, axes)
    bins = cells.copy()
    bins[rows] = tessellation.locate(0.5 * (origins[rows] + origins[rows - 1]))
    bins[rows] += tessellation.n_cells
    return bins
