"""Noise apart from confinement, in wells whose noise is known."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from tramway.data import Well, simulate
from tramway.data.quality import Quality, assess


def found(depth: float, sigma: float, lag: float = 0.02, width: float = 0.25, **more) -> Quality:
    """Assess 600 tracks of 30 localizations, D = 0.1 µm²/s, in a well of some kT."""
    return assess(
        simulate(
            **{
                "track_count": 600,
                "track_length": 30,
                "frame_interval": lag,
                "lower": (0, 0),
                "upper": (3, 3),
                "diffusivity": 0.1,
                "wells": [Well((1.5, 1.5), depth, width)],
                "localization_precision": sigma,
                "seed": 4,
                **more,
            }
        )
    )


@pytest.mark.parametrize("depth", [0, 2, 4, 6])
@pytest.mark.parametrize("sigma", [0, 0.015, 0.03, 0.06])
def test_noise_is_recovered_in_wells(depth: float, sigma: float) -> None:
    quality = found(depth, sigma)
    # Three standard errors, and what wells and walls, which are not harmonic, leave: 1.2 times
    # 10^-4 µm² at most, 3 % of the 2 D Δt of a step. Without C2 it is 2 to 4 times that in wells.
    if quality.precision is None:
        assert sigma == 0
        return
    variance, error = quality.precision**2, 2 * quality.precision * quality.precision_deviation
    assert abs(variance - sigma**2) < 1.2e-4 + 3 * error
    assert error < 0.1 * (0.004 + 2 * sigma**2)
    assert quality.diffusivity == pytest.approx(0.1, rel=0.15)


def test_confinement_is_no_noise() -> None:
    # The covariance of successive steps alone would say 0.021 µm.
    quality = found(6, 0.015)
    assert quality.precision == pytest.approx(0.015, abs=0.0035)


def test_a_trap_that_is_crossed_in_a_step_is_an_upper_limit() -> None:
    # Steps of 0.14 µm along an axis in wells of 0.15 µm: nobody can tell them from noise.
    quality = found(6, 0.015, lag=0.1, width=0.15)
    assert quality.precision is not None
    assert quality.precision > 0.03
    assert quality.precision_is_limit
    assert not found(0, 0.015, lag=0.1).precision_is_limit


def test_at_long_lags_noise_is_within_its_error_or_a_limit() -> None:
    # Steps of 0.14 µm: what wells and walls leave is up to 1.7 % of their square, 3.4e-4 µm², more
    # than the noise of 2.2e-4. With the error of sampling alone, a quarter is out.
    pulls = []
    for depth, width, seed in product((0, 2, 4, 6), (0.15, 0.25, 0.4), range(3)):
        quality = found(depth, 0.015, lag=0.1, width=width, substeps=40, seed=seed)
        assert quality.precision is not None
        error = 2 * quality.precision * quality.precision_deviation
        pull = (quality.precision**2 - 0.015**2) / error
        assert pull > -2
        pulls += [pull] * (not quality.precision_is_limit)
    assert len(pulls) > 15
    assert np.mean(np.abs(pulls) < 2) >= 0.95


def test_tracks_of_three_localizations_are_an_upper_limit() -> None:
    quality = found(0, 0.03, track_length=3, track_count=2000)
    assert quality.precision == pytest.approx(0.03, abs=0.003)
    assert quality.precision_is_limit


def test_tracks_of_two_localizations_tell_no_noise() -> None:
    quality = found(0, 0.03, track_length=2, track_count=2000)
    assert quality.precision is None
    assert not quality.precision_is_limit


def test_what_does_not_move() -> None:
    random = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "n": np.repeat(np.arange(100), 20),
            "x": np.repeat(random.uniform(0, 5, 100), 20) + random.normal(0, 0.03, 2000),
            "y": np.repeat(random.uniform(0, 5, 100), 20) + random.normal(0, 0.03, 2000),
            "t": np.tile(np.arange(20) * 0.02, 100),
        }
    )
    assert assess(table).precision == pytest.approx(0.03, rel=0.1)
    still = assess(table.assign(x=1.0, y=1.0))
    assert still.precision is None
    assert still.diffusivity == 0
