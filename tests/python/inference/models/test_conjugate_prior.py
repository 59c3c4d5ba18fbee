"""The conjugate posterior of D: its density, its coverage, and its limits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from tramway.errors import InvalidInputError
from tramway.inference import infer_conjugate_prior
from tramway.tessellation import Partition

Filed = Callable[..., Partition]


def drawn(filed: Filed, count: int, each: int, sigma: float, dimension: int = 2) -> Partition:
    """Displacements of D = 0.2 µm²/s at a lag of 0.02 s in each of some cells."""
    std = np.sqrt(2 * (0.2 * 0.02 + sigma**2))
    size = (count * each, dimension)
    displacements = np.random.default_rng(1).normal(0, std, size)
    cell = np.repeat(np.arange(count), each)
    return filed(np.zeros((count, dimension)), cell, displacements, np.full(len(cell), 0.02))


def test_the_interval_holds_its_share_of_the_posterior(filed: Filed) -> None:
    # The density of w = DΔt + σ² above σ², as the docstring has it, integrated by quadrature.
    sigma = 0.06
    part = drawn(filed, 2, 12, sigma)
    maps = infer_conjugate_prior(part, localization_precision=sigma, alpha=0.8).maps
    x = part.displacements[:12]
    rest = part.displacements[12:]
    p = 2 * (12 + 3 - 1) / 2 - 1
    s = 0.25 * (
        ((x - x.mean(0)) ** 2).sum()
        + 3 * ((rest - rest.mean(0)) ** 2).sum() / 12
        + 12 * 3 / 15 * (x.mean(0) ** 2).sum()
    )

    def density(w: float) -> float:
        return np.exp(-(p + 1) * np.log(w / s) - s / w)

    low, high = maps.loc[0, ["ci low", "ci high"]] * 0.02 + sigma**2
    whole = quad(density, sigma**2, 1)[0]
    assert quad(density, sigma**2, low)[0] / whole == pytest.approx(0.1, abs=1e-6)
    assert quad(density, sigma**2, high)[0] / whole == pytest.approx(0.9, abs=1e-6)


@pytest.mark.parametrize("dimension", [2, 3])
def test_intervals_cover_the_truth(filed: Filed, dimension: int) -> None:
    # 1,000 cells of 10 displacements. The prior's center is the truth, so that the intervals hold
    # it at least as often as they say; the share is known to √(0.9 · 0.1 / 1000) = 1 %, four times.
    part = drawn(filed, 1000, 10, 0.02, dimension)
    maps = infer_conjugate_prior(part, localization_precision=0.02, alpha=0.9).maps
    assert maps["diffusivity"].between(maps["ci low"], maps["ci high"]).all()
    assert 0.86 < ((maps["ci low"] < 0.2) & (maps["ci high"] > 0.2)).mean() < 0.98
    many = drawn(filed, 3, 20_000, 0.02, dimension)
    diffusivity = infer_conjugate_prior(many, localization_precision=0.02).maps["diffusivity"]
    # The relative error of w is √(2 / 20,000 d) = 0.7 %, that of D is 10 % more.
    np.testing.assert_allclose(diffusivity, 0.2, rtol=0.035)


def test_limits(filed: Filed) -> None:
    # Cell 0 holds a single displacement, cell 1 static ones; noise above every jump.
    cell = np.repeat([0, 1, 2], [1, 5, 50])
    displacements = np.concatenate(
        [[(0.1, 0)], np.zeros((5, 2)), np.random.default_rng(0).normal(0, 0.1, (50, 2))]
    )
    part = filed(np.zeros((3, 2)), cell, displacements, np.full(56, 0.02))
    for sigma in (0.0, 0.03):
        maps = infer_conjugate_prior(part, localization_precision=sigma).maps
        assert (maps["diffusivity"] >= 0).all()
        assert (maps["ci low"] < maps["ci high"]).all()
    loud = infer_conjugate_prior(part, localization_precision=1.0).maps
    assert (loud["diffusivity"] == 0).all()
    alone = filed(np.zeros((1, 2)), np.zeros(50), displacements[-50:], np.full(50, 0.02))
    assert np.isnan(infer_conjugate_prior(alone, localization_precision=0).maps.loc[0, "ci low"])


@pytest.mark.parametrize("bad", [{"alpha": 1.0}, {"alpha": 0.0}, {"localization_precision": -1.0}])
def test_bad_parameters_are_named(filed: Filed, bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match=f"`{next(iter(bad))}` is"):
        infer_conjugate_prior(drawn(filed, 2, 5, 0.0), **{"localization_precision": 0.0} | bad)
