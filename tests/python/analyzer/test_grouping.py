"""Regions that overlap, by a graph of all pairs of which each is looked at."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tramway.analyzer.roi.grouping import groups_of_overlapping
from tramway.data import Area, Box, as_polygon


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 2, 20, 60])
def test_groups_are_the_components_of_the_graph(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    lower = random.integers(0, 20, (count, 2))
    upper = lower + random.integers(1, 4, (count, 2))  # borders that touch are frequent
    boxes = [Box(*pair) for pair in zip(lower.tolist(), upper.tolist(), strict=True)]
    meet = np.all((lower[:, None] <= upper[None]) & (lower[None] <= upper[:, None]), axis=2)
    _, name = connected_components(csr_array(meet.astype(np.int8)), directed=False)
    expected = [np.flatnonzero(name == one).tolist() for one in dict.fromkeys(name.tolist())]
    assert groups_of_overlapping(boxes) == expected
    areas: list[Area] = [as_polygon(box) if number % 2 else box for number, box in enumerate(boxes)]
    assert groups_of_overlapping(areas) == expected
