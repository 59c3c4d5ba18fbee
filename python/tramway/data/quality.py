"""What trajectories tell of themselves before any map: noise, diffusivity, density, changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.units import SPACE_COLUMNS

from .step_noise import squares_of, step_noise, tracks_of

_STEPS_PER_CELL = 40
"""Steps in a cell that make its diffusivity known to some 15 %: sqrt(1 / 40)."""

_STEPS_ACROSS_CELL = 2.0
"""Cells are not smaller than this many typical steps: else molecules fly over them."""

_SAMPLE = 200_000
_DEVIATIONS = 3.0
_SHORTEST_TRACK = 5
_LEAST_STEPS = 20


@dataclass(frozen=True)
class Quality:
    """What was found; None where there are too few steps to tell.

    Attributes
    ----------
    steps
        Number of steps between successive localizations of a track.
    lags
        The commonest time steps, s, each with its share of the steps.
    distinct_lags
        How many there are, to a millionth of the commonest.
    duration
        From the first localization to the last, s.
    step_length
        Root mean square of the steps of the commonest lag, µm.
    diffusivity
        µm²/s, over everything, noise taken out.
    precision
        σ of a coordinate, µm; None also where successive steps do not say it.
    precision_deviation
        Standard error of `precision`, µm.
    precision_is_limit
        Whether `precision` is an upper limit, see :class:`tramway.data.step_noise.StepNoise`.
    immobile_share
        Share of the tracks of five or more localizations that move no more than their noise.
    change
        Mean square step of the second half of the movie over that of the first.
    change_deviation
        Standard error of `change`.
    density
        Localizations per µm² where there are any, seen in squares of `cell_size`.
    cell_size
        Suggested distance of cells, µm.
    cell_size_reason
        Why.
    steps_per_cell
        Median of the steps in such cells.
    time_window
        Suggested length of time segments, s; None: none.
    time_window_reason
        Why.
    """

    steps: int
    lags: tuple[tuple[float, float], ...]
    distinct_lags: int
    duration: float
    step_length: float | None = None
    diffusivity: float | None = None
    precision: float | None = None
    precision_deviation: float | None = None
    precision_is_limit: bool = False
    immobile_share: float | None = None
    change: float | None = None
    change_deviation: float | None = None
    density: float | None = None
    cell_size: float | None = None
    cell_size_reason: str = ""
    steps_per_cell: float | None = None
    time_window: float | None = None
    time_window_reason: str = ""

    @property
    def is_stationary(self) -> bool | None:
        """Whether steps are the same in both halves of the movie, as far as is seen."""
        if self.change is None or self.change_deviation is None:
            return None
        return abs(self.change - 1) < _DEVIATIONS * self.change_deviation


def assess(trajectories: pd.DataFrame, exposure_time: float = 0.0) -> Quality:
    """Assess a table of trajectories.

    Parameters
    ----------
    trajectories
        As :func:`check_trajectories` returns it, in µm and s.
    exposure_time
        Time that a localization averages over, s.

    Returns
    -------
    Quality
        The numbers; None where there are fewer than twenty steps of the commonest lag.

    Notes
    -----
    Diffusivity and σ come from the mean square of steps, and the mean products of steps of a track
    that are one and two apart: see :func:`tramway.data.step_noise.step_noise`.
    """
    number = trajectories["n"].to_numpy()
    time = trajectories["t"].to_numpy(np.float64)
    position = [
        trajectories[name].to_numpy(np.float64) for name in SPACE_COLUMNS if name in trajectories
    ]
    duration = float(np.ptp(time))
    is_step = number[1:] == number[:-1]
    if not is_step.any():
        return Quality(0, (), 0, duration)
    lags, counts = _distinct(np.diff(time)[is_step])
    share = tuple(
        (float(lags[k]), float(counts[k] / counts.sum())) for k in range(min(3, len(lags)))
    )
    found = Quality(int(is_step.sum()), share, len(lags), duration)
    usual = float(lags[0])
    is_usual = is_step & _is_about(np.diff(time), usual)
    if is_usual.sum() < _LEAST_STEPS:
        return found
    blur = min(exposure_time / (6 * usual), 1 / 6)
    noise = step_noise(position, is_usual, number, blur)
    precision = math.sqrt(noise.variance) if noise.variance > 0 else None
    length = math.sqrt(noise.square * len(position))
    sigma = _own_precision(trajectories) or precision
    size, reason, per_cell, density = _cells(position, is_step, length)
    square = np.mean(squares_of(position, is_usual), axis=1)
    change, change_deviation = _change(square, is_usual, number, time)
    found = Quality(
        found.steps,
        found.lags,
        found.distinct_lags,
        duration,
        step_length=length,
        diffusivity=noise.diffusion / usual,
        precision=precision,
        precision_deviation=None if precision is None else 0.5 * noise.deviation / precision,
        precision_is_limit=precision is not None and noise.is_limit,
        immobile_share=_immobile(square, tracks_of(number[:-1][is_usual]), len(position), sigma),
        change=change,
        change_deviation=change_deviation,
        density=density,
        cell_size=size,
        cell_size_reason=reason,
        steps_per_cell=per_cell,
    )
    window, why = _window(found)
    return Quality(**{**vars(found), "time_window": window, "time_window_reason": why})


def _distinct(lags: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Lags that differ, the commonest first, and how many steps have each; uses up `lags`."""
    typical = float(np.median(lags, overwrite_input=True))
    lags /= typical
    np.round(lags, 6, out=lags)
    lags.sort()
    begins = np.flatnonzero(np.concatenate([[True], lags[1:] != lags[:-1]]))
    counts = np.diff(begins, append=len(lags))
    order = np.argsort(-counts, kind="stable")
    return lags[begins][order] * typical, counts[order]


