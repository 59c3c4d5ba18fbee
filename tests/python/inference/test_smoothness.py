"""First- and second-order smoothness: against dense matrices, and on simulated truth."""

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import InvalidInputError
from tramway.inference import get_model, infer_diffusivity_potential
from tramway.tessellation import Partition, hexagons

LAG = 0.02
ROOT = Path(__file__).parents[3]


def forms(mesh: Any) -> list[NDArray[np.float64]]:
    """Matrices of both forms, written from their formulas."""
    count = mesh.n_cells
    slopes, curvatures = np.zeros((count, count)), np.zeros((count, count))
    for i in range(count):
        near = mesh.adjacency[mesh.adjacency_starts[i] : mesh.adjacency_starts[i + 1]]
        offset = mesh.cell_centers[near] - mesh.cell_centers[i]
        distance = np.linalg.norm(offset, axis=1)
        differences = np.zeros((len(near), count))
        differences[np.arange(len(near)), near] = 1
        differences[:, i] -= 1
        weight = mesh.cell_volume[i] / len(near)
        gradient = np.linalg.pinv(offset / distance[:, None]) @ (differences / distance[:, None])
        residual = 2 * (differences - offset @ gradient) / distance[:, None] ** 2
        curvatures += weight * residual.T @ residual
        scaled = differences / distance[:, None]
        slopes += weight * scaled.T @ scaled
    return [slopes, curvatures + slopes / mesh.cell_volume.sum()]


def draw(mesh: Any, count: int, d: NDArray[np.float64], force: NDArray[np.float64]) -> Any:
    """Draw displacements from the model: cells, displacements, lags."""
    generator = np.random.default_rng(0)
    cell = np.repeat(np.arange(mesh.n_cells), count)
    width = np.sqrt(2 * d[cell] * LAG)[:, None]
    step = (d[:, None] * force * LAG)[cell] + width * generator.normal(size=(len(cell), 2))
    return cell, step, np.full(len(cell), LAG)


@pytest.fixture(scope="module")
def mesh() -> Any:
    return hexagons(np.array([[0.0, 0.0], [1.4, 1.2]]), resolution=0.25)


@pytest.mark.parametrize("smoothness", [1, 2])
def test_penalty_and_evidence_are_those_of_dense_matrices(mesh: Any, smoothness: int) -> None:
    x, y = mesh.cell_centers.T
    d = 0.2 + 0.05 * np.sin(4 * x)
    data = draw(mesh, 50, d, np.stack([5 * np.cos(3 * x), 3 * y], axis=1))
    weights = 300.0, 0.4

    def posterior(*priors: float) -> _core.Posterior:
        return _core.Posterior(
            "dv",
            (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume),
            (*data, None),
            {
                "priors": dict(zip(("diffusivity_prior", "potential_prior"), priors, strict=True)),
                "smoothness": smoothness,
            },
        )

    form = forms(mesh)[smoothness - 1]
    problem = posterior(*weights)
    found = problem.estimate([], 1e-8, 100, None)
    d, v, value = found["diffusivity"], found["potential"], found["objective"]
    x = np.concatenate([d, v])
    penalty = weights[0] * d @ form @ d + weights[1] * v @ form @ v
    assert value - posterior(0.0, 0.0).value(x) == pytest.approx(penalty, rel=1e-7)

    # Laplace's approximation, with one cell of V held, and of D in its prior: determinants of the
    # curvature and of 2λL, and a factor √2π for each variable that no prior normalises.
    starts, rows, values = problem.hessian(x)
    hessian = np.zeros((len(starts) - 1, len(starts) - 1))
    for column in range(len(hessian)):
        entries = slice(starts[column], starts[column + 1])
        hessian[rows[entries], column] = hessian[column, rows[entries]] = values[entries]
    count = mesh.n_cells
    free = np.delete(np.arange(2 * count), count)
    logarithm = -value - 0.5 * np.linalg.slogdet(hessian[np.ix_(free, free)])[1]
    for weight in weights:
        logarithm += 0.5 * np.linalg.slogdet(2 * weight * form[1:, 1:])[1]
    logarithm += 0.5 * np.log(2 * np.pi) * (len(free) - 2 * (count - 1))
    # Factors of the sparse matrices have a ridge of 1e-11 of their diagonal.
    assert found["log_evidence"] == pytest.approx(logarithm, abs=1e-4)


def test_a_steady_slope_is_followed_where_first_order_flattens_it(
    filed: Any,
) -> None:
    # Ten cells in a row; D rises steadily, over cells of a few displacements each.
    row = np.stack([0.3 * np.arange(10), np.zeros(10)], axis=1)
    neighbours = [[j for j in (i - 1, i + 1) if 0 <= j < 10] for i in range(10)]
    truth = 0.1 + 0.02 * np.arange(10)
    generator = np.random.default_rng(0)
    cell = np.repeat(np.arange(10), 40)
    step = np.sqrt(2 * truth[cell] * LAG)[:, None] * generator.normal(size=(400, 2))
    part: Partition = filed(row, cell, step, np.full(400, LAG), neighbours)
    error = {}
    for smoothness in (1, 2):
        maps = get_model("d").infer(
            part,
            localization_precision=0.0,
            mode="d",
            diffusivity_prior=500.0,
            smoothness=smoothness,
        )
        assert maps.smoothness == smoothness
        error[smoothness] = np.std(maps.maps["diffusivity"] - truth)
    # The scatter of a cell's own data is D/√40, 0.03; that of a straight line through all is less
    # than half of it.
    assert error[2] < 0.012 < error[1]


@pytest.mark.slow
def test_chosen_weights_and_second_order_find_landscapes_better() -> None:
    # Simulated truth, landscapes of the bench: see there for what they are, and docs/tracks.md for
    # what 10 of them gave: a ratio of 0.78, all intervals within 8 % of what they say.
    bench = SimpleNamespace(**runpy.run_path(str(ROOT / "benches/landscapes.py")))
    found = bench.measured(bench.USUAL, range(4))
    fixed, first, second = (found[name][:, 0] for name in ("fixed", "first", "second"))
    assert np.median(first / fixed) < 0.95
    assert (found["first"][:, 2:4].mean(axis=0) > 80).all()
    assert np.median(second / first) < 1
    assert np.median(found["tracks"][:, 0] / first) < 0.85


def test_other_orders_are_refused(mesh: Any, filed: Any) -> None:
    part = filed(mesh.cell_centers[:2], [0, 1], np.ones((2, 2)), [1.0, 1.0], [[1], [0]])
    for order in (0, 3, "2"):
        with pytest.raises(InvalidInputError, match=f"`smoothness` is {order!r}, expected 1 or 2"):
            infer_diffusivity_potential(part, localization_precision=0.0, smoothness=order)  # type: ignore[arg-type]
