"""Density of translocations."""

from collections.abc import Callable

import pytest

from tramway.inference import infer_density
from tramway.tessellation import Partition


def test_it_is_count_per_area(filed: Callable[..., Partition]) -> None:
    # Cells of area 1; the second holds nothing and has no row.
    part = filed([(0, 0), (1, 0), (2, 0)], [2, 0, 2, -1], [(1, 0)] * 4, [1] * 4)
    maps = infer_density(part, localization_precision=0.0)
    assert maps.maps["density"].to_dict() == pytest.approx({0: 1.0, 2: 2.0})
