"""`a.tracker` links tables and files, and adds them to the data."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, tracker
from tramway.errors import InvalidInputError


@pytest.fixture
def localizations() -> pd.DataFrame:
    """Two molecules, 5 µm from each other, in ten frames."""
    steps = np.random.default_rng(0).normal(0, 0.1, (2, 10, 2)).cumsum(axis=1)
    place = steps + np.array([[[0, 0]], [[5, 0]]])
    return pd.DataFrame(
        {
            "x": place[..., 0].T.ravel(),
            "y": place[..., 1].T.ravel(),
            "t": np.repeat(0.04 * np.arange(1, 11), 2),
            "intensity": 7.0,
        }
    )


def test_localizations_are_tracked_and_added(localizations: pd.DataFrame) -> None:
    a = RWAnalyzer()
    a.tracker.from_non_tracking()
    with pytest.raises(InvalidInputError, match=r"set a\.tracker\.dt, in s"):
        a.tracker.track(localizations)
    a.tracker.dt = 0.04
    a.tracker.localization_precision = 0.025
    a.tracker.estimated_high_diffusivity = 0.3
    assert a.tracker.estimated_large_length == pytest.approx(2 * np.sqrt(2 * 0.3 * 0.04))
    found = a.tracker.track(localizations, register=True, source="movie")
    assert list(found.columns) == ["n", "x", "y", "t", "intensity"]
    assert found.groupby("n").size().tolist() == [10, 10]
    (item,) = a.spt_data
    assert (item.source, item.localization_precision, item.dt) == ("movie", 0.025, 0.04)
    pd.testing.assert_frame_equal(item.dataframe, found)
    with pytest.raises(InvalidInputError, match="there is a source 'movie' already"):
        a.tracker.track(localizations, register=True, source="movie")
    a.tracker.track(localizations, register=True)
    assert [item.source for item in a.spt_data] == ["movie", "dataframe 1"]


@pytest.mark.parametrize("header", [True, False])
def test_files_are_tracked(localizations: pd.DataFrame, tmp_path: Path, header: bool) -> None:
    path = tmp_path / "movie.xyt"
    localizations[["x", "y", "t"]].to_csv(path, sep="\t", index=False, header=header)
    a = RWAnalyzer()
    a.tracker = tracker.from_non_tracking
    a.tracker.dt = 0.04
    a.tracker.estimated_large_length = 1.0
    assert a.tracker.track(str(path), register=True)["n"].nunique() == 2
    assert a.spt_data[0].source == str(path)


def test_a_single_particle_is_one_track(localizations: pd.DataFrame) -> None:
    a = RWAnalyzer()
    with pytest.raises(InvalidInputError, match="no tracker is chosen"):
        a.tracker.track(localizations)
    a.tracker = tracker.from_single_particle
    assert (a.tracker.track(localizations[::2])["n"] == 1).all()
    assert repr(a.tracker) == "<Tracker: from_single_particle()>"
    a.tracker.from_trackpy(search_range=0.6)
    with pytest.raises(InvalidInputError, match="of files as they are read"):
        a.tracker.track(localizations)
