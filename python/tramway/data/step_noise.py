"""Localization noise as steps tell it, apart from what holds molecules back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_BLOCKS = 50
"""Groups of tracks whose scatter gives errors."""

_FORGETFUL = 0.5
"""Memory of a place from step to step below which a trap is crossed too fast to be told."""

_DEVIATIONS = 3.0
"""How many standard errors the noise of dense places has to be above that of others to tell."""

_AT_ONCE = 1 << 16
"""Steps whose products are in memory at once."""

_DENSE = 0.75
"""Quantile of the density, over steps, above which places are dense."""


@dataclass(frozen=True)
class StepNoise:
    """What the steps of tracks say of diffusion and noise.

    Attributes
    ----------
    square
        Mean square of a coordinate's step, µm².
    diffusion
        D times the lag, µm².
    variance
        σ² of a coordinate, µm²; may be negative by chance.
    deviation
        Its standard error, with what was taken for confinement, µm².
    is_limit
        Whether molecules may be held in places that they cross within a step, which looks like
        noise: σ² is then an upper limit.
    """

    square: float
    diffusion: float
    variance: float
    deviation: float
    is_limit: bool


def step_noise(
    position: Sequence[NDArray[np.float64]],
    is_step: NDArray[np.bool_],
    number: NDArray[np.int64],
    blur: float,
) -> StepNoise:
    r"""Tell noise and diffusion from the products of steps of a track.

    Noise of a localization makes the steps before and after it go together, with a covariance
    :math:`C_1 = -σ²` [1]_; what holds molecules back does so, too, and for longer. In a harmonic
    trap, where places are remembered by a share a from step to step,

    .. math::

        C_0 = 2g + 2σ², \quad C_1 = -g(1-a) - σ², \quad C_2 = -g a (1-a),

    with :math:`g = s²(1 - a)`, s² the variance of the place, and :math:`D Δt = -g \ln a / (1 - a)`.
    So :math:`a = 1 + C_2 / (C_0/2 + C_1)`, which is 1 for free molecules, and
    :math:`σ² = -C_1 + C_2/a`; an exposure takes 2gR from the first to the second, as it does
    for free ones.
    Where some molecules are held and others are not, a is that of the freer ones, and σ² too high.
    In Gaussian wells and at walls it is so, too, by up to what was taken off, :math:`-C_2/a`, which
    is therefore part of the error.

    Parameters
    ----------
    position
        Coordinates of each localization, µm, d arrays (n,).
    is_step
        Whether the localization after it is the next one of the track, after one lag, (n - 1,).
    number
        Track of each localization, (n,), those of a track one after the other.
    blur
        Blur coefficient R, exposure / (6 lag).

    References
    ----------
    .. [1] Vestergaard, Blainey & Flyvbjerg, Phys. Rev. E 89, 022726 (2014), eq. 14 and 15.
    """
    squares = squares_of(position, is_step)
    square, length = float(np.mean(squares)), np.sqrt(np.mean(np.sum(squares, axis=1)))
    del squares
    dense, block = _densest(position, is_step, length or 1.0), _blocks(number)
    every, held, free = (
        _estimate(_products(position, is_step & where, is_step, block), blur)
        for where in (True, dense, ~dense)
    )
    apart = held.variance - free.variance
    return StepNoise(
        square,
        every.diffusion,
        every.variance,
        math.hypot(every.deviation, every.held),
        is_limit=not (
            abs(every.memory - 1) <= _FORGETFUL
            and abs(held.memory - 1) <= _FORGETFUL
            and not apart > _DEVIATIONS * np.hypot(held.deviation, free.deviation)
        ),
    )


class _Estimate(NamedTuple):
    """What some steps say: D Δt, σ², its standard error, what confinement took off it; memory."""

    diffusion: float
    variance: float
    deviation: float
    held: float
    memory: float


def _estimate(products: "_Sums", blur: float) -> _Estimate:
    """Estimate from sums over blocks, with an error from leaving out one after the other."""
    sums, counts = products
    total, count = sums.sum(axis=1), counts.sum(axis=1)
    diffusion, variance, held, memory = _solved(total, count, blur)
    is_used = counts[0] > 0
    others = _solved(
        (total[:, None] - sums)[:, is_used], (count[:, None] - counts)[:, is_used], blur
    )
    deviation = math.sqrt((is_used.sum() - 1) * np.var(others[1])) if is_used.any() else math.nan
    if count[2] == 0:  # no track has three steps: nothing tells what holds molecules back
        memory = math.nan
    return _Estimate(float(diffusion), float(variance), deviation, float(held), float(memory))


_Sums = tuple[NDArray[np.float64], NDArray[np.int64]]


def squares_of(
    position: Sequence[NDArray[np.float64]], is_step: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Square the coordinates of the steps between localizations that are some, (m, d)."""
    squares = np.empty((np.count_nonzero(is_step), len(position)))
    for place, coordinate in enumerate(position):
        squares[:, place] = np.diff(coordinate)[is_step]
    return np.square(squares, out=squares)


