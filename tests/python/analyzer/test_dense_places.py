"""Dense spots are found where they were put."""

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer
from tramway.analyzer.roi.utils import density_based_roi
from tramway.errors import InvalidInputError, MissingResultError

SPOTS = np.array([[1.0, 1.0], [1.0, 3.0], [3.5, 2.0]])


@pytest.fixture
def locations() -> pd.DataFrame:
    """Three spots of 300 points, σ = 0.05 µm, in 300 points anywhere in 4 by 4 µm."""
    random = np.random.default_rng(0)
    spots = np.repeat(SPOTS, 300, axis=0) + random.normal(0, 0.05, (900, 2))
    return pd.DataFrame(np.vstack([spots, random.uniform(0, 4, (300, 2))]), columns=["x", "y"])


def test_spots_are_found(locations: pd.DataFrame) -> None:
    # A quarter of the points in a disc of 0.3 µm is 3.5 per µm²; the rest is 1/64.
    found = density_based_roi(locations, min_kernel_density=1.0)
    assert np.array(found) == pytest.approx(SPOTS, abs=0.05)
    a = RWAnalyzer()
    a.spt_data.from_dataframe(locations.assign(n=1, t=0.1 * np.arange(len(locations))))
    a.roi.from_squares(np.array(found), 0.4)
    assert len(list(a.roi.as_support_regions())) == 3


def test_the_density_is_that_of_the_kernel() -> None:
    # One point: the kernel itself, 2 / (π r²) at its center.
    with pytest.raises(MissingResultError, match=r"the densest has 28\.3, per µm²"):
        density_based_roi(pd.DataFrame({"x": [0.0], "y": [0.0]}), min_kernel_density=30)


def test_what_makes_no_sense_is_said(locations: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="no row"):
        density_based_roi(locations[:0])
    with pytest.raises(InvalidInputError, match="too many places"):
        density_based_roi(locations, target_pattern_size=1e-4)
