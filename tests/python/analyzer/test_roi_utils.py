"""What scripts of the original use to find and to compare regions."""

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, tessellers
from tramway.analyzer.roi.utils import (
    distance_to_roi_center,
    epanechnikov_density,
    group_roi,
    set_contiguous_time_support_by_count,
)
from tramway.errors import UnknownAttributeError

BOXES = [((0, 0), (2, 2)), ((0, 1), (2, 3)), ((9, 9), (10, 10))]


def test_boxes_that_share_enough_are_joined() -> None:
    assert len(group_roi(BOXES)) == 3  # half of each is shared
    joined = group_roi(BOXES, overlap=0.5)
    assert np.array(joined).tolist() == [[[0, 0], [2, 3]], [[9, 9], [10, 10]]]
    assert len(group_roi(BOXES, overlap=0.5, return_matches_only=True)) == 1


def test_boxes_are_joined_with_others() -> None:
    joined = group_roi(BOXES[:2], BOXES[1:], overlap=0.5)
    assert np.array(joined).tolist() == [[[0, 0], [2, 3]], [[0, 1], [2, 3]]]


def test_the_density_of_one_point_is_the_kernel() -> None:
    # 2 / (π r²) (1 - (d/r)²): Silverman, Density estimation, 1986, eq. 4.5 for two dimensions.
    found = epanechnikov_density([(0, 0)], [(0, 0), (0.5, 0), (3, 3)], 2.0)
    assert np.exp(found) == pytest.approx([2 / np.pi, 0.75 * 2 / np.pi, 0.0])


def test_distances_are_from_the_middle_of_the_region() -> None:
    random = np.random.default_rng(0)
    starts = random.uniform(0.2, 1.8, (100, 2)).repeat(4, axis=0)
    table = pd.DataFrame(starts + random.normal(0, 0.1, (400, 2)), columns=["x", "y"])
    table = table.assign(n=np.arange(400) // 4 + 1, t=np.arange(400) * 0.1)
    a = RWAnalyzer()
    a.spt_data.from_dataframe(table)
    a.roi.from_bounding_boxes([((0, 0), (2, 2))])
    a.tesseller = tessellers.Squares
    a.tesseller.resolution = 0.5
    region = next(iter(a.roi.as_support_regions()))
    sampling = a.sampler.sample(region.crop())
    expected = np.hypot(*(sampling.tessellation.cell_centers - 1.0).T)
    assert distance_to_roi_center(region, sampling) == pytest.approx(expected)


def test_what_is_not_there_says_what_to_do() -> None:
    with pytest.raises(UnknownAttributeError, match="as_time_segments"):
        set_contiguous_time_support_by_count()
