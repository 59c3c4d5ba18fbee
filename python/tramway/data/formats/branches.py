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
    # Pairs as one number each, which are sorted in a tenth of the memory and time.
    pairs = np.minimum(source, target).astype(np.int64)
    pairs *= count
    pairs += np.maximum(source, target)
    pairs.sort()
    # Each once, and none of a localization with itself.
    pairs = pairs[(np.diff(pairs, prepend=-1) > 0) & (pairs % (count + 1) > 0)]
    first, second = np.divmod(pairs, np.int64(max(count, 1)))
    del pairs
    is_backward = time[first] > time[second]
    first[is_backward], second[is_backward] = second[is_backward], first[is_backward]
    # One after the other: of each there is one in memory.
    degree = np.bincount(first, minlength=count)
    is_kept, has_edge, splits = degree[first] == 1, degree > 0, int((degree > 1).sum())
    degree = np.bincount(second, minlength=count)
    is_kept &= degree[second] == 1
    has_edge |= degree > 0
    merges = int((degree > 1).sum())
    del degree
    # Where each path begins: one localization back, then twice as far until nothing changes.
    begin = np.arange(count)
    begin[second[is_kept]] = first[is_kept]
    del first, second, is_kept
    while ((before := begin[begin]) != begin).any():
        begin = before
    # Paths are numbered in the order of the first localization of each in the file.
    lowest = np.full(count, count)
    np.minimum.at(lowest, begin, np.arange(count))
    lowest = lowest[begin]
    rank = np.cumsum(lowest == np.arange(count)) - 1
    number = rank[lowest]
    number[~has_edge] = NO_TRACK
    return Paths(number, splits, merges)
