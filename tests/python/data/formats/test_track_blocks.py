"""All tracks of files of several formats, some at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.data.formats import read_file, read_track_blocks
from tramway.data.formats.reader import Localizations
from tramway.errors import FileFormatError, InvalidInputError


def table(tracks: int = 40) -> pd.DataFrame:
    """Tracks of ten localizations in a box of 4 µm, nm and frames."""
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 4, (tracks, 1, 3)) + rng.normal(0, 0.1, (tracks, 10, 3)).cumsum(axis=1)
    x, y, z = 1000 * places.reshape(-1, 3).T
    columns = {"x [nm]": x, "y [nm]": y, "z [nm]": z, "frame": np.tile(np.arange(10), tracks)}
    return pd.DataFrame({"n": np.repeat(np.arange(3, 3 + tracks), 10), **columns})


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 37 rows."""
    from tramway.data.formats import track_blocks as room

    read = room.pieces_of

    def small(*given: object) -> Iterator[Localizations]:
        for piece in read(*given):  # type: ignore[arg-type]
            for begin in range(0, len(piece.columns["n"]), 37):
                some = {k: v[begin : begin + 37] for k, v in piece.columns.items()}
                yield Localizations(**{**vars(piece), "columns": some})

    monkeypatch.setattr(room, "pieces_of", small)


def check(path: Path) -> pd.DataFrame:
    """Blocks are the file that is read as a whole."""
    whole = read_file(path, frame_interval=0.02).trajectories
    blocks = [one.trajectories for one in read_track_blocks(path, frame_interval=0.02)]
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), whole)
    return whole


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_blocks_are_the_file_that_is_read_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"spots.{kind}"
    spots = table()
    if kind == "parquet":
        pytest.importorskip("pyarrow")
        spots.to_parquet(path)
    else:
        spots.to_csv(path, index=False)
    assert list(check(path)) == ["n", "x", "y", "z", "t"]


@pytest.mark.usefixtures("in_small_pieces")
def test_depth_is_that_of_the_file_not_of_a_block(tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    spots = table()
    spots.loc[spots["n"] < 20, "z [nm]"] = 5.0
    spots.to_csv(path, index=False)
    assert "z" in check(path)
    spots["z [nm]"] = 5.0
    spots.to_csv(path, index=False)
    assert "z" not in check(path)
    spots["z [nm]"] = np.nan
    spots.to_csv(path, index=False)
    assert "z" not in check(path)


@pytest.mark.usefixtures("in_small_pieces")
def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    spots = table()
    spots.loc[spots["n"] == 30, "x [nm]"] = np.nan
    spots.loc[101, "y [nm]"] = np.nan
    spots.to_csv(path, index=False)
    with pytest.warns(match="left out"):
        whole = read_file(path, frame_interval=0.02).trajectories
    with pytest.warns(match="left out"):
        blocks = [one.trajectories for one in read_track_blocks(path, frame_interval=0.02)]
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), whole)
    spots["x [nm]"] = np.nan
    spots.to_csv(path, index=False)
    with pytest.raises(FileFormatError, match="has a place and a time"):
        list(read_track_blocks(path, frame_interval=0.02))


def test_files_that_cannot_be_read_so_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    table().drop(columns="n").to_csv(path, index=False)
    with pytest.raises(InvalidInputError, match=r"not read in pieces.*streaming = False"):
        list(read_track_blocks(path, frame_interval=0.02))


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("order", ["frame", "none"])
def test_tracks_in_any_order(tmp_path: Path, order: str) -> None:
    path = tmp_path / "spots.csv"
    spots = table()
    spots = spots.sample(frac=1, random_state=0) if order == "none" else spots.sort_values(order)
    spots.to_csv(path, index=False)
    assert len(check(path)) == 400
