import pickle

import numpy as np
from scipy import sparse

from tramway.tessellation import hexagons


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
