"""Translocations filed by the points midway to the localizations before them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tramway.tessellation import Tessellation, hexagons, nearest_cell, quad_tree, squares
from tramway.tessellation.midpoints import file_at_midpoints


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
    filed, has_previous = file_at_midpoints(table, origins, cells, mesh)
    midway = nearest_cell([[0.6, 0.15], [1.7, 0.25]], mesh)
    assert filed.tolist() == [cells[0], *midway, cells[3], cells[4], -1, -1]
    assert has_previous.tolist() == [False, True, True, False, False, False, False]
    assert np.array_equal(cells, before)


@pytest.mark.parametrize("method", [hexagons, quad_tree])
def test_midpoints_are_where_points_are(method: Callable[..., Tessellation]) -> None:
    random = np.random.default_rng(1)
    origins = random.normal(0, 0.1, (40, 50, 2)).cumsum(axis=1).reshape(-1, 2)
    table = pd.DataFrame(
        {"n": np.repeat(np.arange(40), 50), "t": np.tile(np.arange(50) / 10, 40), "dt": 0.1}
    )
    mesh = method(origins, ref_distance=0.05)
    cells = nearest_cell(origins, mesh)
    filed, has_previous = file_at_midpoints(table, origins, cells, mesh)
    midway = nearest_cell(0.5 * (origins[1:] + origins[:-1]), mesh)
    assert mesh.n_cells > 20
    assert has_previous.sum() == 40 * 49
    assert np.array_equal(filed[1:], np.where(has_previous[1:], midway, cells[1:]))
