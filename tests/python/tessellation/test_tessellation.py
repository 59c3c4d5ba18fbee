import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tramway.errors import InvalidInputError
from tramway.tessellation import (
    Delaunay,
    Partition,
    Tessellation,
    Voronoi,
    hexagons,
    squares,
    time_segments,
)


def test_adjacency_is_a_sparse_matrix_of_the_neighbours() -> None:
    lattice = hexagons([(0, 0), (2, 1)], resolution=0.3)
    matrix = lattice.cell_adjacency
    assert sparse.issparse(matrix)
    assert matrix.format == "csr"
    assert matrix.dtype == np.bool_
    assert matrix.shape == (lattice.n_cells, lattice.n_cells)
    distances = np.linalg.norm(lattice.cell_centers[:, np.newaxis] - lattice.cell_centers, axis=2)
    np.testing.assert_array_equal(matrix.toarray(), (distances > 0) & (distances < 1.3 * 0.3))


def test_it_travels_between_processes() -> None:
    lattice = hexagons([(0, 0), (2, 1)], resolution=0.3)
    copy = pickle.loads(pickle.dumps(lattice))
    np.testing.assert_array_equal(copy.cell_centers, lattice.cell_centers)
    assert (copy.dim, copy.n_cells, copy.hexagon_count) == (
        2,
        lattice.n_cells,
        lattice.hexagon_count,
    )


def test_neighbours_of_a_cell_are_those_of_the_matrix() -> None:
    lattice = hexagons([(0, 0), (2, 1)], resolution=0.3)
    row = lattice.cell_adjacency[5]
    np.testing.assert_array_equal(row.nonzero()[1], lattice.neighbours(5))
    assert lattice.simplified_adjacency("coo").format == "coo"
    assert lattice.adjacency_label is None


@pytest.fixture
def points() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).uniform(0, 1, (200, 2)), columns=list("xy"))


def test_which_points_are_in_which_cells_in_each_form(points: pd.DataFrame) -> None:
    lattice = hexagons(points, resolution=0.3)
    cells = lattice.cell_index(points)
    np.testing.assert_array_equal(lattice.cell_index(points, "array"), cells)
    rows, numbers = lattice.cell_index(points, "pair")
    np.testing.assert_array_equal(cells[rows], numbers)
    for name in ("matrix", "coo", "csr", "csc"):
        matrix = lattice.cell_index(points, format=name)
        assert matrix.shape == (200, lattice.n_cells)
        np.testing.assert_array_equal(matrix.toarray().argmax(axis=1), cells)
        again = Partition(points, lattice, matrix)
        np.testing.assert_array_equal(again.location_count, np.bincount(cells))
    rows, numbers = lattice.cell_index(points, knn=30)
    assert np.bincount(numbers).min() == 30
    np.testing.assert_array_equal(lattice.cell_index(points, "force array", knn=30), cells)
    assert (lattice.cell_index(points, min_location_count=1000) == -1).all()
    assert len(lattice.cell_index(points, "pair", radius=0.05)[0]) < 200


def test_cells_that_share_points_are_no_array(points: pd.DataFrame) -> None:
    lattice = hexagons(points, resolution=0.3)
    with pytest.raises(InvalidInputError, match=r"`format` is 'array'.*several cells"):
        lattice.cell_index(points, "array", knn=30)
    with pytest.raises(InvalidInputError, match=r"`format` is 'list', expected"):
        lattice.cell_index(points, "list")


@pytest.mark.parametrize("kind", [Delaunay, Voronoi])
def test_cells_of_centers_of_ones_own(points: pd.DataFrame, kind: type[Delaunay]) -> None:
    cells = kind()
    cells.tessellate(points.iloc[:20])
    np.testing.assert_array_equal(cells.cell_centers, points[:20])
    filed = Partition(points, cells)
    assert filed.location_count.sum() == 0
    filed.cell_index = cells.cell_index(points, knn=(15, 15))
    assert set(filed.location_count) == {15}
    copy = pickle.loads(pickle.dumps(cells))
    np.testing.assert_array_equal(copy.cell_volume, cells.cell_volume)


def test_neighbours_are_set_one_by_one() -> None:
    lattice = hexagons([(0, 0), (2, 1)], resolution=0.3)
    before = lattice.cell_adjacency.toarray()
    last = lattice.n_cells - 1
    assert before[0, 1]
    assert not before[0, last]
    lattice.set_adjacency(0, 1, False)
    lattice.set_adjacency(last, 0)
    changed = before.copy()
    changed[0, 1] = changed[1, 0] = False
    changed[0, last] = changed[last, 0] = True
    np.testing.assert_array_equal(lattice.cell_adjacency.toarray(), changed)
    neighbours = lattice.adjacency[: lattice.adjacency_starts[1]]
    np.testing.assert_array_equal(neighbours, np.flatnonzero(changed[0]))
    assert lattice.adjacency.dtype == lattice.adjacency_starts.dtype == np.int64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 99), "`j` is 99"),
        ((-1, 0), "`i` is -1"),
        ((2, 2), "expected two cells"),
        ((0, 1, 2), "`label` is 2"),
    ],
)
def test_neighbours_are_two_cells_or_not(arguments: tuple[int, ...], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        hexagons([(0, 0), (2, 1)], resolution=0.3).set_adjacency(*arguments)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (squares([(0, 0), (2, 1)], resolution=0.3), "follow from their lattice"),
        (
            time_segments(hexagons([(0, 0), (2, 1)], resolution=0.3), [[0, 1], [1, 2]]),
            "follow from those in space",
        ),
    ],
)
def test_neighbours_that_follow_are_not_set(cells: Tessellation, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        cells.set_adjacency(0, 1, False)
