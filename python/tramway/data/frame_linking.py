"""Linking the localizations of successive frames to tracks, so that steps are small in sum."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .trajectories import check_trajectories


@checked
def link_frames(
    localizations: pd.DataFrame, *, frame_interval: float, longest_step: float
) -> pd.DataFrame:
    """Link the localizations of each frame to those of the next one.

    Of all ways to link some of them, each to one at most, the one is taken where the sum of
    ``|step|² - longest_step²`` is least: no link is longer than `longest_step`, and two short ones
    are preferred to a shorter and a missing one (the assignment of Jaqaman et al., Nature Methods
    5, 695, 2008, without gaps). Molecules that cross are not told apart, displacements are as
    likely as can be.

    Parameters
    ----------
    localizations
        Columns ``x y [z] t`` and any others, µm and s; a column ``n`` is replaced.
    frame_interval
        Time between frames, s.
    longest_step
        Longest displacement from a frame to the next one, µm.

    Returns
    -------
    pandas.DataFrame
        The same with ``n``, ordered by track and time; what is linked to nothing is a track of one.

    Raises
    ------
    InvalidInputError
        If there is no localization, or two of one track at one time, as of a frame interval that is
        shorter than it really is.

    Examples
    --------
    >>> linked = link_frames(movie[["x", "y", "t"]], frame_interval=0.02, longest_step=0.2)
    >>> len(linked) == len(movie)
    True
    """
    if len(localizations) == 0:
        raise InvalidInputError("`localizations` has no row, expected at least one")
    columns = [name for name in localizations if name != "n"]
    table = localizations[columns].sort_values("t", kind="stable", ignore_index=True)
    frame = np.rint(table["t"].to_numpy() / frame_interval).astype(np.int64)
    position = table[[name for name in SPACE_COLUMNS if name in table]].to_numpy(np.float64)
    frames, begin = np.unique(frame, return_index=True)
    rows = np.split(np.arange(len(table)), begin[1:])
    number = np.full(len(table), -1, dtype=np.int64)
    tracks = 0
    for k, here in enumerate(rows):
        is_new = number[here] < 0
        number[here[is_new]] = tracks + np.arange(np.count_nonzero(is_new))
        tracks += int(np.count_nonzero(is_new))
        if k + 1 < len(rows) and frames[k + 1] == frames[k] + 1:
            there = rows[k + 1]
            first, second = _links(position[here], position[there], longest_step)
            number[there[second]] = number[here[first]]
    return check_trajectories(table.assign(n=number + 1)[["n", *columns]])


def _links(
    here: NDArray[np.float64], there: NDArray[np.float64], longest: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Links between two sets of positions, as rows of each."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching
    from scipy.spatial import cKDTree

    near = cKDTree(here).sparse_distance_matrix(cKDTree(there), longest, output_type="ndarray")
    # Each has a stand-in that it is linked to where nothing is near. Costs are in longest_step²,
    # and 1 higher, as a sparse matrix has no entries of 0.
    n, m = len(here), len(there)
    alone = np.arange(n)
    cost = np.concatenate([1 + (near["v"] / longest) ** 2, np.full(n, 2.0)])
    first, second = np.concatenate([near["i"], alone]), np.concatenate([near["j"], m + alone])
    matrix = coo_array((cost, (first, second)), shape=(n, m + n)).tocsr()
    first, second = min_weight_full_bipartite_matching(matrix)
    is_link = second < m
    return first[is_link].astype(np.int64), second[is_link].astype(np.int64)
