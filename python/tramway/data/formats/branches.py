"""Tracks that split and merge, cut into tracks of one localization at a time."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .reader import NO_TRACK


class Paths(NamedTuple):
    """What edges between localizations were cut into.

    Attributes
    ----------
    number
        Path of each localization, from 0; :data:`NO_TRACK` if no edge leads to or from it.
    splits, merges
        Localizations that several edges left, or came to: all of these edges were cut.
    """

    number: NDArray[np.int64]
    splits: int
    merges: int

    def problem(self) -> list[str]:
        """Sentence for the warning, if anything was cut."""
        if not self.splits + self.merges:
            return []
        return [
            f"tracks split at {self.splits} and merge at {self.merges} localizations: they were "
            "cut there"
        ]


def cut_into_paths(
    source: NDArray[Any], target: NDArray[Any], time: NDArray[Any], count: int
) -> Paths:
    """Cut edges where a track splits or merges, and number what is left.

    Parameters
    ----------
    source, target
        Ranks of the localizations that each edge joins, in either direction of time.
    time
        Time, or frame, of each localization.
    count
        Number of localizations.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # Pairs as one number each, which are sorted in a tenth of the memory and time.
    pairs = np.unique(np.minimum(source, target) * np.int64(count) + np.maximum(source, target))
    edges = np.stack(np.divmod(pairs, np.int64(max(count, 1))), axis=1)
    del pairs
    edges = edges[edges[:, 0] != edges[:, 1]]
    swapped = time[edges[:, 0]] > time[edges[:, 1]]
    edges[swapped] = edges[swapped][:, ::-1]
    leaving = np.bincount(edges[:, 0], minlength=count)
    coming = np.bincount(edges[:, 1], minlength=count)
    is_kept = (leaving[edges[:, 0]] == 1) & (coming[edges[:, 1]] == 1)
    kept = edges[is_kept]
    graph = coo_array(
        (np.ones(len(kept), np.bool_), (kept[:, 0], kept[:, 1])), shape=(count, count)
    )
    number = connected_components(graph, directed=False)[1].astype(np.int64)
    number[(leaving == 0) & (coming == 0)] = NO_TRACK
    return Paths(number, int((leaving > 1).sum()), int((coming > 1).sum()))
