"""Segments of time, as scripts of the original make and split them."""

import numpy as np
import pandas as pd

from tramway.inference import Maps
from tramway.tessellation import hexagons, sample_nearest, with_time_lattice


def test_points_are_filed_in_segments_and_maps_split_by_them() -> None:
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.uniform(0, 1, (200, 3)), columns=list("xyt"))
    cells = sample_nearest(points, hexagons(points[["x", "y"]], resolution=0.5))
    found = with_time_lattice(cells, [[0.0, 0.5], [0.5, 1.0]])
    in_time = found.tessellation
    assert in_time.spatial_mesh is cells.tessellation
    early = cells.cells[points["t"] < 0.5]
    count = cells.number_of_cells
    np.testing.assert_array_equal(found.location_count[:count], np.bincount(early, minlength=count))
    table = pd.DataFrame({"diffusivity": np.arange(2 * count - 1)}, index=range(1, 2 * count))
    first, second = in_time.split_frames(Maps(table, "d"))
    assert list(first.index) == list(range(1, count))
    assert list(second.index) == list(range(count))
    assert second["diffusivity"].iloc[0] == count - 1
    times, again = in_time.split_segments(table, return_times=True)[1]
    assert times.tolist() == [0.5, 1.0]
    pd.testing.assert_frame_equal(again, second)
