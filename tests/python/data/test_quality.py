"""Noise, diffusivity and changes, on walks whose truth is known."""

import time

import numpy as np
import pandas as pd
import pytest

from tramway.data.quality import assess

LAG = 0.02
SIGMA = 0.03


def walks(
    tracks: int,
    length: int,
    diffusivity: float | np.ndarray,
    sigma: float = SIGMA,
    seed: int = 3,
    box: float = 5.0,
) -> pd.DataFrame:
    """Free walks from places in a box, one after the other in time."""
    random = np.random.default_rng(seed)
    scale = np.sqrt(2 * np.broadcast_to(diffusivity, tracks) * LAG)[:, None, None]
    path = np.cumsum(random.normal(size=(tracks, length, 2)) * scale, axis=1)
    path += random.uniform(0, box, (tracks, 1, 2)) + random.normal(0, sigma, path.shape)
    frame = np.arange(tracks)[:, None] * 3 + np.arange(length)
    return pd.DataFrame(
        {
            "n": np.repeat(np.arange(tracks), length),
            "x": path[..., 0].ravel(),
            "y": path[..., 1].ravel(),
            "t": frame.ravel() * LAG,
        }
    )


def test_diffusivity_and_noise_of_a_walk() -> None:
    # 20,000 steps: the standard errors are about 3 %; the bounds are some three of them.
    found = assess(walks(1000, 21, 0.1))
    assert found.diffusivity == pytest.approx(0.1, rel=0.12)
    assert found.precision_deviation == pytest.approx(0.026 * SIGMA, rel=0.3)
    assert not found.precision_is_limit
    assert found.precision == pytest.approx(SIGMA, rel=0.08)
    assert found.steps == 20000
    assert found.lags == ((pytest.approx(LAG), pytest.approx(1.0)),)
    assert found.step_length == pytest.approx(np.sqrt(4 * (0.1 * LAG + SIGMA**2)), rel=0.03)
    assert found.is_stationary


def test_blur_is_taken_into_account() -> None:
    # Positions averaged over the whole frame: the mean of fifty steps of a fiftieth of the lag.
    random = np.random.default_rng(5)
    fine = np.cumsum(random.normal(0, np.sqrt(2 * 0.1 * LAG / 50), (1000, 20 * 50, 2)), axis=1)
    path = fine.reshape(1000, 20, 50, 2).mean(axis=2) + random.normal(0, SIGMA, (1000, 20, 2))
    table = walks(1000, 20, 0.1).assign(x=path[..., 0].ravel(), y=path[..., 1].ravel())
    assert assess(table, exposure_time=LAG).diffusivity == pytest.approx(0.1, rel=0.12)
    assert assess(table, exposure_time=LAG).precision == pytest.approx(SIGMA, rel=0.08)
    assert assess(table).precision < 0.9 * SIGMA


def test_immobile_share() -> None:
    diffusivity = np.where(np.arange(1000) < 300, 0.0, 0.5)
    table = walks(1000, 15, diffusivity).assign(localization_precision=SIGMA)
    # Within two standard errors of noise: some 2 % of immobile tracks are above.
    assert assess(table).immobile_share == pytest.approx(0.3, abs=0.02)


def test_change_in_time() -> None:
    found = assess(walks(1000, 15, np.linspace(0.1, 0.3, 1000)))
    assert found.change == pytest.approx(0.0118 / 0.0078, rel=0.1)  # of 2 D dt + 2 σ²
    assert found.is_stationary is False
    assert "changes" in found.time_window_reason


def test_tracks_that_differ_are_not_taken_for_a_change() -> None:
    # Two kinds of molecules in random order: steps of one track are alike.
    kinds = np.random.default_rng(2).choice([0.02, 1.0], 300)
    changes = [assess(walks(300, 30, kinds, seed=seed)).is_stationary for seed in range(10)]
    assert all(changes)


def test_cells_have_enough_steps_and_are_not_flown_over() -> None:
    dense = assess(walks(3000, 20, 0.1))
    assert dense.cell_size == pytest.approx(2 * dense.step_length)
    assert "fly over" in dense.cell_size_reason
    sparse = assess(walks(100, 20, 0.1))
    assert sparse.cell_size > dense.cell_size
    assert sparse.steps_per_cell >= 40
    few = assess(walks(3, 10, 0.1))
    assert "too few for a map" in few.cell_size_reason


def test_too_little_to_tell() -> None:
    single = walks(5, 1, 0.1)
    assert assess(single).steps == 0
    assert assess(single).diffusivity is None
    assert assess(walks(2, 5, 0.1)).diffusivity is None


def test_lags_over_gaps_are_told_apart() -> None:
    table = walks(100, 10, 0.1)
    found = assess(table.drop(index=range(3, 1000, 10)))
    assert [round(lag / LAG) for lag, _ in found.lags] == [1, 2]
    assert [share for _, share in found.lags] == pytest.approx([7 / 8, 1 / 8])


@pytest.mark.slow
def test_a_million_rows_take_about_a_second() -> None:
    table = walks(50_000, 20, 0.1, box=50)
    begin = time.process_time()
    assess(table)
    assert time.process_time() - begin < 2  # other processes may hold the machine
