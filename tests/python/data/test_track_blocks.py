"""All tracks of a text file, some at a time."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.data import read_trajectories, track_blocks
from tramway.data.track_blocks import telling_once, whole_tracks
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError


def columns_of(*numbers: int) -> dict[str, np.ndarray]:
    return {"n": np.array(numbers), "x": np.arange(len(numbers)) / 8.0}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_pieces_are_cut_between_tracks(size: int) -> None:
    whole = columns_of(1, 1, 1, 1, 2, 4, 4, 4, 9)
    pieces = [{k: v[b : b + size] for k, v in whole.items()} for b in range(0, 9, size)]
    blocks = list(whole_tracks([columns_of(), *pieces], "a table"))
    tracks = [set(block["n"]) for block in blocks]
    assert sum(map(len, tracks)) == 4  # no track is in two
    for name, values in whole.items():
        np.testing.assert_array_equal(np.concatenate([b[name] for b in blocks]), values)


@pytest.mark.parametrize("pieces", [[(1, 3), (2, 4)], [(1, 3, 2)], [(2, 2), (2, 1), (1, 5, 2)]])
def test_tracks_out_of_order_are_sorted(pieces: list[tuple[int, ...]]) -> None:
    given = columns_of(*(number for piece in pieces for number in piece))
    order = np.argsort(given["n"], kind="stable")
    ends = np.cumsum([len(piece) for piece in pieces])[:-1]
    parts = zip(*(np.split(values, ends) for values in given.values()), strict=True)
    blocks = list(whole_tracks([dict(zip(given, part, strict=True)) for part in parts], "a table"))
    for name, values in given.items():
        joined = np.concatenate([block[name] for block in blocks])
        np.testing.assert_array_equal(joined, values[order])


def test_tracks_that_come_again_are_refused() -> None:
    pieces = [columns_of(*piece) for piece in ((1, 2), (2, 3), (4, 1))]
    with pytest.raises(
        InvalidInputError, match=r"a table: track 1 comes again after track 2.*sort"
    ):
        list(whole_tracks(pieces, "a table"))


def test_what_is_said_of_all_blocks_is_said_once() -> None:
    told: set[str] = set()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for count in (3, 40, 5):
            with telling_once(told):
                warnings.warn(f"{count} tracks go back", DataQualityWarning, stacklevel=1)
                if count == 5:
                    warnings.warn("another thing", DataQualityWarning, stacklevel=1)
    assert [str(one.message) for one in caught] == ["3 tracks go back", "another thing"]


@pytest.mark.slow
def test_blocks_are_the_file_that_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    rng = np.random.default_rng(0)
    tracks = 40_000  # several pieces of 4 MiB
    table = pd.DataFrame(
        {
            "n": np.repeat(np.arange(tracks) * 3, 7),
            "x": rng.uniform(0, 900, 7 * tracks),  # nm
            "y": rng.uniform(0, 900, 7 * tracks),
            "t": rng.permuted(np.tile(np.arange(7), (tracks, 1)), axis=1).ravel(),
        }
    )
    table.to_csv(path, sep="\t", index=False)
    how = {"coordinate_scale": 1e-3, "time_scale": 0.5}
    with pytest.warns(match="back in time"):
        blocks = list(track_blocks(path, **how))
    with pytest.warns(match="back in time"):
        whole = read_trajectories(path, **how)
    assert len(blocks) > 1
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), whole)


def test_errors_are_those_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    for text, problem in (
        ("1 0 0 0\n1 0 nan 1\n", "line 2: y is NaN"),
        ("1 0 0 0\n1 0 0 0\n", "one localization per track and time"),
        ("x y t\n0 0 0\n", r"no tracks.*streaming = False"),
    ):
        path.write_text(text)
        with pytest.raises((FileFormatError, InvalidInputError), match=problem):
            list(track_blocks(path))
