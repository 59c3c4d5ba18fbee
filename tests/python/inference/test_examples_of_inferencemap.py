"""Whole tracks on InferenceMAP's examples, whose truth is known, by the bench of them."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

BENCH = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parents[3] / "benches/inferencemap.py"))
)


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data/inferencemap"


@pytest.mark.slow
def test_depths_of_wells_are_found_within_two_standard_deviations(folder: Path) -> None:
    found = BENCH.depths(folder)
    assert sorted(found) == [1, 3, 6, 10]
    errors = {depth: value - depth for depth, (value, _) in found.items()}
    for depth, (_, std) in found.items():
        assert abs(errors[depth]) < 2 * std
    # A fit of Gaussian wells at the known places is off by 0.5 kT: these data tell no more.
    assert np.sqrt(np.mean(np.square(list(errors.values())))) < 1.1


@pytest.mark.slow
@pytest.mark.parametrize("resolution", [None, 0.25])
def test_diffusivities_of_quadrants_are_found(folder: Path, resolution: float | None) -> None:
    found, error, covered = BENCH.diffusivities(folder, "tracks.d", resolution)
    for truth, value in found.items():
        assert value == pytest.approx(truth, rel=0.03)
    assert error < 0.1
    assert covered > 0.9
