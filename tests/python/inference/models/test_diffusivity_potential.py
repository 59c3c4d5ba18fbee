"""The DV model: against recorded optima, the original's objective, another solver, and truth."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from tramway import _core
from tramway.data import simulate, translocations
from tramway.data.simulation import Well
from tramway.errors import ConvergenceWarning, InsufficientDataError, InvalidInputError
from tramway.inference import infer_diffusivity_potential
from tramway.tessellation import Partition, hexagons, nearest_cell

PRIORS = {"diffusivity_prior": 20.0, "potential_prior": 1.0}


def posterior(cells: Any, sigma: float = 0.03, **priors: float) -> _core.Posterior:
    """Posterior of cells given as arrays: centers, adjacency, volumes, displacements."""
    return _core.Posterior(
        "dv",
        (
            np.ascontiguousarray(cells["centers"], float),
            np.asarray(cells["adjacency_starts"], np.int64),
            np.asarray(cells["adjacency"], np.int64),
            np.asarray(cells["volumes"], float),
        ),
        (
            np.asarray(cells["cell"], np.int64),
            np.ascontiguousarray(cells["displacements"], float),
            np.asarray(cells["lags"], float),
            None,
        ),
        {"localization_precision": sigma, "priors": PRIORS | priors},
    )


def variables(found: Any) -> np.ndarray:
    """The variables at the maximum that was found."""
    return np.concatenate([found["diffusivity"], np.nan_to_num(found["potential"])])


def partition(tracks: pd.DataFrame, resolution: float) -> Partition:
    table = translocations(tracks)
    origins = table[["x", "y"]].to_numpy()
    tessellation = hexagons(origins, resolution=resolution)
    return Partition(table, tessellation, nearest_cell(origins, tessellation), {})


@pytest.fixture(scope="module")
def walk() -> Partition:
    """Some 6,000 displacements in one well, on about 50 cells."""
    return partition(
        simulate(
            track_count=300,
            track_length=21,
            frame_interval=0.025,
            lower=(0, 0),
            upper=(1.5, 1.5),
            diffusivity=0.2,
            wells=[Well((0.7, 0.8), 2.0, 0.3)],
            localization_precision=0.02,
            seed=5,
        ),
        resolution=0.25,
    )


@pytest.mark.parametrize("name", ["potential", "diffusion", "lipid"])
def test_it_reaches_the_recorded_optimum(name: str) -> None:
    # See optima/README.md. The objective may be lower, never higher; the tolerances on D and V are
    # what the search that was recorded leaves undecided.
    record = np.load(Path(__file__).parent / f"optima/{name}.npz")
    index, count = record["index"], len(record["adj_indptr"]) - 1
    starts, neighbours = record["adj_indptr"], record["adj_indices"]
    centers, volumes = np.zeros((count, 2)), np.ones(count)
    centers[index], volumes[index] = record["centers"], record["volume"]
    cells = {
        "centers": centers,
        "volumes": volumes,
        "adjacency_starts": starts,
        "adjacency": np.concatenate(
            [np.sort(neighbours[starts[i] : starts[i + 1]]) for i in range(count)]
        ),
        "cell": record["tr_cell"],
        "displacements": record["tr_dr"],
        "lags": record["tr_dt"],
    }
    problem = posterior(cells)
    np.testing.assert_array_equal(problem.cells, index)
    start = problem.value(np.concatenate([record["D0"], record["V0"]]))
    np.testing.assert_allclose(start, record["f_x0"], rtol=1e-12)

    found = problem.estimate([], 1e-8, 15, None)
    assert found["status"] == "converged"
    assert found["objective"] <= record["objective"] + 1e-9 * abs(record["objective"])
    np.testing.assert_allclose(found["diffusivity"], record["D"], rtol=1e-5)
    np.testing.assert_allclose(found["potential"], record["V"], atol=1e-3)
    assert found["iterations"] <= 15


def test_the_value_is_the_originals(by_original: Callable[..., Any]) -> None:
    tracks = simulate(
        track_count=150,
        track_length=30,
        frame_interval=0.025,
        lower=(0, 0),
        upper=(2, 2),
        diffusivity=0.2,
        localization_precision=0.03,
        seed=3,
    )
    cells = by_original("original_objective.py", tracks)
    problem = posterior(cells)
    ours = [
        problem.value(np.concatenate([d, v]))
        for d, v in zip(cells["diffusivity"], cells["potential"], strict=True)
    ]
    np.testing.assert_allclose(ours, cells["values"], rtol=1e-12)


@pytest.mark.parametrize("sigma", [0.0, 0.02, 0.12])
@pytest.mark.parametrize("priors", [(20.0, 1.0), (0.01, 0.1)])
def test_it_is_the_minimum_that_another_solver_finds(
    walk: Partition, sigma: float, priors: tuple[float, float]
) -> None:
    # With σ = 0.12 µm, more noise than the displacements have, many cells sit on the bound.
    problem = posterior(
        {
            "centers": walk.tessellation.cell_centers,
            "adjacency_starts": walk.tessellation.adjacency_starts,
            "adjacency": walk.tessellation.adjacency,
            "volumes": walk.tessellation.cell_volume,
            "cell": walk.cells,
            "displacements": walk.displacements,
            "lags": walk.lags,
        },
        sigma,
        diffusivity_prior=priors[0],
        potential_prior=priors[1],
    )
    found = problem.estimate([], 1e-8, 100, None)
    assert found["status"] == "converged"
    assert found["iterations"] <= 15
    count = len(problem.cells)
    by_d, by_v = np.split(problem.gradient(variables(found)), [count])
    inside = found["diffusivity"] > 1e-12
    # A gradient of 1e-3 against curvatures above 1 is an error below 1e-3 of the posterior's width.
    assert abs(by_d[inside]).max(initial=0) < 1e-3
    assert by_d[~inside].min(initial=0) >= 0
    assert abs(by_v).max() < 1e-3

    other = minimize(
        lambda x: (problem.value(x), problem.gradient(x)),
        problem.start(),
        jac=True,
        method="L-BFGS-B",
        bounds=[(1e-9, None)] * count + [(None, None)] * count,
        options={"maxiter": 3000, "ftol": 1e-15, "gtol": 1e-7, "maxcor": 20},
    )
    # The other solver's bound is 1e-9 µm²/s: hence the room of 1e-4.
    assert found["objective"] <= other.fun + 1e-4


@pytest.mark.slow
def test_known_wells_are_recovered() -> None:
    # 60,000 displacements. The force acts over a whole lag as if it were that at the origin, and
    # space is cut into cells of 0.2 µm: both flatten wells of width 0.3 µm by some tens of percent.
    wells = [Well((0.8, 0.8), 3.0, 0.3), Well((2.2, 2.2), 1.5, 0.3)]
    tracks = simulate(
        track_count=2000,
        track_length=31,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(3, 3),
        diffusivity=0.1,
        wells=wells,
        localization_precision=0.0,
        seed=2,
    )
    part = partition(tracks, resolution=0.2)
    maps = infer_diffusivity_potential(
        part, localization_precision=0.0, diffusivity_prior=20, potential_prior=0.1
    )
    weights = part.location_count[maps.maps.index]
    mean = np.average(maps["diffusivity"]["diffusivity"], weights=weights)
    assert mean == pytest.approx(0.1, rel=0.05)
    centers = part.tessellation.cell_centers[maps.maps.index]
    potential = maps["potential"]["potential"].to_numpy()
    distances = [np.linalg.norm(centers - well.center, axis=1) for well in wells]
    level = np.median(potential[np.min(distances, axis=0) > 0.9])
    for well, distance in zip(wells, distances, strict=True):
        depth = level - potential[distance.argmin()]
        assert depth == pytest.approx(well.depth, rel=0.3), well


def test_maps_do_not_depend_on_the_number_of_threads(walk: Partition) -> None:
    before = _core.thread_count()
    results = []
    try:
        for count in (1, 2, 8):
            _core.set_thread_count(count)
            table = walk.points
            part = Partition(
                table, walk.tessellation, nearest_cell(walk.origins, walk.tessellation), {}
            )
            maps = infer_diffusivity_potential(part, localization_precision=0.02, **PRIORS)
            results.append(maps.maps)
    finally:
        _core.set_thread_count(before)
    for other in results[1:]:
        pd.testing.assert_frame_equal(other, results[0], check_exact=True)


def test_attributes_tell_how_the_maps_were_made(walk: Partition) -> None:
    maps = infer_diffusivity_potential(
        walk, localization_precision=0.02, mode="stochastic.dv", **PRIORS
    )
    assert maps.mode == "stochastic.dv"
    assert maps.sigma == 0.02
    assert maps.diffusivity_prior == 20
    assert maps.resolution == "converged"
    assert 1 <= maps.niter <= 15  # type: ignore[operator]
    assert maps["potential"].min().item() == 0
    quantities = ["diffusivity", "potential", "force"]
    assert maps.features == quantities + [f"{name} std" for name in quantities]


@pytest.mark.parametrize(
    "limit", [{"max_iter": 1}, {"max_runtime": 1e-9}], ids=["max_iter", "max_runtime"]
)
def test_stopping_early_is_a_warning_and_a_status(walk: Partition, limit: Any) -> None:
    with pytest.warns(ConvergenceWarning, match="reached after 1 iterations"):
        maps = infer_diffusivity_potential(walk, localization_precision=0.02, **PRIORS, **limit)
    assert maps.resolution != "converged"
    assert np.isfinite(maps["diffusivity"].to_numpy()).all()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"potential_prior": -1.0}, "`potential_prior` is -1"),
        ({"diffusivity_prior": float("nan")}, "`diffusivity_prior` is nan"),
        ({"min_diffusivity": -0.1}, "`min_diffusivity` is -0.1"),
        ({"localization_precision": -0.03}, "`localization_precision` is -0.03"),
        ({"max_iter": 0}, "`max_iter` is 0"),
        ({"max_runtime": -5}, "`max_runtime` is -5"),
    ],
)
def test_parameters_out_of_their_domain_are_named(walk: Partition, bad: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        infer_diffusivity_potential(walk, **({"localization_precision": 0.02} | bad))


def test_a_single_cell_with_data_is_too_few(walk: Partition) -> None:
    cell = int(walk.location_count.argmax())
    only = np.where(walk.cells == cell, cell, -1)
    lonely = Partition(walk.points, walk.tessellation, only, {})
    with pytest.raises(InsufficientDataError, match="1 cells hold translocations"):
        infer_diffusivity_potential(lonely, localization_precision=0.02)


def test_the_search_alone_ends_where_the_estimate_does(walk: Partition) -> None:
    cells = walk.tessellation
    problem = _core.Posterior(
        "dv",
        (cells.cell_centers, cells.adjacency_starts, cells.adjacency, cells.cell_volume),
        (walk.cells, walk.displacements, walk.lags, None),
        {"localization_precision": 0.02, "priors": PRIORS},
    )
    x, value, iterations = problem.minimum(1e-8, 200)
    found = problem.estimate([], 1e-8, 200, None)
    np.testing.assert_array_equal(x[: len(problem.cells)], found["diffusivity"])
    assert (value, iterations) == (found["objective"], found["iterations"])
    # What warnings of the data are made of is what the partition says of them.
    np.testing.assert_array_equal(problem.counts, walk.location_count[problem.cells])
    assert problem.median_lag == pytest.approx(walk.median_lag, abs=1e-9)  # what one lag is


def test_arrays_in_fortran_order_are_refused() -> None:
    cells = {
        "centers": np.zeros((2, 2)),
        "adjacency_starts": [0, 1, 2],
        "adjacency": [1, 0],
        "volumes": [1, 1],
        "cell": [0, 1, 1],
        "displacements": np.ones((3, 2)),
        "lags": [1, 1, 1],
    }
    arrays = [np.asarray(cells[key]) for key in ("adjacency_starts", "adjacency")]
    translocations = (np.asarray(cells["cell"]), np.asfortranarray(cells["displacements"]))
    with pytest.raises(InvalidInputError, match="`displacements` is not contiguous"):
        _core.Posterior(
            "dv",
            (cells["centers"], *arrays, np.ones(2)),
            (*translocations, np.ones(3), None),
            {"priors": {}},
        )


@pytest.mark.slow
def test_ctrl_c_stops_a_long_search() -> None:
    # A signal that arrives while the core works is raised from it, not swallowed.
    code = """
import signal, numpy as np
from tramway import _core
from tramway.tessellation import hexagons
points = np.random.default_rng(0).uniform(0, 60, (400_000, 2))
mesh = hexagons(points, resolution=0.5)
problem = _core.Posterior(
    "dv",
    (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume),
    (
        _core.assign_nearest(points, mesh.cell_centers),
        np.random.default_rng(1).normal(0, 0.1, points.shape), np.full(len(points), 0.02), None,
    ),
    {"localization_precision": 0.02, "priors": {"diffusivity_prior": 20.0, "potential_prior": 1.0}},
)
signal.signal(signal.SIGALRM, signal.default_int_handler)
try:
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    while True:
        problem.estimate([], 0.0, 1000, None)
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300
    )
    assert done.stdout == "interrupted\n"
