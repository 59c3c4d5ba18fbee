import numpy as np
import pytest

from tramway.cli import demo


@pytest.fixture
def grid():
    """Points 10 nm apart in the region that is mapped, (n, 2)."""
    axis = np.arange(0.0, 3.0 + 1e-9, 0.01)
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)


def test_true_potential_is_the_sum_of_the_wells():
    # By hand: the nearest other well is 1.4 µm away, or 4.7 widths: exp(-4.7²/2) = 2e-5 of it.
    centers = np.array([well.center for well in demo.WELLS])
    depths = [well.depth for well in demo.WELLS]
    np.testing.assert_allclose(demo.true_potential(centers), np.negative(depths), atol=1e-3)
    one_width_aside = centers[:1] - [demo.WELLS[0].width, 0.0]
    np.testing.assert_allclose(
        demo.true_potential(one_width_aside), -depths[0] * np.exp(-0.5), atol=1e-3
    )


def test_measured_depths_are_those_of_the_wells_where_cells_are_small(grid):
    # Three widths away, a well still has exp(-4.5) = 1 % of its depth; the median is further off.
    depths = demo.well_depths(grid, demo.true_potential(grid))
    np.testing.assert_allclose(depths, [well.depth for well in demo.WELLS], rtol=0.01)


def test_measured_depths_do_not_depend_on_the_constant_of_the_potential(grid):
    potential = demo.true_potential(grid)
    # atol: a constant of 5 kT costs the last bits
    np.testing.assert_allclose(
        demo.well_depths(grid, potential + 5.0), demo.well_depths(grid, potential), atol=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_wells_are_found_again(seed):
    partition, maps = demo.map_movie(demo.simulate_movie(seed))
    centers = partition.tessellation.cell_centers[maps.maps.index]
    estimate = demo.well_depths(centers, maps.maps["potential"].to_numpy())
    truth = demo.well_depths(centers, demo.true_potential(centers))
    # Simulated truth. Over 24 seeds the depths scatter by 0.3 kT, and the deepest lies 0.35 kT too
    # deep (the noise of localization mimics a force): 1.2 kT is 2.6 times the scatter from there.
    np.testing.assert_allclose(estimate, truth, atol=1.2)
    # Over the same seeds the median is between 0.146 and 0.151 µm²/s.
    np.testing.assert_allclose(maps.maps["diffusivity"].median(), demo.DIFFUSIVITY, rtol=0.03)
