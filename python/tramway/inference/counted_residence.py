"""How long molecules stay in a domain, counted from their tracks."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.polygon import Polygon
from tramway.data.translocations import in_order_of_tracks, localizations_of
from tramway.tessellation import Partition, Tessellation

_FEWEST_EXITS = 5
_LEAST_SHARE = 0.5  # of stays that end before their track does
_MOST_LIKELY = 1 - 1e-9  # of crossings that are not seen
_FEIGNED = 0.6  # σ²/s by which a border looks nearer with noise
_OF_UNSEEN = 0.15  # error of a time, as a share of that of exits that were not seen


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
    diffusivity: float,
    noise_variance: float = 0.0,
) -> tuple[float, float, float]:
    r"""Residence time in a domain as tracks tell it, its standard deviation, and exits; s.

    A molecule that is seen inside at distances a and b from a straight border, Δt apart, has been
    outside in between with probability :math:`\exp(-ab/DΔt)`, whatever the force, if that is the
    same all along [1]_. The border is the tangent where it is nearest to one of both, that which is
    the likelier to be crossed. It counts as an exit with that probability, the time before as
    inside with what is left. The first exit, of one that is seen outside, too, is on average
    :math:`a M(z) / s` Δt after it was seen at a, with :math:`s = \sqrt{2DΔt}`, z = (a + b) / s and
    Mills's ratio M of the normal distribution, since for s = Δt = 1

    .. math::

        \int_0^1 e^{-a^2/2t - b^2/2(1-t)} \frac{dt}{\sqrt{t (1-t)}}
        = \pi\,\mathrm{erfc}\left(\frac{a+b}{\sqrt{2}}\right)

    Parameters
    ----------
    tracks, numbers
        Those of :func:`tracks_in`, and the cells of the domain.
    boundary
        Closed lines around it, µm.
    diffusivity
        D inside, µm²/s.
    noise_variance
        σ², that of a localization along an axis, µm². Noise feigns exits as if the border were
        0.6 σ²/s nearer, by simulation with a straight one and σ up to s: it is taken to be as much
        farther out.

    Returns
    -------
    time, std, exits
        s, s, and a number; the times are NaN with fewer than five exits, or if less than half of
        the stays end with one. As borders are not straight, the error bar has 0.15 of the share
        of exits that were not seen.

    References
    ----------
    .. [1] Karatzas & Shreve, Brownian Motion and Stochastic Calculus, 2nd ed., 4.3.C (1991).
    """
    if tracks is None:
        return np.nan, np.nan, 0.0
    is_of_domain = np.zeros(max(tracks.cell.max(initial=-1), numbers.max()) + 2, dtype=np.bool_)
    is_of_domain[numbers] = True
    is_in = is_of_domain[tracks.cell]  # in no cell: -1, the last one, which is of no domain
    # What is beyond the border of all cells is nearest to one of them, too.
    is_in[is_in] = Polygon([[line.tolist() for line in boundary]]).contains(tracks.place[is_in])
    kept = np.flatnonzero(is_in[tracks.is_first][np.cumsum(tracks.is_first) - 1])
    if not (diffusivity > 0 and len(kept)):
        return np.nan, np.nan, 0.0
    is_first, lags = tracks.is_first[kept], np.diff(tracks.time[kept])
    spread = np.sqrt(2 * diffusivity * np.maximum(np.abs(lags), np.finfo(np.float64).tiny))
    place = tracks.place[kept]
    outward = (_nearest(place, boundary) - place) * np.where(is_in[kept], 1.0, -1.0)[:, None]
    inward = np.hypot(*outward.T) * np.where(is_in[kept], 1.0, -1.0)
    outward /= np.maximum(np.abs(inward), np.finfo(np.float64).tiny)[:, None]
    if noise_variance:
        inward += _FEIGNED * noise_variance / np.median(spread[~is_first[1:]])
    # Steps that begin before a track that begins inside was seen outside.
    track, begins = np.cumsum(is_first) - 1, np.flatnonzero(is_first)
    outside = np.append(np.flatnonzero(inward < 0), len(kept))
    last = outside[np.searchsorted(outside, begins)][track]
    steps = np.flatnonzero(~is_first[1:] & (np.arange(len(lags)) < last[:-1]))
    if not len(steps):
        return np.nan, np.nan, 0.0
    lags, whose, is_seen = lags[steps], track[steps], inward[steps + 1] < 0
    begin, end = inward[steps] / spread[steps], np.abs(inward[steps + 1]) / spread[steps]
    # Of two that are near to different parts of the border, the one is farther from the other's.
    way = (place[steps + 1] - place[steps]) / spread[steps][:, None]
    from_first = begin - (outward[steps] * way).sum(axis=1)
    from_second = end + (outward[steps + 1] * way).sum(axis=1)
    product = np.minimum(begin * np.maximum(end, from_first), end * np.maximum(begin, from_second))
    unseen, share = _crossings(begin, end, product)
    crossing = np.where(is_seen, 1.0, unseen)
    # Probability to be inside still when a step begins; a seen exit is the last step of its track.
    stayed = np.append(0.0, np.cumsum(np.where(is_seen, 0.0, np.log1p(-unseen))))[:-1]
    start = np.searchsorted(whose, whose)
    inside = np.exp(stayed - stayed[start])
    left = np.bincount(whose, inside * crossing, len(begins))
    stays = np.bincount(whose, inside * lags * (1 - crossing * (1 - share)), len(begins))
    exits = float(left.sum())
    if exits < _FEWEST_EXITS or exits < _LEAST_SHARE * len(begins):
        return np.nan, np.nan, exits
    mean = float(stays.sum()) / exits
    # The standard deviation of a ratio of sums, whatever the distribution of stays.
    of_sums = float(np.linalg.norm(stays - mean * left)) / exits
    of_unseen = _OF_UNSEEN * mean * (1 - float(inside[is_seen].sum()) / exits)
    return mean, math.hypot(of_sums, of_unseen), exits


def _crossings(
    begin: NDArray[np.float64], end: NDArray[np.float64], product: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probability that steps from inside to inside cross a border, and when crossing ones do.

    The latter as a share of the lag, wherever they end. Distances from the border, and the product
    of those from one straight border, are in units of √(2 D Δt) and its square.
    """
    from scipy.special import erfcx

    # Below one, since whoever is on the border may be taken to be inside.
    crossing = np.minimum(np.exp(-2 * product), _MOST_LIKELY)
    share = begin * math.sqrt(math.pi / 2) * erfcx((begin + end) / math.sqrt(2))
    return crossing, np.asarray(share)


def _nearest(points: NDArray[np.float64], lines: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Place on some closed lines that is nearest to each point."""
    least, found = np.full(len(points), np.inf), np.full_like(points, np.inf)
    for line in lines:
        for begin, end in zip(line, np.roll(line, -1, axis=0), strict=True):
            along, offsets = end - begin, points - begin
            share = np.clip(offsets @ along / (along @ along or 1.0), 0.0, 1.0)
            place = begin + share[:, None] * along
            away = np.hypot(*(points - place).T)
            found[away < least] = place[away < least]
            least = np.minimum(least, away)
    return found
