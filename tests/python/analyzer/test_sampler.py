"""Filing translocations under cells."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, tessellers
from tramway.data import translocations
from tramway.errors import InsufficientDataError, InvalidInputError


def test_each_translocation_is_in_the_cell_of_the_nearest_centre(
    movie: Callable[..., pd.DataFrame],
) -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Hexagons(resolution=0.5)
    points = translocations(movie(0))
    partition = a.sampler.sample(points)
    centers = partition.tessellation.cell_centers
    distances = np.linalg.norm(partition.origins[:, None] - centers, axis=2)
    np.testing.assert_array_equal(partition.cell_index, distances.argmin(axis=1))
    assert partition.param["tessellation"] == {"resolution": 0.5, "tilt": 0.0}

    again = a.sampler.sample(movie(0), segmentation=partition.tessellation)
    np.testing.assert_array_equal(again.cell_index, partition.cell_index)


def test_nothing_to_sample(movie: Callable[..., pd.DataFrame]) -> None:
    a = RWAnalyzer()
    points = translocations(movie(0))
    with pytest.raises(InvalidInputError, match=r"a\.tesseller = tessellers\.Hexagons"):
        a.sampler.sample(points)
    a.tesseller = tessellers.Hexagons
    with pytest.raises(InsufficientDataError, match="the region has no translocation"):
        a.sampler.sample(points.iloc[:0])
