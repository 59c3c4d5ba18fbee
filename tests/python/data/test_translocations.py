from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tramway import _core
from tramway.data import (
    Box,
    Croppable,
    check_trajectories,
    discard_static,
    read_regions,
    read_trajectories,
    trajectories_of,
    translocations,
    translocations_of_union,
)
from tramway.errors import InvalidInputError
from tramway.files import content_hash


def line(x: list[float], n: int = 1) -> pd.DataFrame:
    """One track along x, ten frames per second."""
    return pd.DataFrame({"n": n, "x": x, "y": 0.5, "t": np.arange(len(x)) * 0.1})


def test_displacements_are_on_the_row_of_the_origin() -> None:
    trajectories = pd.concat([line([0.0, 1.0, 3.0]), line([5.0]), line([7.0, 6.0], n=3)])
    trajectories["n"] = [1, 1, 1, 2, 3, 3]
    trajectories["photons"] = [10, 11, 12, 13, 14, 15]
    table = translocations(trajectories)
    assert list(table) == ["n", "x", "y", "t", "photons", "dx", "dy", "dt"]
    assert table.index.tolist() == [0, 1, 2]
    assert table["n"].diff().tolist()[1:] == [0, 1]
    assert table["x"].tolist() == [0.0, 1.0, 7.0]
    assert table["photons"].tolist() == [10, 11, 14]
    assert table["dx"].tolist() == [1.0, 2.0, -1.0]
    np.testing.assert_allclose(table["dt"], 0.1, rtol=1e-12)  # the rounding of 0.3 - 0.2


def test_region_follows_the_original() -> None:
    # The example of the specification; the original 0.7 returns these rows.
    table = translocations(line([0, 0.5, 0.9, 1.5, 0.9, 0.5, 0.2]), (0, 0), (1, 1))
    assert table["n"].tolist() == [1, 1, 1, 2, 2]
    assert table["x"].tolist() == [0, 0.5, 0.9, 0.9, 0.5]
    np.testing.assert_allclose(table["dx"], [0.5, 0.4, 0.6, -0.4, -0.3], rtol=1e-12)


def test_bounds_may_be_left_out() -> None:
    trajectories = line([0.0, 1.0, 2.0, 3.0])
    assert translocations(trajectories, lower=(1, -9))["x"].tolist() == [1.0, 2.0]
    assert translocations(trajectories, upper=(1, 9))["x"].tolist() == [0.0, 1.0]
    in_time = translocations(trajectories, (-np.inf, -np.inf, 0.1), (np.inf, np.inf, np.inf))
    assert in_time["x"].tolist() == [1.0, 2.0]


def test_translocations_are_the_same_on_any_number_of_threads() -> None:
    # More rows than one thread takes at a time; differences as numpy takes them.
    rng = np.random.default_rng(5)
    n = np.repeat(np.arange(15_000), 20)
    table = pd.DataFrame({"n": n, **{name: rng.uniform(0, 3, len(n)) for name in "xyt"}})
    table = table.sort_values(["n", "t"], ignore_index=True)
    origins = np.flatnonzero(n[1:] == n[:-1])
    before = _core.thread_count()
    try:
        for count in (1, 2, 3, 16):
            _core.set_thread_count(count)
            found = translocations(table)
            assert found["n"].tolist() == n[origins].tolist()
            for name in "xyt":
                values = table[name].to_numpy()
                assert (found[name].to_numpy() == values[origins]).all()
                assert (found[f"d{name}"] == values[origins + 1] - values[origins]).all()
    finally:
        _core.set_thread_count(before)


def test_a_region_without_data_gives_an_empty_table() -> None:
    table = translocations(line([0.0, 1.0]), (5, 5), (6, 6))
    assert table.empty
    assert list(table) == ["n", "x", "y", "t", "dx", "dy", "dt"]
    assert discard_static(table, 0.01).empty


def test_three_dimensions() -> None:
    trajectories = line([0.0, 1.0]).assign(z=[2.0, 5.0])
    table = translocations(trajectories, (0, 0, 0), (9, 9, 9))
    assert table[["dx", "dy", "dz"]].to_numpy().tolist() == [[1.0, 0.0, 3.0]]