def tracks_of(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give tracks numbers from 0; the rows of a track follow each other."""
    track = np.zeros(len(number), np.int64)
    np.cumsum(number[1:] != number[:-1], out=track[1:])
    return track


def _blocks(number: NDArray[np.int64]) -> NDArray[np.int8]:
    """Deal tracks out to blocks, those of a block one after the other: of each step."""
    track = tracks_of(number[:-1])
    track_count = track[-1] + 1
    track *= _BLOCKS
    track //= track_count
    return track.astype(np.int8)


def _products(
    position: Sequence[NDArray[np.float64]],
    first: NDArray[np.bool_],
    is_step: NDArray[np.bool_],
    block: NDArray[np.int8],
) -> _Sums:
    """Sum products of steps that are none, one and two apart, over blocks, (3, blocks); and count.

    Parameters
    ----------
    position
        Coordinates of each localization.
    first
        Steps that a product may begin with.
    is_step
        Which are steps.
    block
        Of each step.
    """
    sums, counts = np.zeros((3, _BLOCKS)), np.zeros((3, _BLOCKS), np.int64)
    for begin in range(0, len(first), _AT_ONCE):
        end = begin + _AT_ONCE
        steps = [np.diff(coordinate[begin : end + 3]) for coordinate in position]
        begins = first[begin:end]
        for apart in range(3):
            if apart:
                ends = is_step[begin + apart : end + apart]
                begins = begins[: len(ends)] & ends
            size = len(begins)
            product = np.zeros(size)
            for step in steps:
                product += step[:size] * step[apart : apart + size]
            blocks = block[begin : begin + size][begins]
            # One after the other, however many there are at once.
            np.add.at(sums[apart], blocks, product[begins] / len(steps))
            counts[apart] += np.bincount(blocks, minlength=_BLOCKS)
    return sums, counts


def _solved(
    sums: NDArray[np.float64], counts: NDArray[np.int64], blur: float
) -> tuple[Any, Any, Any, Any]:
    """D Δt, σ², what confinement took off that, and memory a, of sums of products."""
    square, first, second = sums / np.maximum(counts, 1)
    left = 0.5 * square + first  # g a
    is_moving = left > 0
    memory = 1 + np.where(is_moving, second, 0.0) / np.where(is_moving, left, 1.0)
    used = np.clip(memory, _FORGETFUL, 2 - _FORGETFUL)
    lost = 1 - used
    is_held = np.abs(lost) > 1e-6
    factor = np.where(is_held, -np.log(used) / np.where(is_held, lost, 1.0), 1.0)
    step = left / used
    held = -np.where(is_moving, second, 0.0) / used
    return step * factor, 2 * blur * step - first - held, held, memory


def _densest(
    position: Sequence[NDArray[np.float64]], is_step: NDArray[np.bool_], side: float
) -> NDArray[np.bool_]:
    """Whether a step begins where there are most of them, seen in squares."""
    # As one number each, which is sorted in a tenth of the time: no field is 2²¹ steps wide.
    number = np.zeros(len(is_step), np.int64)
    for place, coordinate in enumerate(position):
        origin = coordinate[:-1] - coordinate[:-1].min()
        origin /= side
        number += np.floor(origin, out=origin).astype(np.int64) << 21 * place
    squares, counts = np.unique(number, return_counts=True)
    density = np.empty(len(number), np.int32)
    for begin in range(0, len(number), _AT_ONCE):
        here = slice(begin, begin + _AT_ONCE)
        density[here] = counts[np.searchsorted(squares, number[here])]
    return density >= np.quantile(density[is_step], _DENSE, overwrite_input=True)
