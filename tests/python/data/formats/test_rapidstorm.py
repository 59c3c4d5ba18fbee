"""rapidSTORM's files of tracks: each line has mean values, a number, and so many localizations."""

from pathlib import Path

import numpy as np
import pytest
from tracking_samples import INTERVAL, MOVIE

from tramway.data.formats import Linking, read_file
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


@pytest.mark.parametrize("beginning", ["# ", "#"])
def test_columns_in_any_order_and_units_of_their_own(beginning: str, tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    fields = [("ImageNumber-0-0", "frame"), ("Position-1-0", "nanometer")]
    fields += [("Position-2-0", "micrometer"), ("Position-0-0", "nanometer")]
    fields += [(f"Position-{axis}-0-uncertainty", "micrometer") for axis in (0, 1)]
    described = "".join(f'<field unit="{unit}" identifier="{name}"/>' for name, unit in fields)
    path = tmp_path / "cell.txt"
    path.write_text(
        f"{beginning}<localizations>{described}</localizations>\n"
        "0 2500 0.1 1500 0.03 0.04\n1 2500 0.14 1600 0.03 0.04\n"
    )
    found = read_file(path, frame_interval=INTERVAL, linking=Linking(0.5))
    assert found.facts.format == "rapidstorm"
    table = found.trajectories
    np.testing.assert_allclose(table[["x", "y", "z"]], [[1.5, 2.5, 0.1], [1.6, 2.5, 0.14]])
    np.testing.assert_allclose(table["localization_precision"], np.sqrt((0.03**2 + 0.04**2) / 2))


def test_times_in_seconds(tmp_path: Path) -> None:
    fields = [*FIELDS[:2], ("ImageNumber-0-0", "second")]
    described = "".join(f'<field unit="{unit}" identifier="{name}"/>' for name, unit in fields)
    path = tmp_path / "tracks.txt"
    path.write_text(
        f"# <localizations>{described}<localizations>{described}</localizations></localizations>\n"
        "1 1 0 2 1500 2500 0 1600 2500 0.05\n"
    )
    assert read_file(path).trajectories["t"].tolist() == [0, 0.05]