@pytest.mark.parametrize(
    ("change", "bounds", "message"),
    [
        ({}, ((0, 0), (1, 1, 1)), "`upper` has length 3, expected 2"),
        ({}, ((0,), (1,)), "one per space coordinate"),
        ({}, ((0, 2), (1, 1)), "with upper bound 1"),
        ({"x": np.nan}, ((0, 0), (1, 1)), "finite"),
        ({"n": [2, 1]}, ((0, 0), (1, 1)), "sorted by track"),
    ],
)
def test_bad_input_is_refused(
    change: dict[str, object], bounds: tuple[tuple[float, ...], ...], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        translocations(line([0.0, 1.0]).assign(**change), *bounds)


def test_missing_columns_are_named() -> None:
    with pytest.raises(InvalidInputError, match="no column n y,"):
        translocations(pd.DataFrame({"x": [0.0], "t": [0.0]}))


coordinate = st.integers(0, 10).map(lambda value: value / 10)


@given(
    rows=st.lists(st.tuples(st.integers(1, 4), coordinate, coordinate), min_size=1, max_size=40),
    lower=st.tuples(coordinate, coordinate),
    size=coordinate,
)
def test_region_is_what_its_rule_says(
    rows: list[tuple[int, float, float]], lower: tuple[float, float], size: float
) -> None:
    """Against a plain reading of the rule with shifted columns, in pandas."""
    n, x, y = zip(*sorted(rows, key=lambda row: row[0]), strict=True)
    df = pd.DataFrame({"n": n, "x": x, "y": y, "t": np.arange(len(n)) / 10.0})
    upper = (lower[0] + size, lower[1] + size)
    table = translocations(check_trajectories(df), lower, upper)

    inside = df["x"].between(lower[0], upper[0]) & df["y"].between(lower[1], upper[1])
    deltas = df[["x", "y", "t"]].shift(-1) - df[["x", "y", "t"]]
    has_next = df["n"].shift(-1) == df["n"]
    visit = df["n"] + (~inside).cumsum()
    begins = (visit != visit.shift()) & (df.index > 0)
    ends = visit != visit.shift(-1)
    not_alone = visit[~(begins & ends)]
    number = not_alone.iloc[0] + (not_alone.diff() > 0).cumsum()
    kept = df.index[inside & has_next & ~(begins & ends)]
    expected = df.loc[kept].join(deltas.add_prefix("d")).assign(n=number[kept])
    assert_frame_equal(table, expected.reset_index(drop=True))


# Number of rows and sums of n, dx, dt, as the original 0.7 returns for
# crop(sorted table, [lower, upper - lower], add_deltas=True); the last is the whole file.
ORIGINAL_REGIONS = {
    "region_0_7ms": [
        (297, 5027, 2.4185159999999977, 2.2215600000000033),
        (11, 128, 0.8289249999999946, 0.08228000000003721),
        (210, 3161, 0.1313120000000012, 1.5708000000000046),
        (16, 142, 2.4499489999999966, 0.11967999999995982),
        (11, 67, 2.7489849999999976, 0.08228000000002467),
        (96, 2078, -0.28793300000000066, 0.7180799999999928),
        (1520, 289486, -5.61740100000001, 11.369600000000128),
    ],
    "region_4_7ms": [
        (73, 1447, 4.699604000000003, 0.5460400000000069),
        (154, 5076, 3.0953719999999985, 1.1519200000000103),
        (103, 2267, -2.6415029999999984, 0.7704399999999949),
        (91, 2117, -3.7896130000000046, 0.6806799999999975),
        (101, 2457, -5.375979000000003, 0.7554799999999904),
        (95, 1296, 1.2747210000000049, 0.7106000000000202),
        (103, 2018, 1.432719000000005, 0.7704400000000291),
        (93, 2302, 0.35583999999999705, 0.6956400000000016),
        (71, 1479, 1.8244599999999984, 0.5310800000000016),
        (94, 1950, 1.5812970000000028, 0.7031200000000168),
        (2176, 768064, 37.22631700000004, 16.276480000000046),
    ],
}


@pytest.mark.parametrize("name", ORIGINAL_REGIONS)
def test_real_regions_are_those_of_the_original(shared: Path, name: str) -> None:
    trajectories = read_trajectories(shared / "data" / "u2os" / f"{name}.rpt.txt")
    boxes = read_regions(shared / "data" / "u2os" / f"{name}.rpt-roi.txt")
    bounds = [(box.lower, box.upper) for box in boxes] + [(None, None)]
    for (rows, *sums), (lower, upper) in zip(ORIGINAL_REGIONS[name], bounds, strict=True):
        table = translocations(trajectories, lower, upper)
        assert len(table) == rows
        # The order of summation.
        np.testing.assert_allclose(table[["n", "dx", "dt"]].sum(), sums, rtol=1e-9)


def test_static_is_by_the_mean_over_coordinates() -> None:
    # Mean squared displacements 0.5, 2 and 0.25.
    table = pd.DataFrame({"n": [1, 1, 2], "dx": [1.0, 2.0, 0.5], "dy": [0.0, 0.0, 0.5]})
    assert discard_static(table, 0.5)["dx"].tolist() == [1.0, 2.0]  # not below: kept
    assert discard_static(table, 0.6)["dx"].tolist() == [2.0]
    assert discard_static(table, 0.6, full_trajectory=True).empty
    assert discard_static(table, 0.3, full_trajectory=True)["n"].tolist() == [1, 1]
    assert_frame_equal(discard_static(table, 0.0), table)
    for threshold in (-1.0, np.nan):
        with pytest.raises(InvalidInputError, match="`min_msd`"):
            discard_static(table, threshold)
    with pytest.raises(InvalidInputError, match="no column dx"):
        discard_static(line([0.0, 1.0]).drop(columns="n"), 0.1)


def test_static_localizations_of_trajectories() -> None:
    # As the original: the second of two that are near goes, and so does a track of one.
    tracks = pd.concat([line([0.0, 1.0, 1.1, 3.0]), line([5.0, 5.1], n=2), line([9.0], n=3)])
    assert discard_static(tracks, 0.1)["x"].tolist() == [0.0, 1.0, 3.0]
    assert discard_static(tracks, 0.1, full_trajectory=True).empty
    assert discard_static(tracks, 0.0)["n"].tolist() == [1] * 4 + [2] * 2


def test_precisions_of_both_ends_come_along() -> None:
    # By hand: two tracks, the second one leaves the region.
    table = pd.DataFrame(
        {"n": [1, 1, 1, 2, 2, 2], "x": [0.1, 0.2, 0.3, 0.4, 0.5, 5.0], "y": 0.0,
         "t": [0.0, 0.1, 0.2, 0.0, 0.1, 0.2],
         "localization_precision": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]}
    )  # fmt: skip
    steps = translocations(check_trajectories(table), (0, -1), (1, 1))
    assert steps["localization_precision"].tolist() == [0.01, 0.02, 0.04, 0.05]
    assert steps["destination_precision"].tolist() == [0.02, 0.03, 0.05, 0.06]
    assert "destination_precision" not in translocations(
        check_trajectories(table.drop(columns="localization_precision"))
    )


