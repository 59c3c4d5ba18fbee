import numpy as np
import pytest
from numpy.typing import NDArray

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import Tessellation, kmeans, nearest_cell, nesting, squares

POINTS = np.random.default_rng(1).uniform(0, 1, (4000, 2)) ** 2 * (3, 2)


def by_count(points: NDArray[np.float64], rows: NDArray[np.int64]) -> Tessellation:
    return kmeans(points[rows])


@pytest.mark.parametrize("dim", [2, 3])
def test_every_cell_is_cut_by_its_own_points(dim: int) -> None:
    points = np.random.default_rng(2).uniform(0, 1, (4000, dim)) ** 2
    outer = squares(points, resolution=0.5)
    parent = nearest_cell(points, outer)
    seen = []

    def inner(rows: NDArray[np.int64]) -> Tessellation:
        seen.append(rows)
        return by_count(points, rows)

    cells = nesting(points, outer=outer, inner=inner)
    for number, rows in enumerate(seen):
        np.testing.assert_array_equal(rows, np.flatnonzero(parent == number))
    expected = [by_count(points, rows).cell_centers for rows in seen]
    np.testing.assert_array_equal(cells.cell_centers, np.concatenate(expected))
    assert cells.cell_volume.sum() == pytest.approx(np.ptp(points, axis=0).prod())
    # Denser points make more cells, and cells are neighbours across the borders.
    of_parent = np.bincount(nearest_cell(cells.cell_centers, outer))
    assert of_parent[0] > 3 * of_parent[-1]
    pairs = np.transpose(cells.cell_adjacency.nonzero())
    parents = nearest_cell(cells.cell_centers, outer)[pairs]
    assert (parents[:, 0] != parents[:, 1]).any()
    assert set(parents.ravel()) == set(range(outer.n_cells))


def test_cells_with_too_few_points_stay_whole() -> None:
    # One point in the second square, points on a line in the third, none in the fourth.
    line = np.column_stack([np.linspace(2.1, 2.9, 9), np.full(9, 0.5)])
    points = np.concatenate([POINTS[POINTS.max(axis=1) < 1], [(1.5, 0.2)], line])
    outer = squares(points, count_per_dim=(4, 1), lower_bound=(0.0, 0.0), upper_bound=(4.0, 1.0))
    cells = nesting(points, outer=outer, inner=lambda rows: by_count(points, rows))
    assert cells.n_cells > 10
    np.testing.assert_array_equal(cells.cell_centers[-3:], outer.cell_centers[1:])


def test_inner_cells_of_other_outer_cells_are_left_out() -> None:
    outer = squares(POINTS, resolution=1.0)
    cells = nesting(POINTS, outer=outer, inner=lambda rows: squares(POINTS, resolution=0.25))
    expected = squares(POINTS, resolution=0.25).cell_centers
    found = cells.cell_centers[np.lexsort(cells.cell_centers.T[::-1])]
    np.testing.assert_array_equal(found, expected)
    hull = nesting(POINTS, outer=outer, inner=lambda rows: by_count(POINTS, rows), clip="hull")
    assert hull.cell_volume.sum() < cells.cell_volume.sum()


def test_bad_input_is_refused() -> None:
    outer = squares(POINTS, resolution=1.0)
    with pytest.raises(InvalidInputError, match=r"shape \(5, 3\), expected \(N, 2\)"):
        nesting(np.zeros((5, 3)), outer=outer, inner=lambda rows: outer)
    with pytest.raises(InsufficientDataError, match="no points"):
        nesting(np.zeros((0, 2)), outer=outer, inner=lambda rows: outer)
    with pytest.raises(InvalidInputError, match="`resolution` is -1"):
        nesting(POINTS, outer=outer, inner=lambda rows: squares(POINTS, resolution=-1))
