"""Ratios of displacements to their own spread, worked by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.inference import infer_signal_to_noise
from tramway.tessellation import Partition

Filed = Callable[..., Partition]


def test_a_case_by_hand(filed: Filed) -> None:
    # Cell 0: (1, 0), (3, 0): mean (2, 0), V = 1. Cell 1: (0, ±2): V = 4. Cell 2: one displacement.
    displacements = [(1, 0), (3, 0), (0, 2), (0, -2), (1, 1)]
    part = filed(
        [(0, 0), (1, 0), (2, 0)], [0, 0, 1, 1, 2], displacements, np.full(5, 0.5),
        neighbours=[[1], [0, 2], [1]],
    )  # fmt: skip
    maps = infer_signal_to_noise(part, localization_precision=0.0).maps
    np.testing.assert_allclose(maps["n"], [2, 2, 1])
    np.testing.assert_allclose(maps["V"], [1, 4, np.nan])
    # Of the others: squares less their mean's, (0, 2), (0, −2), (1, 1) → (1 + 9)/3 − (1/9 + 1/9).
    assert maps.loc[0, "V_prior"] == pytest.approx(10 / 3 - 2 / 9)
    np.testing.assert_allclose(maps["zeta_total x"], [2, 0, np.nan])
    # D = ⟨|Δr|²⟩ / 4Δt = 2.5, 2, 1; its slope along x is −1/2 at the first, −3/4 at the second.
    np.testing.assert_allclose(maps["diffusivity"], [2.5, 2, 1])
    np.testing.assert_allclose(maps["zeta_spurious x"], [-0.5 * 0.5, -0.75 * 0.5 / 2, np.nan])
    assert maps["zeta_spurious y"].isna().all()


def test_lags_must_be_equal(filed: Filed) -> None:
    cells = ([(0, 0)], [0, 0], [(1, 0), (0, 1)])
    with pytest.raises(InvalidInputError, match=r"lags run from 0\.05 to 0\.1 s, expected one lag"):
        infer_signal_to_noise(filed(*cells, [0.05, 0.1]), localization_precision=0.0)
    noise = 1 + 1e-12
    infer_signal_to_noise(filed(*cells, [0.05, 0.05 * noise]), localization_precision=0.0)


def test_no_translocation_is_too_few(filed: Filed) -> None:
    with pytest.raises(InsufficientDataError, match="holds a translocation"):
        infer_signal_to_noise(filed([(0, 0)], [-1], [(1, 0)], [1]), localization_precision=0.0)
