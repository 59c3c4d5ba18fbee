"""Simulated walks have the diffusivity and the force that they were given."""

import numpy as np
import pytest

from tramway.data import translocations
from tramway.errors import InvalidInputError
from tramway.helper.simulation import add_noise, random_walk, random_walk_2d, truth
from tramway.tessellation import hexagons, sample_nearest


def test_walks_diffuse_as_told() -> None:
    walk = random_walk_2d(
        n_trajs=2000, N_mean=5, dt=0.05, D0=0.1, amplitude_D=0, sigma_noise=0, n_short=1
    )
    assert list(walk.columns) == ["n", "x", "y", "t"]
    steps = translocations(walk)
    assert np.allclose(steps["dt"], 0.05)
    # Some 10,000 steps: two variances of 2 D dt, to 1 %; four standard errors.
    found = (steps[["dx", "dy"]].to_numpy() ** 2).mean() / (2 * 0.05)
    assert found == pytest.approx(0.1, rel=0.04)
    assert walk.groupby("n").size().mean() - 1 == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize(("mode", "sign"), [("gaussian_trap", -1), ("gaussian_bump", 1)])
def test_diffusivity_changes_at_the_origin(mode: str, sign: int) -> None:
    walk = random_walk_2d(
        n_trajs=4000, N_mean=3, dt=0.001, amplitude_D=0.05, mode_D=mode, sigma_noise=0, n_short=2
    )
    steps = translocations(walk)
    near = steps[(steps[["x", "y"]] ** 2).sum(axis=1) < 0.1**2]
    found = (near[["dx", "dy"]].to_numpy() ** 2).mean() / (2 * 0.001)
    # Within 0.1 µm of the origin the Gaussian of 0.4 µm is 0.98 on average; 300 steps or so.
    assert found == pytest.approx(0.1 + sign * 0.049, rel=0.2)


def test_forces_pull() -> None:
    walk = random_walk_2d(
        n_trajs=4000, N_mean=5, amplitude_D=0, amplitude_V=4, mode_V="potential_linear", n_short=2
    )
    # -4 kT/µm along x: the drift is D F = -0.4 µm/s; the standard error is 0.02.
    steps = translocations(walk)
    assert steps["dx"].mean() / 0.025 == pytest.approx(-0.4, abs=0.08)
    assert steps["dy"].mean() / 0.025 == pytest.approx(0, abs=0.08)
    with pytest.raises(InvalidInputError, match="the mode 'unknown' is unknown"):
        random_walk_2d(mode_V="unknown")


def test_functions_of_place_and_time() -> None:
    walk = random_walk(
        lambda r, t: 0.05 if t < 1 else 0.2,
        lambda r, t: np.array([2.0, 0.0]),
        trajectory_mean_count=60,
        duration=2.0,
        box=(0, 0, 10, 10),
        minor_step_count=1,
    )
    assert {"n", "x", "y", "t", "dx", "dy", "dt"} <= set(walk.columns)
    assert walk[["x", "y"]].min().min() >= 0
    for is_late, diffusivity in ((walk["t"] >= 1, 0.2), (walk["t"] < 0.95, 0.05)):
        steps = walk[is_late]
        # Some 1,100 steps each, in y alone: 4 % is one standard error.
        assert (steps["dy"] ** 2).mean() / 0.1 == pytest.approx(diffusivity, rel=0.17)
        drift = steps["dx"].mean() / 0.05
        assert drift == pytest.approx(
            2 * diffusivity, abs=4 * np.sqrt(2 * diffusivity * 0.05 / 1100) / 0.05
        )


def test_walls_keep_molecules_in() -> None:
    walk = random_walk(0.5, trajectory_mean_count=20, reflect=True, full=True, minor_step_count=3)
    assert walk.groupby("t").size().eq(20).all()
    assert walk[["x", "y"]].stack().between(0, 1).all()
    assert walk["n"].nunique() == 20
    few = random_walk(0.1, trajectory_mean_count=50, lifetime_tau=0.2, reflect=True, full=True)
    # Lifetimes of four frames on average.
    assert few.groupby("n").size().mean() == pytest.approx(4.5, abs=0.5)


def test_noise() -> None:
    walk = random_walk(0.0, trajectory_mean_count=500, full=True, minor_step_count=0)
    noisy = add_noise(walk, 0.03, copy=True)
    assert (noisy["x"] - walk["x"]).std() == pytest.approx(0.03, rel=0.01)


def test_truth_is_that_of_the_centers_of_cells_that_hold_something() -> None:
    points = translocations(random_walk_2d(n_trajs=50))
    cells = sample_nearest(points, hexagons([(-1, -1), (1, 1)], resolution=0.5))
    found = truth(cells, 2.0, lambda r, t: t + r[0], lambda r, t: -r, lambda r, t: t * r[1])
    filled = np.flatnonzero(cells.location_count)
    x, y = cells.tessellation.cell_centers[filled].T
    assert list(found.columns) == ["diffusivity", "potential", "force x", "force y"]
    assert list(found.index) == list(filled)
    np.testing.assert_allclose(found.to_numpy(), np.stack([2 + x, 2 * y, -x, -y], axis=1))
