"""How long molecules stay in a domain, counted from their tracks."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data import trajectories_of
from tramway.tessellation import Partition, Tessellation

_FEWEST_EXITS = 5
_LEAST_SHARE = 0.5  # of stays that end before their track does
_UNSEEN = 0.5826  # steps by which a border looks farther out: -ζ(1/2) / √(2π)


def tracks_in(partition: Partition, space: Tessellation) -> pd.DataFrame | None:
    """Tracks with the cell of each localization; None if there are localizations only."""
    columns = ["n", "x", "y", "t", "dx", "dy", "dt"]
    if not {*columns} <= {*partition.points}:
        return None
    tracks = trajectories_of(partition.points[columns])
    return tracks.assign(cell=space.cell_index(tracks))


def counted_residence(
    tracks: pd.DataFrame | None,
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
    time = tracks["t"].to_numpy(np.float64)
    is_in = np.isin(tracks["cell"], numbers)
    begins = np.flatnonzero(np.diff(tracks["n"].to_numpy(), prepend=-1))
    ends = np.append(begins[1:], len(tracks)) - 1
    inside = np.flatnonzero(is_in)
    is_near = _distances(tracks[["x", "y"]].to_numpy()[inside], boundary) < _UNSEEN * step
    outside = np.sort(np.concatenate([np.flatnonzero(~is_in), inside[is_near], [len(tracks)]]))
    # Where each track that begins inside, be it near the border, is out, or ends.
    begins, ends = begins[is_in[begins]], ends[is_in[begins]]
    first_out = outside[np.searchsorted(outside, begins + 1)]
    is_exit = first_out <= ends
    stays = time[np.minimum(first_out, ends)] - time[begins]
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
