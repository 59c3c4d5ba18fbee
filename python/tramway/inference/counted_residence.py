"""How long molecules stay in a domain, counted from their tracks."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.translocations import in_order_of_tracks, localizations_of
from tramway.tessellation import Partition, Tessellation

_FEWEST_EXITS = 5
_LEAST_SHARE = 0.5  # of stays that end before their track does
_UNSEEN = 0.5826  # steps by which a border looks farther out: -ζ(1/2) / √(2π)


class Tracks(NamedTuple):
    """Localizations of tracks: which begin one, times, s, cells, (n,), and places, µm, (n, 2)."""

    is_first: NDArray[np.bool_]
    time: NDArray[np.float64]
    cell: NDArray[np.int64]
    place: NDArray[np.float64]


def tracks_in(partition: Partition, space: Tessellation) -> Tracks | None:
    """Tracks with the cell of each localization; None if there are localizations only."""
    columns = ["n", "x", "y", "t", "dx", "dy", "dt"]
    if not {*columns} <= {*partition.points}:
        return None
    _, is_end, places = localizations_of(in_order_of_tracks(partition.points))
    place = np.ascontiguousarray(places[:, :2])
    cell = space.cell_index(pd.DataFrame({"x": place[:, 0], "y": place[:, 1]}))
    return Tracks(np.append(True, is_end)[: len(is_end)], places[:, -1], cell, place)


def counted_residence(
    tracks: Tracks | None,
    numbers: NDArray[np.int64],
    boundary: list[NDArray[np.float64]],
    step: float,
) -> tuple[float, float, int]:
    """Residence time in a domain as tracks tell it, its standard deviation, and exits; s.

    Where a molecule is seen every Δt only, a border looks farther out than it is [1]_: whoever
    comes as near to it is taken to be out.

    Parameters
    ----------
    tracks, numbers
        Those of :func:`tracks_in`, and the cells of the domain.
    boundary
        Closed lines around it, µm.
    step
        √(2 D Δt), µm.

    References
    ----------
    .. [1] Broadie, Glasserman & Kou, Math. Finance 7, 325 (1997).
    """
    if tracks is None:
        return np.nan, np.nan, 0
    is_of_domain = np.zeros(max(tracks.cell.max(initial=-1), numbers.max()) + 2, dtype=np.bool_)
    is_of_domain[numbers] = True
    is_in = is_of_domain[tracks.cell]  # in no cell: -1, the last one, which is of no domain
    begins = np.flatnonzero(tracks.is_first)
    ends = np.append(begins[1:], len(is_in)) - 1
    inside = np.flatnonzero(is_in)
    is_near = _distances(tracks.place[inside], boundary) < _UNSEEN * step
    outside = np.sort(np.concatenate([np.flatnonzero(~is_in), inside[is_near], [len(is_in)]]))
    # Where each track that begins inside, be it near the border, is out, or ends.
    begins, ends = begins[is_in[begins]], ends[is_in[begins]]
    first_out = outside[np.searchsorted(outside, begins + 1)]
    is_exit = first_out <= ends
    stays = tracks.time[np.minimum(first_out, ends)] - tracks.time[begins]
    exits = int(is_exit.sum())
    if exits < _FEWEST_EXITS or exits < _LEAST_SHARE * len(begins):
        return np.nan, np.nan, exits
    mean = float(stays.sum()) / exits
    # The standard deviation of a ratio of sums, whatever the distribution of stays.
    return mean, float(np.linalg.norm(stays - mean * is_exit)) / exits, exits


def _distances(
    points: NDArray[np.float64], lines: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Distance of points to the nearest of some closed lines."""
    nearest = np.full(len(points), np.inf)
    for line in lines:
        for begin, end in zip(line, np.roll(line, -1, axis=0), strict=True):
            along, offsets = end - begin, points - begin
            share = np.clip(offsets @ along / (along @ along or 1.0), 0.0, 1.0)
            away = offsets - share[:, None] * along
            nearest = np.minimum(nearest, np.hypot(*away.T))
    return nearest
