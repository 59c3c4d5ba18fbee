"""Translocations filed by the points midway to the localizations before them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.translocations import follows

from .tessellation import Tessellation


def file_at_midpoints(
    translocations: pd.DataFrame,
    origins: NDArray[np.float64],
    cells: NDArray[np.int64],
    tessellation: Tessellation,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find the cell of the point midway between each origin and the localization before.

    Parameters
    ----------
    translocations
        Table of N rows, those of a track in the order of times.
    origins
        Where they begin, (N, d), µm.
    cells
        Where that is, (N,); -1 where it is in no cell, which remains so.
    tessellation
        The cells.

    Returns
    -------
    cells : array (N,) of int64
        That of the origin where the track has no localization before.
    has_previous : array (N,) of bool
        Whether it has, and the origin is in a cell.
    """
    has_previous = follows(translocations)
    has_previous &= cells >= 0
    origins = np.ascontiguousarray(origins)
    return tessellation.locate_midpoints(origins, cells, has_previous), has_previous
