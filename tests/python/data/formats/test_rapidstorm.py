"""rapidSTORM's files of tracks: each line has mean values, a number, and so many localizations."""

from pathlib import Path

import numpy as np
import pytest
from tracking_samples import INTERVAL, MOVIE

from tramway.data.formats import read_file
from tramway.errors import FileFormatError

FIELDS = [
    ("Position-0-0", "nanometer"),
    ("Position-1-0", "nanometer"),
    ("ImageNumber-0-0", "frame"),
]


def write(path: Path, rows: str) -> Path:
    described = "".join(f'<field identifier="{name}" unit="{unit}" />' for name, unit in FIELDS)
    path.write_text(
        f'# <localizations repetitions="variable">{described}<localizations '
        f'repetitions="variable">{described}</localizations></localizations>\n{rows}'
    )
    return path


def test_tracks(tmp_path: Path) -> None:
    rows = ""
    for _, track in MOVIE.groupby("n"):
        mean = track.mean()
        rows += f"{mean.x * 1000} {mean.y * 1000} {track.frame.max()} {len(track)}"
        rows += "".join(f" {r.x * 1000} {r.y * 1000} {r.frame}" for r in track.itertuples()) + "\n"
    path = write(tmp_path / "tracks.txt", rows)
    found = read_file(path, frame_interval=INTERVAL)
    assert found.facts.format == "rapidstorm"
    np.testing.assert_allclose(found.trajectories[["x", "y"]], MOVIE[["x", "y"]])
    np.testing.assert_allclose(found.trajectories["t"], MOVIE["frame"] * INTERVAL)
    assert found.trajectories["n"].tolist() == (MOVIE["n"] - 1).tolist()


@pytest.mark.parametrize("row", ["1 1 1 2 1 1 0", "1 1 1 x 1 1 0", "1 1", "1 1 1 1 1 1 zero"])
def test_row_that_is_wrong(row: str, tmp_path: Path) -> None:
    path = write(tmp_path / "tracks.txt", f"1 1 1 1 1 1 0\n{row}\n")
    with pytest.raises(
        FileFormatError, match=r"tracks\.txt, line 3: \d fields, expected 3 numbers"
    ):
        read_file(path, frame_interval=INTERVAL)
    with pytest.raises(FileFormatError, match="no track, expected one on each line"):
        read_file(write(path, "\n"), frame_interval=INTERVAL)
