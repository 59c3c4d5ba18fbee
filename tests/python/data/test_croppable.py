"""The hash by which a run knows the data of a region again."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway import _core
from tramway.data import Area, Box, Croppable, Polygon, translocations
from tramway.errors import InvalidInputError

HERE = [Box((1, 1), (2, 2))]
AREAS = {
    "box": HERE,
    "in time": [Box((1, 1, 0.2), (2, 2, 1.4))],
    "boxes": [Box((1, 1), (2, 1.5)), Box((1, 1.5), (2, 2))],
    "polygon": [Polygon([[[(1, 1), (2, 1), (2, 2), (1, 2)]]])],
}


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    steps = rng.normal(scale=0.1, size=(80, 20, 2)).cumsum(axis=1)
    places = (rng.uniform(0, 3, size=(80, 1, 2)) + steps).reshape(-1, 2)
    number, frame = np.divmod(np.arange(len(places)), 20)
    table = pd.DataFrame({"n": number, "x": places[:, 0], "y": places[:, 1], "t": 0.1 * frame})
    table["photons"] = rng.integers(100, 200, len(table))
    table["localization_precision"] = rng.uniform(0.01, 0.03, len(table))
    table["state"] = np.where(rng.uniform(size=len(table)) > 0.5, "free", "bound")
    table["kept"] = table["y"] > 1
    return table


def origins(table: pd.DataFrame, areas: list[Area]) -> np.ndarray:
    """Rows of the table that translocations of a region begin at."""
    places = Croppable(table).translocations(areas)[["x", "y"]].to_numpy()
    return np.array(
        [np.flatnonzero((table[["x", "y"]] == place).all(axis=1))[0] for place in places]
    )


@pytest.mark.parametrize("areas", AREAS.values(), ids=AREAS)
def test_what_is_elsewhere_has_no_influence(table: pd.DataFrame, areas: list[Area]) -> None:
    rows = origins(table, areas)
    assert len(rows) > 20
    elsewhere = np.setdiff1d(np.arange(len(table)), [*rows, *(rows + 1)])
    other = table.copy()
    outside = elsewhere[(other.loc[elsewhere, ["x", "y"]] < 0.9).any(axis=1)]
    other.loc[outside, "x"] -= 0.01
    other.loc[elsewhere, "photons"] += 1
    other.loc[elsewhere, "state"] = "lost"
    assert Croppable(other).digest(areas) == Croppable(table).digest(areas)
    fewer = table[: rows[-1] + 2]  # the last tracks are gone
    assert Croppable(fewer).digest(areas) == Croppable(table).digest(areas)


def up(values: pd.Series) -> pd.Series:
    return pd.Series(np.nextafter(values, np.inf), values.index)


CHANGES: dict[str, Callable[[pd.Series], object]] = {
    "x": up,
    "t": up,
    "photons": lambda photons: photons + 1,
    "localization_precision": up,
    "state": lambda state: state + "?",
    "kept": lambda kept: ~kept,
}


@pytest.mark.parametrize("areas", AREAS.values(), ids=AREAS)
@pytest.mark.parametrize("name", CHANGES)
def test_the_least_change_in_a_region_is_noticed(
    table: pd.DataFrame, name: str, areas: list[Area]
) -> None:
    digest = Croppable(table).digest(areas)
    rows = origins(table, areas)
    for row in (rows[0], rows[len(rows) // 2], rows[-1] + 1):  # where the last one ends, too
        other = table.copy()
        other.loc[[row], name] = CHANGES[name](table.loc[[row], name])
        assert Croppable(other).digest(areas) != digest


def test_columns_count_by_name_and_type(table: pd.DataFrame) -> None:
    digests = {
        Croppable(changed).digest(HERE)
        for changed in (
            table,
            table.drop(columns="kept"),
            table.rename(columns={"photons": "counts"}),
            table.astype({"photons": np.int32}),
            table.assign(n=table["n"] + 1),
        )
    }
    assert len(digests) == 5
    with pytest.raises(InvalidInputError, match="column 'day' holds"):
        Croppable(table.assign(day=date(2026, 1, 1))).digest(HERE)


def test_two_visits_are_not_one(table: pd.DataFrame) -> None:
    # The same places, in the same order: once in one track, once in two.
    whole = pd.DataFrame({"n": 1, "x": 1.5, "y": [1.1, 1.2, 1.3, 1.4], "t": [0.0, 0.1, 0.2, 0.3]})
    halves = whole.assign(n=[1, 1, 2, 2])
    assert Croppable(whole).digest(HERE) != Croppable(halves).digest(HERE)


def test_whole_tracks_are_known_beyond_the_region(table: pd.DataFrame) -> None:
    areas = HERE
    visitors = table.loc[origins(table, areas), "n"].unique()
    digest = Croppable(table).digest_of_tracks(areas)
    outside = ~table["x"].between(0.9, 2.1)
    of_visitor = np.flatnonzero(outside & table["n"].isin(visitors))[0]
    of_other = np.flatnonzero(outside & ~table["n"].isin(visitors))[0]
    other = table.copy()
    other.loc[of_other, "y"] += 1e-6
    assert Croppable(other).digest_of_tracks(areas) == digest
    other.loc[of_visitor, "y"] += 1e-6
    assert Croppable(other).digest_of_tracks(areas) != digest
    assert Croppable(other).digest(areas) == Croppable(table).digest(areas)


@pytest.mark.parametrize("thread_count", [1, 2, 3, 16])
def test_all_at_once_is_what_each_is(table: pd.DataFrame, thread_count: int) -> None:
    rng = np.random.default_rng(4)
    corners = np.sort(rng.uniform(-0.5, 3.5, size=(60, 2, 3)), axis=1)
    boxes = [[Box(*(bounds[:, :size]))] for bounds in corners for size in (2, 3)]
    everything = [Box((-np.inf, -np.inf), (np.inf, np.inf))]
    one_more_bound = [Box((0, 0, 0, 0), (1, 1, 1, 1))]  # there is no z
    regions = [*boxes, everything, *AREAS.values(), (), one_more_bound]
    before = _core.thread_count()
    _core.set_thread_count(thread_count)
    try:
        at_once = Croppable(table)
        at_once.look_at(regions)
    finally:
        _core.set_thread_count(before)
    possible = [*boxes, everything, *AREAS.values()]
    assert at_once._known.keys() == {tuple(areas) for areas in possible}
    for areas in regions[:-2]:
        each = Croppable(table)
        assert at_once.count(areas) == each.count(areas) == len(each.translocations(areas))
        assert at_once.digest(areas) == each.digest(areas)
    assert at_once.count(()) == len(table)
    with pytest.raises(InvalidInputError, match="one per space coordinate"):
        at_once.digest(one_more_bound)


halves = st.integers(0, 8).map(lambda number: number / 2)  # so that many rows are on borders
corners = st.tuples(halves, halves)
rings = st.lists(corners, min_size=3, max_size=6)


@st.composite
def some_area(draw: st.DrawFn) -> Area:
    if draw(st.booleans()):
        parts = draw(st.lists(st.lists(rings, min_size=1, max_size=2), min_size=1, max_size=2))
        try:
            return Polygon(parts)
        except InvalidInputError:  # all on one straight line
            return Box((1, 1), (3, 3))
    bounds = np.sort(draw(st.tuples(*[st.tuples(halves, halves)] * draw(st.sampled_from([2, 3])))))
    return Box(*bounds.T)


def one_by_one(table: pd.DataFrame, areas: list[Area]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and numbers of tracks in a region, by flags over the whole table."""
    places, times = table[["x", "y", "t"]].to_numpy(), table["t"].to_numpy()
    is_in, is_in_time = np.zeros((2, len(table)), dtype=bool)
    until = np.full(len(table), -np.inf)
    for area in areas:
        begin, end = (*area.lower, -np.inf)[2], (*area.upper, np.inf)[2]
        if isinstance(area, Polygon):
            inside = area.contains(places[:, :2])
        else:
            bounds = (*area.lower[:2], begin), (*area.upper[:2], end)
            inside = ((places >= bounds[0]) & (places <= bounds[1])).all(axis=1)
        is_in |= inside
        is_in_time |= (begin <= times) & (times <= end)
        until[inside] = np.maximum(until[inside], end)
    # The rule is that of a box, along an axis that says what is inside; other times are no rows.
    rows = np.flatnonzero(is_in_time)
    flags = pd.DataFrame({"n": table["n"], "x": 1.0 * is_in, "y": 0.0, "t": times})
    found = translocations(flags.assign(row=table.index).iloc[rows], (1, 0), (1, 0))
    origins = found["row"].to_numpy()
    kept = times[origins + 1] <= until[origins]
    return origins[kept], found["n"].to_numpy()[kept]


