"""Tracks that some translocations are of: found to the bit, or not at all."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tramway.data import Box, Croppable, Polygon, translocations
from tramway.data.whole_tracks import whole_tracks

LOWER, UPPER = (0.8, 0.8), (1.6, 1.6)  # µm


@pytest.fixture(name="table")
def _table(movie: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    table = movie(0)
    table["state"] = np.where(table["x"] > 1, "free", "bound")
    return table


def visitors(table: pd.DataFrame) -> pd.DataFrame:
    """All translocations of the tracks that begin a translocation in the region, one by one."""
    kept = []
    for _, track in table.groupby("n"):
        steps = translocations(track)
        x, y = steps["x"].to_numpy(), steps["y"].to_numpy()
        inside = (x >= LOWER[0]) & (x <= UPPER[0]) & (y >= LOWER[1]) & (y <= UPPER[1])
        # The rule of regions: a track that leaves it by its first translocation is not there.
        if inside[1:].any() or (inside[0] and inside_at_end(track.iloc[1])):
            kept.append(steps)
    return pd.concat(kept, ignore_index=True)


def inside_at_end(place: "pd.Series[float]") -> bool:
    return all(
        low <= place[axis] <= high for axis, low, high in zip("xy", LOWER, UPPER, strict=True)
    )


def test_all_of_the_tracks_that_are_in_a_region_and_nothing_else(table: pd.DataFrame) -> None:
    steps = translocations(table, LOWER, UPPER)
    found = whole_tracks(table, steps)
    assert found is not None
    tracks, rows = found
    without_numbers = [name for name in steps if name != "n"]
    assert_frame_equal(tracks[without_numbers], visitors(table)[without_numbers], check_exact=True)
    of_steps = tracks.iloc[rows].reset_index(drop=True)
    assert_frame_equal(of_steps[without_numbers], steps[without_numbers], check_exact=True)
    assert len(np.unique(rows)) == len(steps)


@pytest.mark.parametrize(
    "areas",
    [
        [Box(LOWER, UPPER)],
        [Box((0.8, 0.8, 0.0), (1.6, 1.6, 0.1))],
        [Box((0.8, 0.8), (1.2, 1.6)), Box((1.2, 0.8), (1.6, 1.6))],
        [Polygon([[[(0.8, 0.8), (1.6, 0.8), (1.2, 1.6)]]])],
    ],
    ids=["box", "in time", "boxes", "polygon"],
)
def test_those_cut_out_beforehand_are_the_same(table: pd.DataFrame, areas: list[Box]) -> None:
    croppable = Croppable(table)
    steps = croppable.translocations(areas)
    of_all = whole_tracks(table, steps)
    few = pd.DataFrame(croppable.columns_of_tracks(areas))
    of_few = whole_tracks(few, steps)
    assert of_all is not None
    assert of_few is not None
    assert_frame_equal(of_all[0].drop(columns="n"), of_few[0].drop(columns="n"), check_exact=True)
    assert np.array_equal(of_all[1], of_few[1])
    # Whoever is cut out is whole, and none of the others is there.
    assert few["n"].nunique() == of_few[0]["n"].nunique()
    assert len(few) == len(of_few[0]) + few["n"].nunique()
    assert few["n"].is_monotonic_increasing


def test_some_of_the_steps_are_found_like_all(table: pd.DataFrame) -> None:
    steps = translocations(table, LOWER, UPPER)
    some = steps[(steps["dx"] ** 2 > 0.001).to_numpy()].sample(frac=1, random_state=0)
    found = whole_tracks(table, some)
    assert found is not None
    assert np.array_equal(found[0]["dx"].to_numpy()[found[1]], some["dx"])


def test_steps_that_are_alike_are_found_one_by_one(table: pd.DataFrame) -> None:
    twice = pd.concat([table, table.assign(n=table["n"] + table["n"].max())], ignore_index=True)
    steps = translocations(twice, LOWER, UPPER)
    found = whole_tracks(twice, steps)
    assert found is not None
    assert len(np.unique(found[1])) == len(steps)
    assert whole_tracks(table, steps) is None


@pytest.mark.parametrize(
    "other",
    [
        lambda table: table.assign(x=table["x"] + 1e-12),
        lambda table: table.drop(columns="n"),
        lambda table: table.drop(columns="state"),
        lambda table: table.iloc[::-1],
        lambda table: table[table["n"] > 2],
        lambda table: table.iloc[:0],
        translocations,
    ],
    ids=["moved", "no tracks", "no column", "unsorted", "fewer", "empty", "translocations"],
)
def test_other_trajectories_are_none(
    table: pd.DataFrame, other: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    assert whole_tracks(other(table), translocations(table, (0, 0), (1.4, 3))) is None


def test_nothing_is_outside_of_all_of_it(table: pd.DataFrame) -> None:
    assert whole_tracks(table, translocations(table)) is None
    assert whole_tracks(table, translocations(table, (9, 9), (10, 10))) is None
