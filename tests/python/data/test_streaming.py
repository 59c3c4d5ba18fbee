"""Tracks that visit regions, out of files that are read in pieces."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tramway.data import (
    Area,
    Box,
    Polygon,
    read_trajectories,
    stream_trajectories,
    translocations_of_union,
)
from tramway.data.streaming import Survey, kept
from tramway.data.translocations import translocations
from tramway.errors import FileFormatError, InvalidInputError

WHOLE_LINES = 200_000
"""Rows of a file that is read in several pieces of 4 MiB."""


def random_table(seed: int, tracks: int, length: int = 6, dimension: int = 2) -> pd.DataFrame:
    """Tracks on a grid of places, so that they lie on borders, with gaps in their numbers."""
    rng = np.random.default_rng(seed)
    number = np.repeat(np.sort(rng.choice(4 * tracks, tracks, replace=False)), length)
    places = rng.integers(0, 8, (len(number), dimension)) / 2.0
    columns = dict(zip("xyz", places.T, strict=False))
    return pd.DataFrame({"n": number, **columns, "t": np.tile(np.arange(length) / 4.0, tracks)})


def pieces_of(table: pd.DataFrame, size: int) -> list[dict[str, np.ndarray]]:
    columns = {name: table[name].to_numpy() for name in table}
    return [
        {name: values[begin : begin + size] for name, values in columns.items()}
        for begin in range(0, len(table), size)
    ]


def cut(table: pd.DataFrame, areas: Sequence[Area]) -> pd.DataFrame:
    if len(areas) == 1 and isinstance(areas[0], Box):
        return translocations(table, areas[0].lower, areas[0].upper)
    return translocations_of_union(table, areas)


def boxes(dimension: int) -> st.SearchStrategy[Box]:
    ends = st.lists(st.integers(-1, 9), min_size=2, max_size=2).map(sorted)
    return st.lists(ends, min_size=dimension, max_size=dimension).map(
        lambda sides: Box(*zip(*[(low / 2, high / 2) for low, high in sides], strict=True))
    )


TRIANGLE = Polygon([[[(0.5, 0.5), (3, 0.5), (0.5, 3)]]])


@pytest.mark.slow
@settings(max_examples=50)
@given(
    st.integers(0, 999),
    st.integers(1, 12),
    st.integers(1, 40),
    st.integers(2, 4).flatmap(
        lambda size: st.lists(
            st.lists(boxes(size), min_size=1, max_size=2).map(tuple), min_size=1, max_size=3
        )
    ),
)
def test_regions_cut_out_of_what_is_kept_are_those_cut_out_of_all(
    seed: int, tracks: int, size: int, regions: list[tuple[Area, ...]]
) -> None:
    bounds = len(regions[0][0].lower)
    for dimension in {2, 3} & {bounds, bounds - 1}:
        table = random_table(seed, tracks, dimension=dimension)
        wanted = [*regions, (TRIANGLE,)] if dimension == 2 else regions
        shuffled = table.sample(frac=1, random_state=seed)
        survey = Survey(wanted)
        for piece in pieces_of(shuffled, size):
            survey.add(piece)
        assert survey.count == len(table)
        pd.testing.assert_frame_equal(survey.bounds, table.agg(["min", "max"]))
        few = pd.DataFrame(kept(pieces_of(shuffled, size), survey.tracks))
        few = few.sort_values(["n", "t"], ignore_index=True)
        for areas in wanted:
            pd.testing.assert_frame_equal(cut(few, areas), cut(table, areas))


def test_a_localization_without_a_place_visits_nothing() -> None:
    survey = Survey([(Box((0, 0), (9, np.inf)),)])
    survey.add(
        {
            "n": np.array([1, 2, 3, 4]),
            "x": np.array([50.0, 50.0, np.nan, 5.0]),
            "y": np.array([1.0, 1.0, 1.0, np.nan]),
            "t": np.zeros(4),
        }
    )
    assert survey.tracks.tolist() == [1, 2]  # the first two, from which tracks are numbered on
    assert survey.bounds["x"].tolist() == [5.0, 50.0]


@pytest.mark.slow
def test_a_file_of_several_pieces_is_read_as_by_columns_and_scales(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    rng = np.random.default_rng(0)
    table = random_table(0, WHOLE_LINES // 6)
    table["sigma"] = rng.uniform(10, 30, len(table))  # nm
    table["intensity"] = rng.integers(0, 9, len(table))
    table.sample(frac=1, random_state=0).to_csv(path, sep="\t", index=False)
    how = {
        "columns": ["n", "x", "y", "t", "sigma", "signal"],
        "coordinate_scale": 1e-3,
        "precision_column": "sigma",
        "time_scale": 0.5,
    }
    with pytest.warns(match="back in time"):
        streamed = stream_trajectories(path, [(Box((0, 0), (9e-4, 9e-4)),)], **how)
    with pytest.warns(match="back in time"):
        whole = read_trajectories(path, **how)
    pd.testing.assert_frame_equal(streamed.bounds, whole.agg(["min", "max"]))
    assert streamed.size == len(whole)
    expected = whole[whole["n"].isin(streamed.trajectories["n"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(streamed.trajectories, expected)


def test_errors_are_those_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    regions = [(Box((0, 0), (1, 1)),)]
    for text, problem in (
        ("", "no data"),
        ("n x y t\n", "no data below the header"),
        ("1 0 0 0\n1 0 0\n", "line 2: 3 fields"),
        ("1 0 0 0\n1 0 nan 1\n", "line 2: y is NaN"),
        ("n x z t\n1 0 0 0\n", "no column y"),
        ("1 0 0 0\n1 0 0 0\n", "one localization per track and time"),
    ):
        path.write_text(text)
        with pytest.raises(FileFormatError, match=problem):
            read_trajectories(path)
        with pytest.raises(FileFormatError, match=problem):
            stream_trajectories(path, regions)
    path.write_text("x y t\n0 0 0\n")
    with pytest.raises(InvalidInputError, match=r"no tracks.*streaming = False"):
        stream_trajectories(path, regions)
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        stream_trajectories(tmp_path / "none.txt", regions)
