"""Points to cells, cells to their neighbours, and displacements to the sums of their cells."""

import numpy as np

from data import PARAMETERS, RESOLUTION, partition

FEW = 1000  # cells


def _points_and_mesh(folder):
    given = partition(folder)
    return np.ascontiguousarray(given.points[["x", "y"]]), given.tessellation


def assignment(folder):
    from tramway.tessellation import nearest_cell

    points, mesh = _points_and_mesh(folder)
    return lambda: nearest_cell(points, mesh) is None


def assignment_scipy(folder):
    from scipy.spatial import KDTree

    points, mesh = _points_and_mesh(folder)
    return lambda: KDTree(mesh.cell_centers).query(points) is None


def assignment_sklearn(folder):
    from sklearn.neighbors import NearestNeighbors

    points, mesh = _points_and_mesh(folder)
    search = NearestNeighbors(n_neighbors=1, algorithm="kd_tree")
    return lambda: search.fit(mesh.cell_centers).kneighbors(points) is None


def _centers(folder):
    """As many as the cells, at random, and the field that they are in."""
    points, mesh = _points_and_mesh(folder)
    return np.random.default_rng(0).permutation(points)[: mesh.cell_centers.shape[0]], points


def neighbours(folder):
    from tramway import _core

    centers, points = _centers(folder)
    field = _core.convex_hull(points)
    return lambda: _core.voronoi(centers, field) is None


def neighbours_scipy(folder):
    from scipy.spatial import Voronoi

    centers, _ = _centers(folder)
    return lambda: Voronoi(centers) is None


def neighbours_delaunay(folder):
    from scipy.spatial import Delaunay

    centers, _ = _centers(folder)
    return lambda: Delaunay(centers).vertex_neighbor_vertices is None


def statistics(folder):
    from tramway import _core

    given = partition(folder)
    mesh = given.tessellation
    geometry = mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume
    translocations = given.cells, given.displacements, given.lags, None
    weights = {name: PARAMETERS[name] for name in ("diffusivity_prior", "potential_prior")}
    settings = {"localization_precision": PARAMETERS["localization_precision"], "priors": weights}
    return lambda: _core.Posterior("dv", geometry, translocations, settings) is None


def sums(folder):
    """Without the operators."""
    from tramway import _core

    given = partition(folder)
    n_cells, translocations = given.tessellation.n_cells, (given.displacements, given.lags)
    return lambda: _core.sum_cells(n_cells, given.cells, *translocations) is None


def sums_of_few(folder):
    """The same in as many cells at every size: what is left grows with the displacements alone."""
    from tramway import _core

    given = partition(folder)
    cells = given.cells * FEW // given.tessellation.n_cells
    translocations = given.displacements, given.lags
    return lambda: _core.sum_cells(FEW, cells, *translocations) is None


def read_only(folder):
    """Each number once, all in one sum: what it takes to bring them from memory, or the cache."""
    given = partition(folder)
    columns = given.cells, given.displacements.ravel("K"), given.lags
    return lambda: sum(column.sum() for column in columns) is None


def _columns(folder):
    given = partition(folder)
    dx, dy = given.displacements.T.copy()
    return {"cell": given.cells, "dx": dx, "dy": dy, "squares": dx**2 + dy**2, "dt": given.lags}


def statistics_pandas(folder):
    import pandas as pd

    table = pd.DataFrame(_columns(folder))
    return lambda: table.groupby(["cell", "dt"]).sum() is None


def statistics_polars(folder):
    import polars as pl

    table = pl.DataFrame(_columns(folder))
    return lambda: table.group_by("cell", "dt").sum() is None


def original(folder):
    from tramway.core.xyt import load_xyt, trajectories_to_translocations
    from tramway.helper import tessellate

    table = trajectories_to_translocations(load_xyt(str(folder / "tracks.txt")))

    def work():
        cells = tessellate(
            table, "hexagon", ref_distance=RESOLUTION / 2, avg_probability=0, min_probability=0
        )
        return cells.cell_index is None

    return work


def whole_tessellation(folder):
    from tramway.tessellation import Partition, hexagons, nearest_cell

    table = partition(folder).points
    points = table[["x", "y"]].to_numpy()

    def work():
        mesh = hexagons(points, resolution=RESOLUTION)
        return Partition(table, mesh, nearest_cell(points, mesh)) is None

    return work