def _is_about(lag: NDArray[np.float64], usual: float) -> NDArray[np.bool_]:
    """Whether lags are the usual one, to a thousandth; uses up `lag`."""
    lag -= usual
    return np.abs(lag, out=lag) <= 1e-3 * usual


def _own_precision(trajectories: pd.DataFrame) -> float | None:
    """Give the median of the precisions that the file says, µm."""
    if "localization_precision" not in trajectories:
        return None
    return float(np.median(trajectories["localization_precision"]))


def _immobile(
    square: NDArray[np.float64], track: NDArray[np.int64], dimension: int, sigma: float | None
) -> float | None:
    """Share of tracks whose steps are those of noise, within two standard errors."""
    if sigma is None:
        return None
    count = np.bincount(track)
    mean = np.bincount(track, weights=square) / count
    is_long = count >= _SHORTEST_TRACK - 1
    if not is_long.any():
        return None
    limit = 2 * sigma**2 * (1 + 2 * np.sqrt(2 / (count * dimension)))
    return float(np.mean(mean[is_long] < limit[is_long]))


def _change(
    square: NDArray[np.float64],
    is_usual: NDArray[np.bool_],
    number: NDArray[np.int64],
    time: NDArray[np.float64],
) -> tuple[float | None, float | None]:
    """Mean square of the later half of the steps over that of the earlier half, and its error."""
    # Noise takes part in both halves alike; the halves have as many steps each.
    begin = time[:-1][is_usual]
    is_late = begin > np.median(begin)
    del begin
    values = []
    for part in (is_late, ~is_late):
        if part.sum() < _LEAST_STEPS:
            return None, None
        # The steps of one track are alike: the error is that of a mean over tracks.
        track = tracks_of(number[:-1][is_usual][part])
        count = np.bincount(track)
        total = np.bincount(track, weights=square[part])
        mean = float(total.sum() / count.sum())
        error = math.sqrt(float(((total - mean * count) ** 2).sum())) / float(count.sum())
        values.append((mean, error))
    (late, late_error), (early, early_error) = values
    if early == 0 or late == 0:
        return None, None
    ratio = late / early
    return ratio, ratio * math.hypot(late_error / late, early_error / early)


def _cells(
    position: Sequence[NDArray[np.float64]], is_step: NDArray[np.bool_], length: float
) -> tuple[float, str, float, float]:
    """Suggest a size of cells: size, reason, steps per cell, localizations per µm²."""
    origin = np.flatnonzero(is_step)
    step_count, localizations = len(origin), len(position[0])
    origin = origin[:: math.ceil(max(1.0, step_count / _SAMPLE))]
    plane = np.stack([coordinate[origin] for coordinate in position[:2]], axis=1)
    weight = step_count / len(plane)
    extent = float(np.max(np.ptp(plane, axis=0))) or 1.0
    size = _STEPS_ACROSS_CELL * length or extent / 10
    reason = f"two steps of {length:.3g} µm, so that molecules do not fly over cells"
    while True:
        square = np.floor((plane - plane.min(axis=0)) / size).astype(np.int64)
        key = square[:, 0] * (int(square[:, 1].max()) + 1) + square[:, 1]
        counts = np.unique(key, return_counts=True)[1] * weight
        # Half of the steps are in cells that have as many, or more.
        typical = float(np.median(np.repeat(counts, np.round(counts / weight).astype(int))))
        if typical >= _STEPS_PER_CELL or size > extent:
            break
        size *= 1.2
        reason = f"half of the steps are then in cells of {_STEPS_PER_CELL} steps or more"
    if typical < _STEPS_PER_CELL:
        reason = f"there are only {step_count} steps: too few for a map"
    return size, reason, typical, localizations / (counts.size * size**2)


def _window(found: Quality) -> tuple[float | None, str]:
    if found.steps_per_cell is None or found.is_stationary is None:
        return None, "too few steps to see a change in time"
    if found.is_stationary:
        return None, "the diffusivity is the same in both halves of the movie"
    windows = int(found.steps_per_cell / _STEPS_PER_CELL)
    if windows < 2:
        return None, "the diffusivity changes, but there are too few steps for segments"
    return (
        found.duration / windows,
        f"the diffusivity changes; half of the steps are then in cells of {_STEPS_PER_CELL} steps "
        "or more in each segment",
    )
