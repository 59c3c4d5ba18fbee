"""Residuals: standard normal where the model holds, and far from it where it does not."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from tramway import _core
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.inference import Maps, get_model, goodness_of_fit, infer_density
from tramway.inference.goodness_of_fit import count_long_steps
from tramway.tessellation import HexagonalTessellation, Partition, hexagons

LAG, SIGMA, COUNT = 0.025, 0.02, 40
PRIORS: dict[str, dict[str, Any]] = {
    "d": {"diffusivity_prior": 400.0},
    "dd": {"diffusivity_prior": 400.0, "drift_prior": 3.0},
    "df": {"diffusivity_prior": 400.0, "force_prior": 2.0},
    "dv": {"diffusivity_prior": 400.0, "potential_prior": 0.3},
}
MESH = hexagons(np.array([[0.0, 0.0], [2.0, 2.0]]), resolution=0.25)


def smooth(weight: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """Draw a map from exp(-weight S): S sums area times mean squared slope to the neighbours."""
    degree = np.diff(MESH.adjacency_starts)
    i, j = np.repeat(np.arange(MESH.n_cells), degree), MESH.adjacency
    squared = ((MESH.cell_centers[i] - MESH.cell_centers[j]) ** 2).sum(axis=1)
    roughness = np.zeros((MESH.n_cells, MESH.n_cells))
    for one, other, sign in ((i, i, 1), (j, j, 1), (i, j, -1), (j, i, -1)):
        np.add.at(roughness, (one, other), sign * MESH.cell_volume[i] / degree[i] / squared)
    values, modes = np.linalg.eigh(roughness)
    values[0] = np.inf
    return modes @ (generator.normal(size=len(values)) / np.sqrt(2 * weight * values))


def drawn(name: str, generator: np.random.Generator) -> Partition:
    """Draw truth from the priors and displacements from the model, at two lags."""
    d = 0.3 + smooth(400.0, generator)
    priors = PRIORS[name]
    velocity = np.zeros((MESH.n_cells, 2))
    if name in ("dd", "df"):
        weight = priors["drift_prior" if name == "dd" else "force_prior"]
        scale = 1 / np.sqrt(2 * weight * MESH.cell_volume)[:, None]
        velocity = scale * generator.normal(size=velocity.shape)
        velocity *= d[:, None] if name == "df" else 1
    if name == "dv":
        slope = _core.gradient(
            MESH.cell_centers, MESH.adjacency_starts, MESH.adjacency, np.arange(MESH.n_cells),
            smooth(priors["potential_prior"], generator),
        )  # fmt: skip
        velocity = -d[:, None] * np.where(np.isnan(slope).any(axis=1)[:, None], 0, slope)
    cell = np.repeat(np.arange(MESH.n_cells), COUNT)
    lags = np.where(np.arange(len(cell)) % 4, LAG, 2 * LAG)[:, None]
    width = np.sqrt(2 * (d[cell, None] * lags + SIGMA**2))
    return filed(cell, velocity[cell] * lags + width * generator.normal(size=(len(cell), 2)), lags)


def filed(cell: Any, steps: Any, lags: Any, mesh: HexagonalTessellation = MESH) -> Partition:
    points = pd.DataFrame(mesh.cell_centers[cell], columns=["x", "y"])
    points[["dx", "dy"]] = steps
    points["dt"] = lags
    return Partition(points, mesh, cell)


def infer(name: str, partition: Partition, **priors: Any) -> Maps:
    return get_model(name).infer(partition, localization_precision=SIGMA, mode=name, **priors)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["d", "dd", "df", "dv"])
def test_residuals_of_the_models_own_draws_are_standard_normal(name: str) -> None:
    # 40 draws of 85 cells: coverages scatter by a point or less, means by 0.02. The cube root of χ²
    # is not quite normal, and D at the maximum of a posterior of D and F not quite its mean.
    generator = np.random.default_rng(0)
    fits = []
    for _ in range(40):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "localization noise")
            fits.append(goodness_of_fit(infer(name, drawn(name, generator), **PRIORS[name])).maps)
    found = pd.concat(fits)
    for column in ("residual x", "residual y", "variance residual"):
        z = found[column].dropna().to_numpy()
        assert len(z) > 0.9 * len(found)
        assert np.mean(z) == pytest.approx(0, abs=0.2 if column == "variance residual" else 0.05)
        assert np.std(z) == pytest.approx(1, abs=0.04)
        for level in (0.5, 0.9, 0.95):
            covered = np.mean(abs(z) < norm.ppf(0.5 + level / 2))
            assert covered == pytest.approx(level, abs=0.025), (column, level)
    assert found["variance ratio"].mean() == pytest.approx(1, abs=0.02)


def test_what_the_model_cannot_explain_shows() -> None:
    generator = np.random.default_rng(1)
    partition = drawn("d", generator)
    partition.points.loc[partition.cells == 7, "dx"] += 0.1  # a drift, for a model of none
    partition.points.loc[partition.cells == 9, ["dx", "dy"]] *= 3.0
    fit = goodness_of_fit(infer("d", partition, diffusivity_prior=4000.0)).maps
    assert fit["residual x"][7] > 4
    assert abs(fit["residual y"][7]) < 4
    assert fit["variance residual"][9] > 8
    assert fit["variance ratio"][9] > 2


def test_a_map_that_follows_the_data_cannot_be_tested_by_them() -> None:
    fit = goodness_of_fit(infer("dd", drawn("d", np.random.default_rng(2))))
    assert fit.maps[["residual x", "residual y", "variance residual"]].isna().all(axis=None)
    # Each D makes the ratio 1 in its own cell, up to how it weighs the two lags.
    np.testing.assert_allclose(fit.maps["variance ratio"], 1, atol=0.05)
    assert fit.features == ["residual", "variance ratio", "variance residual"]


def test_maps_without_a_model_of_displacements_are_refused() -> None:
    partition = drawn("d", np.random.default_rng(2))
    with pytest.raises(InvalidInputError, match=r"those of 'density' .*expected those of the mod"):
        goodness_of_fit(infer_density(partition, localization_precision=0.0))


@pytest.mark.parametrize(("d", "drift"), [(3.0, 0.0), (0.01, 8.0)])
@pytest.mark.filterwarnings("ignore:localization noise")
def test_steps_too_long_for_the_cells_are_told(d: float, drift: float) -> None:
    # Cells are 0.23 µm wide; √(2·3·0.025) = 0.39 µm, and 8·0.025 = 0.2 µm.
    cell = np.repeat(np.arange(MESH.n_cells), 2 * COUNT)
    unit = np.random.default_rng(0).normal(size=(len(cell), 2))

    def moved(d: float, v: float) -> Partition:
        return filed(cell, v * LAG + np.sqrt(2 * d * LAG + 2 * SIGMA**2) * unit, LAG)

    for name in ("dd", "df"):
        with pytest.warns(DataQualityWarning, match=r"in \d+ of \d+ cells molecules move further"):
            infer(name, moved(d, drift))
        infer(name, moved(d / 10, drift / 10))  # a warning would be an error


@pytest.mark.parametrize("name", list(PRIORS))
@pytest.mark.filterwarnings("ignore:localization noise")
def test_long_steps_are_counted_alike_with_the_maps_and_afterwards(name: str) -> None:
    # D is 3 µm²/s in every second cell; at 1.1, √(2 D·0.025) is the width of a cell.
    cell = np.repeat(np.arange(MESH.n_cells), COUNT)
    d = np.where(cell % 2, 3.0, 0.1)[:, None]
    unit = np.random.default_rng(0).normal(size=(len(cell), 2))
    partition = filed(cell, np.sqrt(2 * d * LAG + 2 * SIGMA**2) * unit, LAG)
    priors = {"diffusivity_prior": 1e-3} | ({"potential_prior": 0.3} if name == "dv" else {})
    with pytest.warns(DataQualityWarning, match="long steps") as told:
        maps = infer(name, partition, **priors)
    counted = count_long_steps(maps, partition, LAG)
    assert f"in {counted} of {MESH.n_cells} cells" in str(told[0].message)
    assert counted == pytest.approx(MESH.n_cells / 2, abs=10)
