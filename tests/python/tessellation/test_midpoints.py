"""Translocations filed by the points midway to the localizations before them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tramway import _core
from tramway.tessellation import (
    HexagonalTessellation,
    Tessellation,
    gwr,
    hexagons,
    kmeans,
    nearest_cell,
    quad_tree,
    squares,
)
from tramway.tessellation.midpoints import file_at_midpoints, sum_at_midpoints


def test_midpoints_lie_between_successive_localizations_of_a_track() -> None:
    # By hand: a track of three, one that misses a row, and one that is in no cell.
    table = pd.DataFrame(
        {"n": [1, 1, 1, 2, 2, 3, 3], "t": [0.0, 0.1, 0.2, 0.0, 0.2, 0.1, 0.2], "dt": 0.1,
         "x": [0.1, 1.1, 2.3, 0.1, 2.1, 1.1, 1.2], "y": [0.1, 0.2, 0.3, 0.1, 1.3, 1.1, 1.1]}
    )  # fmt: skip
    origins = table[["x", "y"]].to_numpy()
    mesh = squares(origins, count_per_dim=(3, 2), lower_bound=(0, 0), upper_bound=(3, 2))
    cells = nearest_cell(origins, mesh)
    cells[5:] = -1
    before = cells.copy()
    bins = file_at_midpoints(table, cells, mesh)
    midway = mesh.n_cells + nearest_cell([[0.6, 0.15], [1.7, 0.25]], mesh)
    assert bins.tolist() == [cells[0], *midway, cells[3], cells[4], -1, -1]
    assert np.array_equal(cells, before)


def random_walks(dim: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Forty tracks of fifty rows, and where these begin."""
    random = np.random.default_rng(2)
    origins = random.normal(0, 0.1, (40, 50, dim)).cumsum(axis=1).reshape(-1, dim)
    steps = random.normal(0, 0.1, origins.shape)
    table = pd.DataFrame({"n": np.repeat(np.arange(40), 50), "t": np.tile(np.arange(50) / 10, 40)})
    for axis, places, step in zip("xyz", origins.T, steps.T, strict=False):
        table[axis], table[f"d{axis}"] = places, step
    return table.assign(dt=0.1), origins


@pytest.mark.parametrize("has_gaps", [False, True])
@pytest.mark.parametrize(
    ("method", "dim"),
    [(hexagons, 2), (squares, 2), (squares, 3), (kmeans, 2), (quad_tree, 2), (gwr, 2)],
)
def test_sums_are_those_of_the_bins_to_the_bit(
    method: Callable[..., Tessellation], dim: int, has_gaps: bool
) -> None:
    table, origins = random_walks(dim)
    if has_gaps:  # and so two lags
        table["dt"] = np.where(np.arange(2000) % 7 == 3, 0.2, 0.1)
    mesh = method(origins, ref_distance=0.1)
    cells = nearest_cell(origins, mesh)
    cells[::17] = -1
    for given in (table, table.drop(columns="n")):  # without tracks nothing follows anything
        bins = file_at_midpoints(given, cells, mesh)
        steps = table[[f"d{axis}" for axis in "xyz"[:dim]]].to_numpy().copy()
        expected = _core.sum_cells(2 * mesh.n_cells, bins, steps, table["dt"].to_numpy().copy())
        for ours, theirs in zip(sum_at_midpoints(given, cells, mesh), expected, strict=True):
            assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("method", [hexagons, quad_tree])
def test_midpoints_are_where_points_are(method: Callable[..., Tessellation]) -> None:
    random = np.random.default_rng(1)
    origins = random.normal(0, 0.1, (40, 50, 2)).cumsum(axis=1).reshape(-1, 2)
    table = pd.DataFrame(
        {"n": np.repeat(np.arange(40), 50), "t": np.tile(np.arange(50) / 10, 40), "dt": 0.1,
         "x": origins[:, 0], "y": origins[:, 1]}
    )  # fmt: skip
    mesh = method(origins, ref_distance=0.05)
    cells = nearest_cell(origins, mesh)
    bins = file_at_midpoints(table, cells, mesh)
    midway = mesh.n_cells + nearest_cell(0.5 * (origins[1:] + origins[:-1]), mesh)
    assert mesh.n_cells > 20
    assert np.array_equal(bins[1:], np.where(np.arange(1, 2000) % 50 > 0, midway, cells[1:]))
    assert np.array_equal(file_at_midpoints(table.drop(columns="n"), cells, mesh), cells)


def test_cells_of_one_s_own_tell_where_midpoints_are() -> None:
    # Those of a kind that are not what is nearest to their centers: here mirrored.
    class Mirrored(HexagonalTessellation):
        def locate(self, positions: NDArray[np.float64]) -> NDArray[np.int64]:
            return super().locate(np.ascontiguousarray(1.0 - positions))

    table = pd.DataFrame({"n": 1, "t": [0.0, 0.1], "dt": 0.1, "x": [0.1, 0.3], "y": [0.2, 0.2]})
    mesh = Mirrored(**vars(hexagons([[0, 0], [1, 1]], resolution=0.25)))
    cells = mesh.locate(table[["x", "y"]].to_numpy())
    midway = mesh.n_cells + mesh.locate(np.array([[0.2, 0.2]]))
    assert file_at_midpoints(table, cells, mesh).tolist() == [cells[0], *midway]
