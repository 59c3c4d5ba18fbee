"""The drift that localization noise feigns."""

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.data.simulation import Well
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.inference import infer_diffusivity_potential, noise_drift
from tramway.tessellation import Partition, hexagons, nearest_cell, squares

AUTO = {"diffusivity_prior": "auto", "potential_prior": "auto"}


def partition(table: pd.DataFrame, resolution: float) -> Partition:
    origins = table[["x", "y"]].to_numpy()
    mesh = hexagons(origins, resolution=resolution)
    return Partition(table, mesh, nearest_cell(origins, mesh), {})


def test_it_is_tweedies_formula_averaged_over_a_cell() -> None:
    # Molecules at rest, Gaussian with width w around the origin, seen with noise σ: a displacement
    # is the difference of two errors. The density seen is Gaussian with variance w² + σ², and its
    # logarithm has the gradient −y / (w² + σ²).
    generator = np.random.default_rng(0)
    count, width, sigma = 400_000, 0.5, 0.1
    true = width * generator.normal(size=(count, 2))
    seen = true + sigma * generator.normal(size=(count, 2))
    step = true + sigma * generator.normal(size=(count, 2)) - seen
    table = pd.DataFrame(
        {"n": np.arange(count), "x": seen[:, 0], "y": seen[:, 1], "t": 0.0, "dx": step[:, 0],
         "dy": step[:, 1], "dt": 0.02}
    )  # fmt: skip
    part = partition(table, 0.1)
    drift = noise_drift(part, sigma)
    centers, counts = part.tessellation.cell_centers, part.location_count
    full = counts > 1000
    expected = -centers[full] * sigma**2 / (width**2 + sigma**2)
    # Counts of 1,000 scatter by 3 %, which the sum over the six sides turns into 1.8e-3 µm; the
    # largest drift is 0.03 µm.
    assert np.sqrt(np.mean((drift[full] - expected) ** 2)) < 2e-3
    sums = [np.bincount(part.cell_index, step[:, axis], len(counts)) for axis in (0, 1)]
    means = np.stack(sums, axis=1)[full] / counts[full, None]
    # The data themselves: a mean of 1,000 differences scatters by √2 σ / √1000 = 4.5e-3 µm.
    assert np.sqrt(np.mean((drift[full] - means) ** 2)) < 5e-3


def walk(seed: int, displacements: int, sigma: float) -> tuple[Partition, list[Well]]:
    generator = np.random.default_rng(seed)
    wells = [
        Well(
            tuple(generator.uniform(0.7, 3.3, 2)),
            generator.uniform(1.5, 5),
            generator.uniform(0.25, 0.4),
        )
        for _ in range(5)
    ]
    tracks = simulate(
        track_count=displacements // 20,
        track_length=21,
        frame_interval=0.015,
        lower=(0, 0),
        upper=(4, 4),
        diffusivity=0.1,
        wells=wells,
        localization_precision=sigma,
        seed=seed,
    )
    return partition(translocations(tracks, (0.5, 0.5), (3.5, 3.5)), 0.2), wells


def error(part: Partition, wells: list[Well], sigma: float, noise_correction: bool) -> float:
    """Root mean square error of V over the cells inside, kT."""
    maps = infer_diffusivity_potential(
        part, localization_precision=sigma, noise_correction=noise_correction, **AUTO
    )
    centers = part.tessellation.cell_centers[maps.maps.index]
    truth = -sum(
        well.depth * np.exp(-((centers - well.center) ** 2).sum(axis=1) / (2 * well.width**2))
        for well in wells
    )
    inside = ((centers > 0.6) & (centers < 3.4)).all(axis=1)
    difference = (maps.maps["potential"].to_numpy() - truth)[inside]
    return float(difference.std())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:localization noise is large")
@pytest.mark.parametrize("seed", range(3))
def test_correcting_for_it_lowers_the_error_of_the_potential(seed: int) -> None:
    # Simulated truth. Without the correction the error does not shrink with more data; with it, it
    # does.
    few, wells = walk(seed, 200_000, 0.03)
    many, _ = walk(seed, 1_000_000, 0.03)
    uncorrected = error(many, wells, 0.03, False)
    corrected = error(many, wells, 0.03, True)
    assert corrected < 0.6 * uncorrected
    assert corrected < error(few, wells, 0.03, True)


def test_the_evidence_decides_where_asked() -> None:
    part, _ = walk(0, 100_000, 0.03)
    maps = infer_diffusivity_potential(
        part, localization_precision=0.03, noise_correction="auto", **AUTO
    )
    assert maps.noise_correction is True


def test_much_noise_without_correction_is_a_warning() -> None:
    part, _ = walk(1, 20_000, 0.03)
    with pytest.warns(DataQualityWarning, match="σ² is 0.[5-7][0-9]* D Δt.*noise_correction"):
        infer_diffusivity_potential(part, localization_precision=0.03, potential_prior=1)
    with pytest.raises(InvalidInputError, match="`noise_correction` is 'yes'"):
        infer_diffusivity_potential(part, localization_precision=0.03, noise_correction="yes")  # type: ignore[arg-type]


def test_without_noise_there_is_nothing_to_correct() -> None:
    part, _ = walk(1, 20_000, 0.0)
    assert not noise_drift(part, 0.0).any()


def test_cells_in_space_are_refused() -> None:
    tracks = simulate(
        track_count=20,
        track_length=11,
        frame_interval=0.02,
        lower=(0, 0, 0),
        upper=(1, 1, 1),
        diffusivity=0.1,
        seed=0,
    )
    table = translocations(tracks)
    origins = table[["x", "y", "z"]].to_numpy()
    mesh = squares(origins, resolution=0.5)
    part = Partition(table, mesh, nearest_cell(origins, mesh), {})
    with pytest.raises(InvalidInputError, match="two dimensions, not 3"):
        noise_drift(part, 0.03)