@given(
    st.lists(st.lists(some_area(), max_size=3), min_size=1, max_size=6),
    st.lists(st.tuples(st.booleans(), halves, halves), max_size=40),
)
def test_all_kinds_at_once_are_what_each_is_over_the_whole_table(
    regions: list[list[Area]], rows: list[tuple[bool, float, float]]
) -> None:
    begins, x, y = np.array(rows).reshape(-1, 3).T
    table = pd.DataFrame({"n": np.cumsum(begins).astype(int), "x": x, "y": y})
    table["t"] = np.arange(len(table)) / 8  # up to 5, the boxes up to 4
    table["photons"] = np.arange(len(table))
    at_once, each = Croppable(table), Croppable(table)
    at_once.look_at(regions)
    for areas in filter(None, regions):
        origins, numbers = one_by_one(table, areas)
        cropped = each.translocations(areas)
        assert cropped["photons"].tolist() == origins.tolist()
        assert cropped["n"].tolist() == numbers.tolist()
        digest = each._core.digest(origins, numbers, *each._others)
        assert (at_once.count(areas), at_once.digest(areas)) == (len(origins), digest)
        assert at_once._known[tuple(areas)] == (each.count(areas), each.digest(areas))


def test_a_polygon_that_is_no_region_of_the_trajectories_is_refused_when_its_hash_is_asked_for(
    table: pd.DataFrame,
) -> None:
    croppable = Croppable(table.assign(z=0.0))
    croppable.look_at([AREAS["polygon"]])
    with pytest.raises(InvalidInputError, match=r"a polygon, and the trajectories have z"):
        croppable.digest(AREAS["polygon"])


