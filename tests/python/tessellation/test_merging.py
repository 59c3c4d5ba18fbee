import numpy as np
import pytest

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import (
    VoronoiTessellation,
    hexagons,
    kmeans,
    merge_small,
    nearest_cell,
    squares,
)

POINTS = np.random.default_rng(1).uniform(0, 1, (2000, 2)) ** 2 * (3, 2)


@pytest.mark.parametrize("update", [False, True])
def test_every_cell_has_enough_points(update: bool) -> None:
    cells = squares(POINTS, resolution=0.2)
    merged = merge_small(cells, POINTS, count_threshold=15, update_centroids=update)
    assert isinstance(merged, VoronoiTessellation)
    counts = np.bincount(nearest_cell(POINTS, merged), minlength=merged.n_cells)
    assert counts.min() >= 15
    assert counts.sum() == len(POINTS)
    assert merged.cell_volume.sum() == pytest.approx(cells.cell_volume.sum())
    # Where points are many, cells stay as they are; only those at the other end are larger.
    kept = (merged.cell_centers[:, np.newaxis] == cells.cell_centers).all(axis=2).any(axis=1)
    assert kept.all() != update


def test_cells_that_have_enough_are_left_alone() -> None:
    cells = squares(POINTS[POINTS.max(axis=1) < 1], resolution=0.5)
    assert merge_small(cells, POINTS, count_threshold=5) is cells


def test_the_region_of_voronoi_cells_stays() -> None:
    cells = kmeans(POINTS, resolution=0.2, clip="hull")
    merged = merge_small(cells, POINTS, count_threshold=40)
    assert merged.n_cells < cells.n_cells
    assert merged.cell_volume.sum() == pytest.approx(cells.cell_volume.sum())


def test_impossible_numbers_are_refused() -> None:
    cells = hexagons(POINTS)
    with pytest.raises(InvalidInputError, match="`count_threshold` is 0"):
        merge_small(cells, POINTS, count_threshold=0)
    with pytest.raises(InsufficientDataError, match="2000 translocations, at least 2001"):
        merge_small(cells, POINTS, count_threshold=2001)
    with pytest.raises(InvalidInputError, match=r"shape \(5, 3\), expected \(N, 2\)"):
        merge_small(cells, np.zeros((5, 3)), count_threshold=1)


def test_cells_in_space_are_merged() -> None:
    points = np.random.default_rng(0).uniform(0, 1, (3000, 3)) ** 2
    cubes = squares(points, resolution=0.2)
    merged = merge_small(cubes, points, count_threshold=15)
    counts = np.bincount(nearest_cell(points, merged), minlength=merged.n_cells)
    assert counts.min() >= 15
    assert 1 < merged.n_cells < cubes.n_cells
    assert merged.cell_volume.sum() == pytest.approx(np.ptp(points, axis=0).prod())
