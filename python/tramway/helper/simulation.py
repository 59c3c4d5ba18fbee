"""Simulated trajectories."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tramway.attributes import warn_without_effect
from tramway.data import simulate

__all__ = ["random_walk", "random_walk_2d"]


def random_walk_2d(
    n_trajs: int = 100,
    N_mean: int = 5,  # noqa: N803 - names of the original
    dt: float = 0.05,
    D0: float = 0.1,  # noqa: N803
    box: Sequence[float] = (0, 0, 1, 1),
    seed: int = 0,
    **options: Any,
) -> pd.DataFrame:
    """Simulate molecules that diffuse in a rectangle.

    Parameters
    ----------
    n_trajs
        Number of tracks.
    N_mean
        Number of localizations of each.
    dt
        Time between frames, s.
    D0
        Diffusivity, µm²/s.
    box
        Lower corner, then the width and the height, µm.
    seed
        Of the random numbers.
    options
        Those of the original that have no effect; :func:`tramway.data.simulate` has landscapes.
    """
    for name in options:
        warn_without_effect(name, "tramway.data.simulate has wells and bumps")
    x, y, width, height = box
    return simulate(
        track_count=n_trajs,
        track_length=N_mean,
        frame_interval=dt,
        lower=(x, y),
        upper=(x + width, y + height),
        diffusivity=D0,
        seed=seed,
    )


random_walk = random_walk_2d