def test_columns_without_a_hash_are_refused_when_it_is_asked_for(table: pd.DataFrame) -> None:
    croppable = Croppable(table.assign(day=date(2026, 1, 1)))
    croppable.look_at([HERE])
    with pytest.raises(InvalidInputError, match="column 'day' holds"):
        croppable.digest(HERE)


def test_hashes_stay_those_of_runs_that_are_under_way() -> None:
    # What this said when regions were looked at one by one.
    table = pd.DataFrame(
        {"n": 1, "x": [1.0, 1.25, 1.5, 1.0], "y": [1.5, 1.25, 1.75, 1.5], "t": [0.0, 0.5, 1.0, 1.5]}
    )
    triangle = [Polygon([[[(1, 1), (2, 1), (1, 2)]]])]
    in_turn = [Box((1, 1, 0), (2, 2, 0.5)), Box((1, 1, 0.5), (2, 2, 1.2))]
    for areas, digest in [
        (HERE, "d5fbb14cb70db5d258fec9925c036c08"),
        (triangle, "9f64ee0c0485faf6146c552182327d2b"),
        (in_turn, "9f64ee0c0485faf6146c552182327d2b"),  # of the same two
    ]:
        croppable = Croppable(table)
        one_by_one = croppable.digest(areas)
        croppable.look_at([areas])
        assert croppable.digest(areas) == one_by_one == digest
