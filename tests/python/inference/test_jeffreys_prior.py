"""Jeffreys' prior: closed forms in one cell, and searches by scalar minimisation."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tramway.errors import InvalidInputError
from tramway.inference import get_model
from tramway.tessellation import Partition

Filed = Callable[..., Partition]

LAG, SIGMA = 0.02, 0.03


def cell(filed: Filed, count: int, dim: int = 2, drift: float = 0.05) -> tuple[Partition, Any]:
    steps = drift + 0.1 * np.random.default_rng(count).normal(size=(count, dim))
    return filed(np.zeros((1, dim)), np.zeros(count, int), steps, LAG), steps


def infer(name: str, partition: Partition, **parameters: Any) -> Any:
    return get_model(name).infer(
        partition, localization_precision=SIGMA, mode=name, jeffreys_prior=True, **parameters
    )


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("count", [3, 30])
def test_closed_forms(filed: Filed, dim: int, count: int) -> None:
    # nd/2 ln w + S/4w + (1 + k/2) ln w is least at w = S / (2nd + 4 + 2k), S the sum of squares:
    # about zero in D, where k = 0, about the mean in DD, where k = d.
    partition, steps = cell(filed, count, dim)
    for name, k, square in (("d", 0, steps**2), ("dd", dim, (steps - steps.mean(axis=0)) ** 2)):
        w = square.sum() / (2 * count * dim + 4 + 2 * k)
        maps = infer(name, partition)
        expected = max((w - SIGMA**2) / LAG, 0)
        assert maps.maps["diffusivity"][0] == pytest.approx(expected, rel=1e-6)
        assert np.isnan(maps.log_evidence)


@pytest.mark.parametrize("spread", [1.0, 0.1])
def test_a_force(filed: Filed, spread: float) -> None:
    # In D and v = DF: n ln w + S/4w + 2 ln w - 2 ln D, above zero whatever the noise.
    partition, steps = cell(filed, 30)
    steps = spread * steps
    partition = filed([[0, 0]], partition.cells, steps, LAG)
    square = ((steps - steps.mean(axis=0)) ** 2).sum()

    def objective(log_d: float) -> float:
        w = np.exp(log_d) * LAG + SIGMA**2
        return float(32 * np.log(w) + square / (4 * w) - 2 * log_d)

    expected = np.exp(minimize_scalar(objective, bounds=(-15, 5), method="bounded").x)
    maps = infer("df", partition).maps
    assert maps["diffusivity"][0] == pytest.approx(expected, rel=1e-3)
    force = steps.mean(axis=0) / (maps["diffusivity"][0] * LAG)
    np.testing.assert_allclose(maps[["force x", "force y"]].to_numpy()[0], force, rtol=1e-6)


def test_the_dv_model(filed: Filed) -> None:
    centers, near = [[0, 0], [1, 0], [0.5, 1]], [[1, 2], [0, 2], [0, 1]]
    generator = np.random.default_rng(0)
    steps = 0.1 * generator.normal(size=(60, 2))
    partition = filed(centers, np.repeat([0, 1, 2], 20), steps, LAG, near)
    priors = {"diffusivity_prior": 1e-6, "potential_prior": 1e6}
    maps = infer("dv", partition, **priors)
    # A flat potential, and no coupling: n ln w + S/4w + 2 ln w - 2 ln D in each cell.
    for i in range(3):
        square = (steps[20 * i : 20 * i + 20] ** 2).sum()

        def objective(d: float, square: float = square) -> float:
            w = d * LAG + SIGMA**2
            return float(22 * np.log(w) + square / (4 * w) - 2 * np.log(d))

        expected = minimize_scalar(objective, bounds=(1e-3, 5), method="bounded").x
        assert maps.maps["diffusivity"][i] == pytest.approx(expected, rel=1e-3)
    assert np.isnan(maps.log_evidence)
    assert maps.contrast([0], [1])[1] > 0
    with pytest.raises(
        InvalidInputError, match="`jeffreys_prior` is True, which leaves the evidence"
    ):
        infer("dv", partition, diffusivity_prior="auto", potential_prior=1)


def test_static_molecules(filed: Filed) -> None:
    still = filed([[0, 0], [1, 0]], [0, 0, 1, 1], np.zeros((4, 2)), LAG, [[1], [0]])
    for name in ("d", "dd", "df", "dv"):
        maps = infer(name, still)
        assert maps.resolution == "converged"
        assert (maps.maps["diffusivity"] >= 0).all()
