"""Maps that are Matérn fields: against dense matrices, on simulated truth, and what they refuse."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from tramway.data import Well, simulate, translocations
from tramway.errors import InvalidInputError
from tramway.inference import compare_models, contrast, find_wells, get_model
from tramway.tessellation import (
    Partition,
    hexagons,
    nearest_cell,
    sample_nearest,
    sliding_window,
    time_segments,
)

LAG, SIGMA = 0.02, 0.02


@pytest.fixture(scope="module")
def part() -> Partition:
    """A well in the middle, and noise σ² of a fifth of D Δt."""
    tracks = simulate(
        track_count=600,
        track_length=11,
        frame_interval=LAG,
        lower=(-0.5, -0.5),
        upper=(2.5, 2.5),
        diffusivity=0.1,
        wells=[Well((1.0, 1.0), 3.0, 0.35)],
        localization_precision=SIGMA,
        seed=3,
    )
    table = translocations(tracks, (0.0, 0.0), (2.0, 2.0))
    points = table[["x", "y"]].to_numpy()
    cells = hexagons(points, resolution=0.25)
    return Partition(table, cells, nearest_cell(points, cells))


def infer(name: str, partition: Partition, **given: Any) -> Any:
    given = {"smoothness": "matern"} | given
    return get_model(name).infer(partition, localization_precision=SIGMA, **given)


def matern(mesh: Any, amplitude: float, length: float) -> NDArray[np.float64]:
    """Precision of a field of order 2 in the plane, written from its formula."""
    count = mesh.n_cells
    stiffness = np.zeros((count, count))
    for i in range(count):
        near = mesh.adjacency[mesh.adjacency_starts[i] : mesh.adjacency_starts[i + 1]]
        distance = np.linalg.norm(mesh.cell_centers[near] - mesh.cell_centers[i], axis=1)
        slopes = np.zeros((len(near), count))
        slopes[np.arange(len(near)), near] = 1 / distance
        slopes[:, i] -= 1 / distance
        stiffness += 2 * mesh.cell_volume[i] / len(near) * slopes.T @ slopes
    k = 8 / length**2 * np.diag(mesh.cell_volume) + stiffness
    precision = k @ np.diag(1 / mesh.cell_volume) @ k
    deviation = np.sqrt(np.diag(np.linalg.inv(precision)))
    return precision * np.outer(deviation, deviation) / amplitude**2


def test_error_bars_and_evidence_are_those_of_dense_matrices() -> None:
    mesh = hexagons(np.array([[0.0, 0.0], [1.2, 1.0]]), resolution=0.25)
    generator = np.random.default_rng(1)
    true_d = 0.1 * np.exp(0.3 * np.sin(4 * mesh.cell_centers[:, 0]))
    # One cell without data: the field goes on across it.
    cell = np.repeat(np.delete(np.arange(mesh.n_cells), 7), 30)
    width = np.sqrt(2 * (true_d[cell] * LAG + SIGMA**2))
    points = pd.DataFrame(mesh.cell_centers[cell], columns=["x", "y"])
    step = width[:, None] * generator.normal(size=(len(cell), 2))
    points[["dx", "dy"]], points["dt"] = step, LAG
    maps = infer("d", Partition(points, mesh, cell), scales=[[0.4, 0.8]])

    precision = matern(mesh, 0.4, 0.8)
    n = np.bincount(cell, minlength=mesh.n_cells)
    squares = np.bincount(cell, (step**2).sum(axis=1), minlength=mesh.n_cells)

    def likelihood(log_d: NDArray[np.float64]) -> float:
        half = np.exp(log_d) * LAG + SIGMA**2
        return float(np.sum(n * np.log(4 * np.pi * half) + squares / (4 * half)))

    ones = np.ones(mesh.n_cells)
    # About a mean that only the data tell: the field's most probable mean at each log D.
    free = precision - np.outer(precision @ ones, precision @ ones) / (ones @ precision @ ones)
    found = minimize(
        lambda x: likelihood(x) + 0.5 * x @ free @ x,
        np.full(mesh.n_cells, np.log(0.1)),
        method="BFGS",
        options={"gtol": 1e-6},
    )
    part_of_noise = np.exp(found.x) * LAG / (np.exp(found.x) * LAG + SIGMA**2)
    information = np.diag(n * part_of_noise**2)
    covariance = np.linalg.inv(information + free)
    expected = np.sqrt(np.delete(np.diag(covariance), 7))
    log_std = np.log(maps.maps["diffusivity high"] / maps.maps["diffusivity low"]) / 2 / 1.959964
    # The search ends within 0.01 nats of the maximum.
    np.testing.assert_allclose(log_std, expected, rtol=0.01)
    log_evidence = -found.fun + 0.5 * (
        np.linalg.slogdet(precision)[1] - np.linalg.slogdet(information + precision)[1]
    )
    # As a density with respect to the mean of D.
    log_evidence -= np.log(maps.maps["diffusivity"]).mean()
    assert maps.log_evidence == pytest.approx(log_evidence, abs=0.05)
    assert maps.scales.tolist() == pytest.approx(np.array([[0.4, 0.8]]))


def test_evidence_tells_priors_apart_and_maps_have_error_bars(part: Partition) -> None:
    chosen = {"diffusivity_prior": "auto", "potential_prior": "auto", "smoothness": 1}
    fields = infer("dv", part)
    table = compare_models([infer("dv", part, **chosen), fields])
    # A well of 0.35 µm has a length: a field that has one explains it better.
    assert table.index[0] == 1  # the best one first
    centers = part.tessellation.cell_centers[fields.maps.index]
    truth = -3 * np.exp(-((centers - 1.0) ** 2).sum(axis=1) / (2 * 0.35**2))
    inside = ((centers > 0.25) & (centers < 1.75)).all(axis=1)
    error = (fields.maps["potential"] - truth)[inside]
    error -= error.mean()
    assert (error.abs() < 1.96 * fields.maps["potential std"][inside]).mean() > 0.8
    assert len(find_wells(fields)) >= 1
    cells = fields.maps.index[[3, 20]]
    value, std = contrast(fields, part, cells[:1], cells[1:])
    assert value == pytest.approx(np.subtract(*fields.maps["potential"].loc[cells]))
    assert std > 0


@pytest.mark.parametrize("name", ["d", "dd", "df", "dv", "tracks.dv"])
def test_scales_can_be_given(name: str, part: Partition) -> None:
    given = [[0.2, 1.0], [2.0, 0.8]][: 1 if name == "d" else 2]
    maps = get_model(name).infer(
        part,
        localization_precision=SIGMA,
        scales=given,
        **({} if name.startswith("tracks") else {"smoothness": "matern"}),
    )
    assert maps.scales.tolist() == pytest.approx(np.array(given))
    assert np.isfinite(maps.log_evidence)
    if name.endswith("dv"):
        cells = maps.maps.index
        _, std = contrast(maps, part, cells[:1], cells[30:31])
        assert std > 0


def test_what_belongs_to_other_priors_is_refused(part: Partition) -> None:
    with pytest.raises(InvalidInputError, match="an amplitude and a range instead of a weight"):
        infer("dv", part, potential_prior=1.0)
    with pytest.raises(InvalidInputError, match="which bounds D by itself"):
        infer("dv", part, jeffreys_prior=True)
    with pytest.raises(InvalidInputError, match="set `smoothness` to 'matern'"):
        infer("dv", part, smoothness=1, scales=[[0.2, 1.0], [2.0, 0.8]])
    with pytest.raises(InvalidInputError, match="scales"):
        infer("dv", part, scales=[[0.2, 1.0]])
    with pytest.raises(InvalidInputError, match="expected an amplitude and a range"):
        infer("dv", part, scales=[[0.2, -1.0], [2.0, 0.8]])
    segments = time_segments(part.tessellation, sliding_window(part.points["t"], duration=0.1))
    with pytest.raises(InvalidInputError, match="not for time segments"):
        infer("dv", sample_nearest(part.points, segments))
