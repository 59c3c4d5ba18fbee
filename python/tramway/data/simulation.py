"""Simulated trajectories in a known landscape: to try things out, and to test them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS


@dataclass(frozen=True)
class Well:
    """A Gaussian well of the potential: ``-depth · exp(-|r - center|² / (2 width²))``.

    Attributes
    ----------
    center
        Where it is deepest, µm.
    depth
        Its depth in kT; negative for a hill.
    width
        Its standard deviation, µm.

    Examples
    --------
    >>> Well(center=(1, 1), depth=4, width=0.3)
    Well(center=(1, 1), depth=4, width=0.3)
    """

    center: tuple[float, ...]
    depth: float
    width: float


@dataclass(frozen=True)
class Bump:
    """A Gaussian bump of the diffusivity: ``height · exp(-|r - center|² / (2 width²))``.

    Attributes
    ----------
    center
        Where it is highest, µm.
    height
        Its height in µm²/s; negative where molecules are slower.
    width
        Its standard deviation, µm.

    Examples
    --------
    >>> Bump(center=(1, 1), height=-0.05, width=0.3)
    Bump(center=(1, 1), height=-0.05, width=0.3)
    """

    center: tuple[float, ...]
    height: float
    width: float


@checked
def simulate(
    *,
    track_count: int,
    track_length: int,
    frame_interval: float,
    lower: Sequence[float],
    upper: Sequence[float],
    diffusivity: float,
    wells: Sequence[Well] = (),
    bumps: Sequence[Bump] = (),
    localization_precision: float = 0.0,
    substeps: int = 20,
    seed: int,
) -> pd.DataFrame:
    """Simulate molecules that diffuse in a box, in wells of potential.

    Overdamped Langevin dynamics, in the form that has exp(-V) as its equilibrium wherever the
    diffusivity varies: steps of D (-∇V) h + ∇D h + √(2 D h) ξ over a time h = `frame_interval` /
    `substeps`. Molecules start in equilibrium, the walls of the box reflect them, and an error is
    added to each coordinate of each localization.

    Parameters
    ----------
    track_count
        Number of molecules.
    track_length
        Number of localizations of each.
    frame_interval
        Time between two of them, s.
    lower, upper
        Corners of the box, µm: 2 or 3 numbers.
    diffusivity
        Diffusivity far from all bumps, µm²/s, > 0.
    wells
        What the potential is made of; flat by default.
    bumps
        What is added to the diffusivity; nothing by default.
    localization_precision
        Standard deviation of the error on a coordinate, µm.
    substeps
        Steps of the walk between two localizations.
    seed
        Seed of the random numbers, ≥ 0: equal seeds give equal trajectories, and molecules have
        random numbers of their own, whatever the number of threads.

    Returns
    -------
    pandas.DataFrame
        Columns ``n`` (1, 2, …), ``x``, ``y``, [``z``,] (µm) and ``t`` (s, from 0 in every track),
        sorted by ``n`` and ``t``.

    Raises
    ------
    InvalidInputError
        If an argument is out of its domain, or if steps are long in comparison with the widths.

    Examples
    --------
    >>> movie = simulate(
    ...     track_count=100,
    ...     track_length=50,
    ...     frame_interval=0.02,  # s
    ...     lower=(0, 0),
    ...     upper=(3, 3),
    ...     diffusivity=0.1,  # µm²/s
    ...     wells=[Well(center=(1, 1), depth=4, width=0.3)],
    ...     localization_precision=0.02,
    ...     seed=1,
    ... )
    >>> list(movie), len(movie)
    (['n', 'x', 'y', 't'], 5000)
    """
    counts = {"track_count": track_count, "track_length": track_length, "substeps": substeps}
    for name, count in {**counts, "seed": seed}.items():
        if not 0 <= count < 2**63:
            raise InvalidInputError(f"`{name}` is {count}, expected an integer from 0 to 2^63 - 1")
    dimension = len(lower)
    localizations = _core.simulate_walks(
        track_count,
        track_length,
        frame_interval,
        substeps,
        localization_precision,
        lower,
        upper,
        diffusivity,
        _rows("bumps", [(*bump.center, bump.height, bump.width) for bump in bumps], dimension),
        _rows("wells", [(*well.center, well.depth, well.width) for well in wells], dimension),
        seed,
    )
    frames = np.tile(np.arange(track_length), track_count)
    return pd.DataFrame(
        {"n": np.repeat(np.arange(1, track_count + 1, dtype=np.int64), track_length)}
        | dict(zip(SPACE_COLUMNS, localizations.T, strict=False))
        | {"t": frames * frame_interval}
    )


def _rows(name: str, rows: Sequence[tuple[float, ...]], dimension: int) -> NDArray[np.float64]:
    for i, row in enumerate(rows):
        if len(row) != dimension + 2:
            raise InvalidInputError(
                f"`{name}[{i}]` has a center of {len(row) - 2} coordinates, expected {dimension} "
                "as `lower`"
            )
    return np.array(rows, dtype=np.float64).reshape(-1, dimension + 2)