@given(st.integers(0, 1000), st.booleans())
def test_a_union_of_one_box_is_that_box(seed: int, in_time: bool) -> None:
    random = np.random.default_rng(seed)
    table = pd.DataFrame({"n": np.sort(random.integers(1, 4, 20)), "t": np.arange(20.0)})
    table[["x", "y"]] = random.uniform(0, 1, (20, 2))
    table = table[["n", "x", "y", "t"]]
    box = Box((0.2, 0.1, 3.0), (0.8, 0.9, 15.0)) if in_time else Box((0.2, 0.1), (0.8, 0.9))
    expected = translocations(table, box.lower, box.upper)
    for boxes in ([box], [box, box]):
        found = translocations_of_union(table, boxes)
        assert_frame_equal(found, expected)


def test_a_track_does_not_leave_a_union_between_its_boxes() -> None:
    boxes = [Box((0, 0), (1, 1)), Box((1, 0), (2, 1))]
    table = translocations_of_union(line([0.5, 1.5, 0.7, 2.5, 0.2]), boxes)
    assert table["x"].tolist() == [0.5, 1.5, 0.7]
    assert table["n"].diff().tolist()[1:] == [0, 0]


def test_a_union_takes_no_localization_that_is_nowhere() -> None:
    with pytest.raises(InvalidInputError, match="finite"):
        translocations_of_union(line([0.5, np.nan, 0.7]), [Box((0, 0), (1, 1))])


def test_trajectories_and_back() -> None:
    whole = pd.concat([line([0.0, 1.0, 3.0]), line([7.0, 6.0], n=2)], ignore_index=True)
    assert_frame_equal(trajectories_of(translocations(whole)), whole)


def test_a_gap_between_translocations_makes_two_tracks() -> None:
    table = translocations(line([0.0, 1.0, 3.0, 4.0])).iloc[[0, 2]]
    found = trajectories_of(table)
    assert found["n"].tolist() == [1, 1, 2, 2]
    assert found["x"].tolist() == [0.0, 1.0, 3.0, 4.0]


def test_what_regions_share_is_done_once_and_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    n = np.repeat(np.arange(60), 20)
    table = pd.DataFrame({"n": n, "x": rng.uniform(0, 3, len(n)), "y": rng.uniform(0, 3, len(n))})
    table["t"] = np.tile(np.arange(20) * 0.1, 60)
    table["localization_precision"] = rng.uniform(0.01, 0.03, len(n))
    table["state"] = np.where(table["x"] > 1, "free", "bound")
    table["kept"] = table["y"] > 1
    table.attrs = {"frame_interval": 0.1}
    croppable = Croppable(table)
    one, other, timed = Box((0, 0), (1, 1)), Box((1, 0.5), (2, 3)), Box((0, 0, 0.5), (2, 2, 1.2))
    everything = Box((-np.inf, -np.inf), (np.inf, np.inf))
    for boxes in ([one], [other], [timed], [everything], [Box((9, 9), (10, 10))]):
        expected = translocations(table, boxes[0].lower, boxes[0].upper)
        result = croppable.translocations(boxes)
        assert_frame_equal(result, expected, check_exact=True)
        assert result.attrs == table.attrs
        assert content_hash(croppable.columns(boxes)) == content_hash(expected)
    union = translocations_of_union(table, [one, other])
    assert_frame_equal(croppable.translocations([one, other]), union, check_exact=True)
    assert content_hash(croppable.columns([one, other])) == content_hash(union)
    assert croppable.translocations([]) is table
    assert content_hash(croppable.columns([])) == content_hash(table)
    with pytest.raises(InvalidInputError, match="no column t"):
        Croppable(table.drop(columns="t"))
