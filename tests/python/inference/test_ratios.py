"""Statistics of displacements against the original's: ratios, posterior, Bayes factors."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate
from tramway.inference import infer_conjugate_prior, infer_signal_to_noise
from tramway.inference.models.bayes_factor import log_bayes_factor
from tramway.inference.models.signal_to_noise import signal_to_noise
from tramway.tessellation import Partition

SIGMA, LAG = 0.03, 0.025


@pytest.fixture(scope="module")
def theirs(by_original: Callable[..., Mapping[str, Any]]) -> Mapping[str, Any]:
    tracks = simulate(
        track_count=60,
        track_length=40,
        frame_interval=LAG,
        lower=(0, 0),
        upper=(1, 1),
        diffusivity=0.2,
        localization_precision=SIGMA,
        seed=3,
    )
    return by_original("original_ratios.py", tracks)


@pytest.fixture
def cells(theirs: Mapping[str, Any], filed: Callable[..., Partition]) -> Partition:
    neighbours = np.split(theirs["neighbours"], np.cumsum(theirs["neighbour_counts"])[:-1])
    arrays = (theirs[key] for key in ("centers", "cell", "displacements", "lags"))
    return filed(*arrays, neighbours=neighbours)


@pytest.mark.slow
def test_signal_to_noise_ratios(theirs: Mapping[str, Any], cells: Partition) -> None:
    # From the original's D, which is less exact than ours.
    diffusivity = pd.Series(theirs["snr diffusivity"])
    ours = signal_to_noise(cells, diffusivity, LAG)
    maps = infer_signal_to_noise(cells, localization_precision=SIGMA).maps
    assert list(maps.columns)[2:] == list(ours.columns)
    for column in ours:
        np.testing.assert_allclose(ours[column], theirs[f"snr {column}"], rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_the_conjugate_posterior(theirs: Mapping[str, Any], cells: Partition) -> None:
    maps = infer_conjugate_prior(cells, localization_precision=SIGMA).maps
    for column in ("diffusivity", "ci low", "ci high"):
        # The original's D contains the noise, and it has none for a single displacement.
        expected = theirs[f"prior {column}"] - SIGMA**2 / LAG
        known = np.isfinite(expected)
        assert known.sum() > 10
        np.testing.assert_allclose(maps[column][known], expected[known], rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "noise"), [("noisy", SIGMA**2), ("exact", 0.0)])
def test_bayes_factors(theirs: Mapping[str, Any], name: str, noise: float) -> None:
    arguments = (theirs[key] for key in ("total", "spurious", "n", "variance", "prior"))
    ours = log_bayes_factor(*arguments, noise) / np.log(10)
    # Its integrals are good to a relative 1e-6.
    np.testing.assert_allclose(ours, theirs[f"lg_B {name}"], rtol=1e-5, atol=1e-5)
