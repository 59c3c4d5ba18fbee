"""Files of several formats that are read in pieces."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.data import Box, translocations
from tramway.data.formats import read_file, stream_file
from tramway.errors import FileFormatError, InvalidInputError

BOX = Box((0.5, 0.5), (1.5, 1.0))


def table(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Tracks of ten localizations in a square of 4 µm, one frame every 20 ms."""
    rng = np.random.default_rng(seed)
    tracks = rows // 10
    places = rng.uniform(0, 4, (tracks, 1, 2)) + rng.normal(0, 0.1, (tracks, 10, 2)).cumsum(axis=1)
    x, y = places.reshape(-1, 2).T
    return pd.DataFrame(
        {
            "n": np.repeat(np.arange(3, 3 + tracks), 10),
            "x": x,
            "y": y,
            "frame": np.arange(rows) % 10,
        }
    )


def check(path: Path, **how: object) -> None:
    """What is cut out of a file that is read in pieces is what is cut out of the whole."""
    whole = read_file(path, **how)  # type: ignore[arg-type]
    few, bounds = stream_file(path, [(BOX,)], **how)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(bounds, whole.trajectories.agg(["min", "max"]))
    assert len(few.trajectories) < len(whole.trajectories)
    pd.testing.assert_frame_equal(
        translocations(few.trajectories, *BOX), translocations(whole.trajectories, *BOX)
    )
    assert f"read in pieces: {len(whole.trajectories)} localizations" in few.facts.notes[-1]


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_tables_of_text(tmp_path: Path, packed: str) -> None:
    path = tmp_path / f"spots.csv{packed}"
    movie = table().rename(columns={"x": "x [nm]", "y": "y [nm]"})
    movie[["x [nm]", "y [nm]"]] *= 1000
    movie.to_csv(path, index=False)
    check(path, frame_interval=0.02)


def test_text_in_micrometers_and_seconds(tmp_path: Path) -> None:
    path = tmp_path / "movie.trxyt"
    movie = table()
    movie["frame"] *= 0.02
    movie.to_csv(path, sep="\t", index=False, header=False)
    check(path)


def test_a_format_of_known_columns(tmp_path: Path) -> None:
    path = tmp_path / "mosaic.csv"
    movie = table().rename(columns={"n": "Trajectory", "frame": "Frame"})
    movie.to_csv(path)
    check(path, pixel_size=1.0, frame_interval=0.02)


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "movie.parquet"
    table().to_parquet(path, row_group_size=90)
    check(path, pixel_size=1.0, frame_interval=0.02)


def test_a_depth_that_differs_elsewhere_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "movie.csv"
    movie = table()
    movie["z"] = np.where(movie["x"] > 3, 0.5, 0.0)
    movie.to_csv(path, index=False)
    how = {"coordinate_scale": 1.0, "frame_interval": 0.02}
    box = Box((0.5, 0.5, -1), (1.5, 1.0, 1))
    few, _ = stream_file(path, [(box,)], **how)  # type: ignore[arg-type]
    assert np.ptp(few.trajectories["z"]) == 0
    whole = read_file(path, **how).trajectories  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(
        translocations(few.trajectories, *box), translocations(whole, *box)
    )


def test_what_cannot_be_read_in_pieces_is_said(tmp_path: Path) -> None:
    path = tmp_path / "movie.csv"
    how = {"coordinate_scale": 1.0, "frame_interval": 0.02}
    table().drop(columns="n").to_csv(path, index=False)
    with pytest.raises(InvalidInputError, match=r"no tracks.*streaming = False"):
        stream_file(path, [(BOX,)], **how)  # type: ignore[arg-type]
    movie = table()
    movie["localization_precision"] = np.where(np.arange(400) % 3, 0.02, 0.0)
    movie.to_csv(path, index=False)
    with pytest.raises(InvalidInputError, match=r"median of the file.*streaming = False"):
        stream_file(path, [(BOX,)], **how)  # type: ignore[arg-type]
    path.write_text("<?xml version='1.0'?><TrackMate version='7.0'><Model></Model></TrackMate>")
    with pytest.raises(InvalidInputError, match=r"not read in pieces: set a\.spt_data\.streaming"):
        stream_file(path, [(BOX,)])
    table().assign(n=np.nan).to_csv(path, index=False)
    with pytest.raises(FileFormatError, match="no localization belongs to a track"):
        stream_file(path, [(BOX,)], **how)  # type: ignore[arg-type]
