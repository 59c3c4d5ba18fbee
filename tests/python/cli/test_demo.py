import numpy as np
import pytest

from tramway.cli import demo
from tramway.inference import contrast


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


def test_depths_are_those_of_the_wells_where_cells_are_small(grid):
    # Three widths away, a well still has exp(-4.5) = 1 % of its depth; the mean is further off.
    bottoms, far = demo.well_cells(grid)
    potential = demo.true_potential(grid)
    depths = potential[far].mean() - potential[bottoms]
    np.testing.assert_allclose(depths, [well.depth for well in demo.WELLS], rtol=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_wells_are_found_again(seed):
    partition, maps = demo.map_movie(demo.simulate_movie(seed))
    cells = maps.maps.index
    centers = partition.tessellation.cell_centers[cells]
    truth = demo.true_potential(centers)
    bottoms, far = demo.well_cells(centers)
    for bottom in bottoms:
        height, std = contrast(maps, partition, [cells[bottom]], cells[far])
        # Simulated truth; one in 400 differs by more than three standard deviations.
        assert height == pytest.approx(truth[bottom] - truth[far].mean(), abs=3 * std)
    # Over 24 seeds the median is between 0.146 and 0.151 µm²/s.
    np.testing.assert_allclose(maps.maps["diffusivity"].median(), demo.DIFFUSIVITY, rtol=0.03)
