"""Features of single tracks, of paths whose features can be computed by hand."""

import numpy as np
import pandas as pd
import pytest

from tramway.feature.single_traj import extract_features


def features(places: list[tuple[float, float]]) -> pd.Series:
    table = pd.DataFrame(places, columns=["x", "y"]).assign(n=3, t=np.arange(len(places)) * 0.5)
    with pytest.warns(FutureWarning, match="are not computed"):
        return extract_features(table).loc[3]


def test_path_around_a_rectangle() -> None:
    found = features([(0, 0), (2, 0), (2, 1), (0, 1)])
    assert found["size"] == 4
    assert (found["dt"], found["is_dt_cst"]) == (0.5, True)
    assert (found["t_min"], found["t_max"]) == (0, 1.5)
    assert (found["area"], found["perimeter"]) == pytest.approx((2, 6))
    assert found["max_dist"] == pytest.approx(5**0.5)
    assert found["straightness"] == pytest.approx(1 / 5)
    assert found["efficiency"] == pytest.approx(1 / 9)
    assert (found["step_mean"], found["step_var"]) == pytest.approx((5 / 3, 2 / 9))
    assert (found["step_min"], found["step_max"]) == (1, 2)
    assert found["angle_var"] == pytest.approx(0, abs=1e-12)  # two right angles
    # Variances along the axes are as 1 and 1/4; the places along x are two and two.
    assert found["asphericity"] == pytest.approx(0.36)
    assert found["asymmetry"] == pytest.approx(-np.log(1 - 0.18))
    assert found["kurtosis"] == pytest.approx(1)
    # Steps are 1/3, -2/3, 1/3 off their mean.
    assert found["autocorr_1"] == pytest.approx(-1)
    assert found["autocorr_2"] == pytest.approx(1 / 2)
    assert np.isnan(found["autocorr_3"])
    # (r(t) - r(0)) / t are (4, 0), (2, 1), (0, 2/3).
    assert found["drift_norm"] == pytest.approx(np.hypot(2, 5 / 9))


def test_path_on_a_line() -> None:
    found = features([(0, 0), (1, 0), (2, 0), (3, 0)])
    assert (found["area"], found["perimeter"]) == (0, 6)
    assert found["straightness"] == found["asphericity"] == 1
    assert np.isnan(found["autocorr_1"])


@pytest.mark.parametrize("places", [[(0, 0), (1, 0), (2, 0)], [(1, 1)] * 5])
def test_short_and_immobile_tracks_have_none(places: list[tuple[float, float]]) -> None:
    moving = pd.DataFrame({"n": 9, "x": [0, 1, 2, 4], "y": [0, 1, 0, 1], "t": range(4)})
    table = pd.DataFrame(places, columns=["x", "y"]).assign(n=3, t=np.arange(len(places)))
    with pytest.warns(FutureWarning):
        found = extract_features(pd.concat([table, moving]))
    assert found.loc[3].isna().all()
    assert found.loc[9].notna().sum() > 20
