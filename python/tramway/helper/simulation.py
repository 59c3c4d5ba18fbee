"""Simulated trajectories in the landscapes of the original's notebooks, by Euler's steps."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.attributes import warn_without_effect
from tramway.data import translocations
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition

__all__ = ["add_noise", "random_walk", "random_walk_2d", "truth"]

Array: TypeAlias = NDArray[np.float64]


def _diffusivity(mode: str, mean: float, change: float, width: float, half: float) -> Any:
    """D of positions, µm²/s, and its gradient, µm/s."""

    def linear(r: Array) -> tuple[Array, Array]:
        slope = change / (2 * half)
        return mean + slope * r[:, 0], np.tile([slope, 0.0], (len(r), 1))

    def bump(r: Array) -> tuple[Array, Array]:
        height = sign * change * np.exp(-np.sum(r**2, axis=1) / (2 * width**2))
        return mean + height, -r * height[:, None] / width**2

    sign = -1.0 if mode == "gaussian_trap" else 1.0
    return {"linear": linear, "gaussian_trap": bump, "gaussian_bump": bump}[mode]


def _force(mode: str, depth: float, width: float, half: float) -> Callable[[Array], Array]:
    """Force at positions, kT/µm."""

    def linear(r: Array) -> Array:
        return np.tile([-depth / (2 * half), 0.0], (len(r), 1))

    def trap(r: Array) -> Array:
        height = depth * np.exp(-np.sum(r**2, axis=1) / (2 * width**2))
        pull: Array = -r * height[:, None] / width**2
        return pull

    return {"potential_linear": linear, "potential_force": trap}[mode]


def random_walk_2d(
    n_trajs: int = 100,
    N_mean: float = 7,  # noqa: N803 - names of the original
    dt: float = 0.025,
    D0: float = 0.1,  # noqa: N803
    amplitude_D: float = 0.025,  # noqa: N803
    amplitude_V: float = 0.0,  # noqa: N803
    mode_D: str = "linear",  # noqa: N803
    mode_V: str = "potential_force",  # noqa: N803
    sigma: float = 0.4,
    sigma_noise: float = 0.01,
    L: float = 0.5,  # noqa: N803
    n_short: int = 100,
    seed: int = 0,
    **options: Any,
) -> pd.DataFrame:
    """Simulate molecules, one after the other, in a landscape around the origin.

    Parameters
    ----------
    n_trajs
        Number of tracks; they begin anywhere in the square from -L to L.
    N_mean
        Mean number of steps of a track, which is exponentially distributed.
    dt
        Time between frames, s.
    D0, amplitude_D, mode_D
        Diffusivity, µm²/s, and how it changes: ``'linear'`` along x, by `amplitude_D` from -L to L,
        or by a Gaussian around the origin, down (``'gaussian_trap'``) or up (``'gaussian_bump'``).
    amplitude_V, mode_V
        Potential, kT: a Gaussian well (``'potential_force'``), or a slope along x
        (``'potential_linear'``).
    sigma
        Width of the Gaussians, µm.
    sigma_noise
        Standard deviation of the localizations, µm.
    L
        Half the side of the square, µm.
    n_short
        Steps of the simulation between two frames.
    seed
        Of the random numbers.
    options
        Those of the original that have no effect.

    Returns
    -------
    pandas.DataFrame
        Columns ``n x y t``, µm and s.
    """
    for name in options:
        warn_without_effect(name, "diffusion is that of thermal equilibrium")
    try:
        diffusivity = _diffusivity(mode_D, D0, amplitude_D, sigma, L)
        force = _force(mode_V, amplitude_V, sigma, L)
    except KeyError as error:
        raise InvalidInputError(f"the mode {error} is unknown: see the docstring") from None
    random = np.random.default_rng(seed)
    steps = np.rint(random.exponential(N_mean, n_trajs)).astype(np.int64)
    place = random.uniform(-L, L, (n_trajs, 2))
    frames = [place]
    for k in range(int(steps.max(initial=0))):
        place = place.copy()
        alive = steps > k
        r = place[alive]
        for _ in range(n_short):
            value, slope = diffusivity(r)
            drift = value[:, None] * force(r) + slope
            spread = np.sqrt(2 * np.maximum(value, 0)[:, None] * dt / n_short)
            r = r + drift * dt / n_short + spread * random.standard_normal(r.shape)
        place[alive] = r
        frames.append(place)
    number = np.repeat(np.arange(n_trajs), steps + 1)
    first = np.cumsum(steps + 1) - (steps + 1)
    frame = np.arange(len(number)) - np.repeat(first, steps + 1)
    xy = np.stack(frames)[frame, number]
    begin = 10 * np.arange(1, n_trajs + 1) + np.cumsum(steps) - steps
    return add_noise(
        pd.DataFrame(
            {"n": number + 1, "x": xy[:, 0], "y": xy[:, 1], "t": dt * (begin[number] + frame)}
        ),
        sigma_noise,
        seed=seed + 1,
    )


def random_walk(
    diffusivity: Callable[[Array, float], float] | float | None = None,
    force: Callable[[Array, float], Any] | None = None,
    *,
    trajectory_mean_count: float = 100,
    trajectory_count_sd: float = 0,
    lifetime_tau: float | None = None,
    box: Sequence[float] = (0.0, 0.0, 1.0, 1.0),
    duration: float = 10.0,
    time_step: float = 0.05,
    minor_step_count: int = 99,
    reflect: bool = False,
    full: bool = False,
    seed: int = 0,
    **options: Any,
) -> pd.DataFrame:
    """Simulate molecules in a box whose diffusivity and force may change in space and time.

    Parameters
    ----------
    diffusivity
        In µm²/s, or a function of a position, µm, and a time, s.
    force
        Function of a position and a time, kT/µm; none by default.
    trajectory_mean_count, trajectory_count_sd
        Mean number of molecules in a frame, and its standard deviation.
    lifetime_tau
        Mean lifetime, s; by default they live until they leave the box.
    box
        Lower corner, then the size along each coordinate, µm.
    duration, time_step
        Of the movie, and between frames, s.
    minor_step_count
        Steps of the simulation between two frames, less one.
    reflect
        Whether walls keep molecules in; they leave, and others appear, otherwise.
    full
        Whether trajectories are returned, with where they left the box; translocations in it, with
        ``dx dy dt``, otherwise.
    seed
        Of the random numbers.
    options
        Those of the original that have no effect.

    Returns
    -------
    pandas.DataFrame
        Columns ``n x y [z] t``, and ``dx dy [dz] dt``, µm and s.
    """
    for name in options:
        warn_without_effect(name, "friction is 1 / D, and what moves molecules is the force")
    lower, size = np.split(np.asarray(box, dtype=np.float64), 2)
    upper = lower + size
    random = np.random.default_rng(seed)
    place, number, end = np.empty((0, len(size))), np.empty(0, np.int64), np.empty(0)
    tracks, rows = 0, []
    tau = np.inf if lifetime_tau is None else lifetime_tau
    minor = time_step / (minor_step_count + 1)
    for k in range(1, round(duration / time_step) + 1):
        time = k * time_step
        is_on = time < end
        place, number, end = place[is_on], number[is_on], end[is_on]
        wanted = round(random.normal(trajectory_mean_count, trajectory_count_sd))
        new = max(wanted - len(place), 0)
        place = np.concatenate([place, random.uniform(lower, upper, (new, len(size)))])
        number = np.concatenate([number, tracks + 1 + np.arange(new)])
        lives = np.full(new, np.inf) if np.isinf(tau) else random.exponential(tau, new)
        end = np.concatenate([end, time + lives])
        tracks += new
        rows.append((number, place, np.full(len(place), time)))
        is_in = ((place >= lower) & (place <= upper)).all(axis=1)
        place, number, end = place[is_in], number[is_in], end[is_in]
        for step in range(minor_step_count + 1):
            now = time + step * minor
            value = _at(diffusivity, place, now)
            drift = 0.0 if force is None else value * np.array([force(r, now) for r in place])
            spread = np.sqrt(2 * np.maximum(value, 0) * minor)
            place = place + drift * minor + spread * random.standard_normal(place.shape)
            if reflect:
                place = lower + size - np.abs(size - np.abs(place - lower) % (2 * size))
    numbers, places, times = (np.concatenate(part) for part in zip(*rows, strict=True))
    table = pd.DataFrame({"n": numbers, **dict(zip("xyz", places.T, strict=False)), "t": times})
    table = table.sort_values(["n", "t"], ignore_index=True)
    return table if full else translocations(table, tuple(lower), tuple(upper))


def _at(value: Any, place: Array, time: float) -> Array:
    """Diffusivity of each molecule, (n, 1), µm²/s."""
    if callable(value):
        return np.array([[value(r, time)] for r in place]).reshape(-1, 1)
    return np.full((len(place), 1), 0.0 if value is None else float(value))


def add_noise(
    points: pd.DataFrame, sigma: float, copy: bool = False, seed: int = 0
) -> pd.DataFrame:
    """Add the noise of localizations, σ in µm, to the coordinates of a table, or of a copy."""
    random = np.random.default_rng(seed)
    noisy = points.copy() if copy else points
    for name in ("x", "y", "z"):
        if name in noisy:
            noisy[name] += sigma * random.standard_normal(len(noisy))
    return noisy


def truth(
    cells: Partition,
    t: float | None = None,
    diffusivity: Callable[..., float] | None = None,
    force: Callable[..., Any] | None = None,
    potential: Callable[..., float] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Table what was simulated, at the centers of the cells that hold something.

    Parameters
    ----------
    cells
        The partition.
    t
        Time, s, which the functions are then given, too.
    diffusivity, force, potential
        Functions of a position, µm: of the diffusivity, µm²/s, the force, kT/µm, and the potential,
        kT.
    options
        Without effect.

    Returns
    -------
    pandas.DataFrame
        ``diffusivity``, ``potential``, ``force x``, … by number of the cell.
    """
    filled = np.flatnonzero(cells.location_count)
    centers = cells.tessellation.cell_centers
    when = () if t is None else (t,)
    columns = dict[str, Any]()
    if diffusivity is not None:
        columns["diffusivity"] = [float(diffusivity(centers[cell], *when)) for cell in filled]
    if potential is not None:
        columns["potential"] = [float(potential(centers[cell], *when)) for cell in filled]
    if force is not None:
        vectors = np.array([force(centers[cell], *when) for cell in filled])
        for name, component in zip("xyz", vectors.T, strict=False):
            columns[f"force {name}"] = component
    return pd.DataFrame(columns, index=filled)
