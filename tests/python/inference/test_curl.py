"""The curl of fields that turn, and of fields that do not."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway import _core
from tramway.errors import InvalidInputError, WithoutEffectWarning
from tramway.feature.curl import Curl
from tramway.inference import curl, get_model, infer_diffusivity, infer_diffusivity_force
from tramway.tessellation import Partition, hexagons, nearest_cell, squares

D, LAG, OMEGA = 0.2, 0.025, 2.0


def turning(count: int, rate: float, seed: int = 0) -> Partition:
    """Molecules that turn about the origin by `rate`, 1/s."""
    generator = np.random.default_rng(seed)
    origins = generator.uniform(-1, 1, size=(count, 2))
    velocity = rate * np.stack([-origins[:, 1], origins[:, 0]], axis=1)
    steps = velocity * LAG + np.sqrt(2 * D * LAG) * generator.normal(size=(count, 2))
    points = pd.DataFrame(np.hstack([origins, steps]), columns=["x", "y", "dx", "dy"])
    cells = hexagons(origins, resolution=0.3)
    return Partition(points.assign(dt=LAG), cells, nearest_cell(origins, cells))


@pytest.mark.parametrize(("name", "expected"), [("dd", 2 * OMEGA), ("df", 2 * OMEGA / D)])
def test_a_turning_field_has_twice_its_angular_velocity(name: str, expected: float) -> None:
    # Away from the border, where cells are half empty and their molecules not around the center.
    # The mean and std of the errors of some 20 correlated cells and 10 seeds scatter by some 10 %.
    errors: list[float] = []
    for seed in range(10):
        partition = turning(20_000, OMEGA, seed)
        maps = get_model(name).infer(partition, localization_precision=0.0)
        table = curl(maps).maps
        inside = (abs(partition.tessellation.cell_centers[table.index]) < 0.65).all(axis=1)
        table = table[inside]
        errors += list((table["curl"] - expected) / table["curl std"])
    assert np.mean(errors) == pytest.approx(0, abs=0.2)
    assert np.std(errors) == pytest.approx(1, abs=0.2)


def test_a_potential_has_no_curl() -> None:
    # On a square lattice the derivatives along x and along y commute away from the border.
    generator = np.random.default_rng(0)
    origins = generator.uniform(0, 2, size=(20_000, 2))
    steps = -D * LAG * 2 * (origins - 1) + np.sqrt(2 * D * LAG) * generator.normal(size=(20_000, 2))
    points = pd.DataFrame(np.hstack([origins, steps]), columns=["x", "y", "dx", "dy"])
    cells = squares(origins, count_per_dim=[8, 8], lower_bound=[0, 0], upper_bound=[2, 2])
    partition = Partition(points.assign(dt=LAG), cells, nearest_cell(origins, cells))
    maps = get_model("dv").infer(
        partition, localization_precision=0.0, diffusivity_prior=10, potential_prior=1
    )
    found = curl(maps)
    assert found.features == ["curl", "curl std"]
    middle = (abs(cells.cell_centers - 1) < 0.6).all(axis=1)
    np.testing.assert_allclose(found.maps["curl"][middle], 0, atol=1e-9)
    assert (found.maps["curl std"][middle] < 1e-6).all()
    forces = get_model("df").infer(partition, localization_precision=0.0)
    assert (curl(forces).maps["curl std"] > 1).all()


def test_the_operator_is_the_gradient() -> None:
    from scipy.sparse import csr_array

    cells = turning(100, 0.0).tessellation
    field = np.random.default_rng(0).normal(size=cells.n_cells)
    mesh: Any = cells.cell_centers, cells.adjacency_starts, cells.adjacency
    some = np.arange(0, cells.n_cells, 2)
    starts, columns, weights = _core.gradient_operator(*mesh, some)
    expected = _core.gradient(*mesh, some, field[some])
    for axis in (0, 1):
        operator = csr_array((weights[:, axis], columns, starts), shape=(len(some), len(some)))
        np.testing.assert_allclose(operator @ field[some], expected[:, axis], rtol=1e-12)


def test_maps_without_a_vector_are_refused(filed: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"those of 'd' .*expected those of the models DD"):
        curl(infer_diffusivity(turning(2000, 0.0), localization_precision=0.0))
    space = filed(np.eye(3), [0, 0, 1, 1, 2, 2], 0.1 * np.eye(6, 3), LAG, [[1, 2], [0, 2], [0, 1]])
    maps = get_model("dd").infer(space, localization_precision=0.0)
    with pytest.raises(InvalidInputError, match="the cells are 3-dimensional"):
        curl(maps)


def test_scripts_of_the_original_table_the_curl() -> None:
    maps = infer_diffusivity_force(
        turning(2000, 0.0), localization_precision=0.0, diffusivity_prior=1, force_prior=1
    )
    table = Curl(maps.partition, maps).extract("curl_1", "force")
    expected = curl(maps).maps["curl"].dropna()
    pd.testing.assert_series_equal(table["curl_1"], expected, check_names=False)
    with pytest.warns(WithoutEffectWarning, match="`distance`"):
        Curl(None, maps).extract("c", distance=2)
    with pytest.raises(InvalidInputError, match="have no other vector"):
        Curl(None, maps).extract("c", "drift")
    with pytest.raises(InvalidInputError, match="expected maps"):
        Curl().extract("c")
