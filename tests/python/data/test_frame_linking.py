"""Linking frames finds the tracks that localizations were made of."""

import itertools

import numpy as np
import pandas as pd
import pytest

from tramway.data import link_frames
from tramway.errors import InvalidInputError

DT = 0.04


def molecules(count: int, frames: int, diffusivity: float, side: float) -> pd.DataFrame:
    """Molecules that diffuse freely, from random places in a square."""
    random = np.random.default_rng(0)
    start = random.uniform(0, side, (count, 1, 2))
    steps = random.normal(0, np.sqrt(2 * diffusivity * DT), (count, frames, 2))
    place = (start + steps.cumsum(axis=1)).reshape(-1, 2)
    return pd.DataFrame(
        {
            "molecule": np.repeat(np.arange(count), frames),
            "x": place[:, 0],
            "y": place[:, 1],
            "t": np.tile(DT * np.arange(1, frames + 1), count),
        }
    )


def test_sparse_molecules_are_found_again() -> None:
    # 20 in 400 µm², steps of 0.1 µm: hardly ever two within 0.5 µm of each other.
    truth = molecules(20, 50, 0.1, 20.0)
    found = link_frames(truth.sample(frac=1, random_state=0), frame_interval=DT, longest_step=0.5)
    assert list(found.columns) == ["n", "x", "y", "t", "molecule"]
    links = found["n"].diff().to_numpy()[1:] == 0
    is_right = found["molecule"].diff().to_numpy()[1:][links] == 0
    assert links.sum() >= 0.99 * 20 * 49
    assert is_right.mean() > 0.99


def test_the_sum_is_the_least_of_all_ways_to_link() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        here, there = random.uniform(0, 1, (4, 2)), random.uniform(0, 1, (3, 2))
        table = pd.DataFrame(np.concatenate([here, there]), columns=["x", "y"])
        table["t"] = [DT] * 4 + [2 * DT] * 3
        found = link_frames(table, frame_interval=DT, longest_step=0.4)
        steps = found.groupby("n")[["x", "y"]].diff().dropna().to_numpy()
        # All of them, by brute force: three of four rows, each linked or not.
        squares = ((here[:, None] - there[None]) ** 2).sum(axis=2)
        gain = np.minimum(squares - 0.4**2, 0)
        least = min(
            gain[list(rows), [0, 1, 2]].sum() for rows in itertools.permutations(range(4), 3)
        )
        assert np.sum(steps**2 - 0.4**2 / 2) == pytest.approx(least, abs=1e-12)


def test_frames_that_are_missing_end_tracks() -> None:
    table = pd.DataFrame({"x": 0.0, "y": 0.0, "t": [DT, 2 * DT, 4 * DT]})
    found = link_frames(table, frame_interval=DT, longest_step=1.0)
    assert found["n"].tolist() == [1, 1, 2]


def test_what_cannot_be_linked_is_said() -> None:
    table = pd.DataFrame({"x": [0.0], "y": 0.0, "t": DT})
    with pytest.raises(InvalidInputError, match="no row"):
        link_frames(table[:0], frame_interval=DT, longest_step=1.0)
    assert link_frames(table, frame_interval=DT, longest_step=1.0)["n"].tolist() == [1]
