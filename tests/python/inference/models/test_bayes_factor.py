"""Bayes factors of a force: against quadrature, and on simulated truth."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammainc

from tramway.errors import InvalidInputError
from tramway.inference import infer_bayes_factor
from tramway.inference.models.bayes_factor import log_bayes_factor
from tramway.tessellation import Partition

Filed = Callable[..., Partition]


@pytest.mark.parametrize("noise", [0.0, 9e-4, 1e-2])
def test_it_is_the_ratio_of_integrals(noise: float) -> None:
    # The formula of the docstring, by adaptive quadrature; few displacements, so that no factor
    # underflows.
    total, spurious = np.array([0.3, -0.1]), np.array([0.8, 0.2])
    n, variance, prior = 12.0, 0.012, 0.02
    p, eta2 = 2 * (n + 2) / 2 - 1, 3 / (n + 3)
    v = 1 + 3 * prior / (n * variance)

    def integral(scale: float) -> float:
        def integrand(weight: float) -> float:
            q = v + scale * ((total - weight * spurious) ** 2).sum()
            rest = gammainc(p, n * variance * q / (4 * noise)) if noise else 1.0
            return q**-p * rest

        return quad(integrand, 0, 1, epsabs=0, epsrel=1e-12)[0]

    expected = np.log(eta2 * integral(eta2) / integral(1.0))
    arrays = (np.array([value]) for value in (total, spurious, n, variance, prior))
    assert log_bayes_factor(*arrays, noise)[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("peak", [0.5, 0.123, 0.0, 1.0, 1.3, -4.0])
def test_a_million_displacements(peak: float) -> None:
    # Around its peak in λ, or next to it on the border, the integrand is 0.0007 wide or less:
    # quadrature that knows where it is, with the greatest value taken out.
    total, spurious, n, variance = np.array([peak, 0.0]), np.array([1.0, 0.0]), 1e6, 0.01
    p, eta2, v = n + 1, 3 / (n + 3), 1 + 3 / n
    nearest = min(max(peak, 0.0), 1.0)

    def log_integral(scale: float) -> float:
        def log_integrand(weight: float) -> float:
            return -p * np.log(v + scale * (peak - weight) ** 2)

        largest = log_integrand(nearest)
        edges = [
            0,
            1,
            *(nearest + sign * step for sign in (-1, 1) for step in (0, 1e-5, 1e-3, 0.1)),
        ]
        edges = sorted(edge for edge in set(edges) if 0 <= edge <= 1)
        pieces = (
            quad(lambda x: np.exp(log_integrand(x) - largest), *piece, epsabs=0, limit=500)[0]
            for piece in pairwise(edges)
        )
        return largest + np.log(sum(pieces))

    expected = np.log(eta2) + log_integral(eta2) - log_integral(1.0)
    arrays = [np.array([value]) for value in (total, spurious, n, variance, variance)]
    assert log_bayes_factor(*arrays, 0.0)[0] == pytest.approx(expected, abs=1e-6, rel=1e-9)
    # Noise far above the displacements: probabilities that no floating-point number holds.
    assert np.isfinite(log_bayes_factor(*arrays, 0.1)).all()


def test_without_a_gradient_of_the_diffusivity_nothing_is_spurious() -> None:
    # ζ_sp = 0: the integrals are trivial, B = η² (q_u / q_d)^−p.
    total, n = np.array([[0.3, 0.4]]), np.array([20.0])
    ones = np.ones(1)
    eta2, v = 3 / 23, 1 + 3 / 20
    expected = np.log(eta2) - 21 * np.log((v + eta2 * 0.25) / (v + 0.25))
    assert log_bayes_factor(total, 0 * total, n, ones, ones, 0.0)[0] == pytest.approx(expected)


def row(filed: Filed, drift: float) -> Partition:
    """9 × 9 cells of 200 displacements, of equal diffusivity and a drift along x."""
    rng = np.random.default_rng(2)
    centers = np.stack(np.meshgrid(np.arange(9.0), np.arange(9.0)), axis=-1).reshape(-1, 2)
    near = np.linalg.norm(centers[:, None] - centers[None], axis=2) < 1.1
    np.fill_diagonal(near, val=False)
    cell = np.repeat(np.arange(81), 200)
    displacements = rng.normal([drift, 0], 0.1, (len(cell), 2))
    lags = np.full(len(cell), 0.02)
    return filed(centers, cell, displacements, lags, [list(np.flatnonzero(r)) for r in near])


def test_a_force_is_told_from_none(filed: Filed) -> None:
    # With 200 displacements, a drift of 0.05 µm is 7 standard errors of their mean: decided
    # everywhere. Without one, B > 10 has a probability below 1/10 (Markov's inequality), and is far
    # rarer in fact: a tenth of 81 cells is a generous bound.
    some = infer_bayes_factor(row(filed, 0.05), localization_precision=0.02).maps
    assert (some["genuine force"] == 1).all()
    none = infer_bayes_factor(row(filed, 0.0), localization_precision=0.02).maps
    assert (none["genuine force"] == 1).mean() < 0.1
    assert none["lg_B"].median() < 0
    assert set(none["genuine force"]) <= {-1, 0, 1}


def test_the_number_of_displacements_that_would_decide(filed: Filed) -> None:
    # One less would not do; B itself is tested above. A drift of half a standard error per cell.
    maps = infer_bayes_factor(row(filed, 0.004), localization_precision=0.02).maps
    decided = maps["genuine force"] != 0
    assert (maps["min_n"][decided] == maps["n"][decided]).all()
    rest = maps[~decided & np.isfinite(maps["min_n"])]
    assert len(rest) > 10
    assert (rest["min_n"] > rest["n"]).all()
    ratios = [
        rest[[f"{name} x", f"{name} y"]].to_numpy() for name in ("zeta_total", "zeta_spurious")
    ]
    variances = rest["V"].to_numpy(), rest["V_prior"].to_numpy()
    for less, is_decided in ((0, True), (1, False)):
        n = rest["min_n"].to_numpy() - less
        log_b = log_bayes_factor(*ratios, n, *variances, 0.02**2)
        assert ((abs(log_b) >= np.log(10)) == is_decided).all()


def test_cells_of_one_sign_decide_together(filed: Filed) -> None:
    # Groups by a walk over the neighbours, cell by cell.
    part = row(filed, 0.01)
    maps = infer_bayes_factor(part, localization_precision=0.02).maps
    sign, near = np.sign(maps["lg_B"]), part.tessellation.cell_adjacency.toarray()
    group, count = dict.fromkeys(range(81), -1), 0
    for start in range(81):
        if group[start] >= 0:
            continue
        found = [start]
        for cell in found:
            group[cell] = count
            others = np.flatnonzero(near[cell])
            found += [c for c in others if c not in found and sign[c] == sign[start]]
        count += 1
    assert count > 1
    assert list(maps["group"]) == list(group.values())
    total = maps.groupby("group")["lg_B"].transform("sum")
    np.testing.assert_allclose(maps["group lg_B"], total)
    expected = np.where(abs(total) >= 1, np.sign(total), 0)
    assert (maps["group genuine force"] == expected).all()


def test_what_cannot_be_told_is_nan(filed: Filed) -> None:
    part = filed([(0, 0), (1, 0)], [0, 0, 0, 1], np.eye(4, 2), np.ones(4), [[1], [0]])
    maps = infer_bayes_factor(part, localization_precision=0.0).maps
    first = ["lg_B", "genuine force", "min_n", "group", "group lg_B", "group genuine force"]
    assert list(maps)[:6] == first
    assert maps[first].isna().all(axis=None)


def test_bad_input_is_named(filed: Filed) -> None:
    part = filed([(0, 0, 0)], [0], [(1, 0, 0)], [1])
    with pytest.raises(InvalidInputError, match="2 dimensions only"):
        infer_bayes_factor(part, localization_precision=0.0)
    with pytest.raises(InvalidInputError, match="`B_threshold` is 1"):
        infer_bayes_factor(row(filed, 0.0), localization_precision=0.0, B_threshold=1)
