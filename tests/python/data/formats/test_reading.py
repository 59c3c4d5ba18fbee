"""The traps of tracking files, each handled once for all formats, and reported."""

from pathlib import Path

import numpy as np
import pytest
from tracking_samples import MOVIE, SAMPLES

from tramway.data.formats import Linking, Reading, read_file
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError

SPOTON = "frame,t,trajectory,x,y\n"


def read_spoton(tmp_path: Path, rows: str, header: str = SPOTON) -> Reading:
    path = tmp_path / "cell.csv"
    path.write_text(header + rows)
    return read_file(path)


def test_rows_out_of_order_are_sorted(tmp_path: Path) -> None:
    found = read_spoton(tmp_path, "2,0.2,1,2,0\n0,0.0,1,0,0\n0,0.0,2,9,9\n1,0.1,1,1,0\n")
    assert found.trajectories["x"].tolist() == [0, 1, 2, 9]
    assert any("they were sorted" in note for note in found.facts.notes)


def test_several_localizations_of_one_track_and_frame(tmp_path: Path) -> None:
    with pytest.warns(DataQualityWarning, match=r"2 localizations of 1 tracks share track and"):
        found = read_spoton(tmp_path, "0,0,1,0,0\n1,0.1,1,1,0\n1,0.1,1,5,5\n1,0.1,1,6,6\n")
    assert found.trajectories["x"].tolist() == [0, 1]
    assert found.facts.localizations == 4


def test_localizations_that_are_not_finite(tmp_path: Path) -> None:
    with pytest.warns(DataQualityWarning, match=r"2 localizations without finite coordinates"):
        found = read_spoton(tmp_path, "0,0,1,0,0\n1,0.1,1,nan,0\n2,0.2,1,inf,1\n3,0.3,1,1,1\n")
    assert found.trajectories["t"].tolist() == [0, 0.3]
    with pytest.raises(FileFormatError, match="no localization has finite coordinates"):
        read_spoton(tmp_path, "0,0,1,nan,0\n")


def test_localizations_of_no_track(tmp_path: Path) -> None:
    found = read_spoton(tmp_path, "0,0,1,0,0\n0,0,-1,3,3\n1,0.1,1,1,0\n1,0.1,,4,4\n")
    assert found.trajectories["n"].tolist() == [1, 1]
    assert found.facts.without_track == 2


def test_localizations_of_which_none_has_a_track_are_linked(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"a\.tracker\.from_trackpy\(search_range="):
        read_spoton(tmp_path, "0,0,,0,0\n1,0.1,,0.1,0\n")
    pytest.importorskip("trackpy")
    found = read_file(tmp_path / "cell.csv", linking=Linking(0.5))
    assert found.trajectories["n"].nunique() == 1
    assert "no localization belongs to a track" in found.facts.notes


def test_gaps_are_counted_and_their_lags_kept(tmp_path: Path) -> None:
    found = read_spoton(tmp_path, "0,0,1,0,0\n1,0.1,1,1,0\n4,0.4,1,1,1\n")
    assert found.facts.gaps == 1
    assert np.diff(found.trajectories["t"]).round(9).tolist() == [0.1, 0.3]


def test_a_table_of_no_program_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_text("Mol,Pic,a [µm],b [µm]\n7,0,1.5,2\n7,1,1.6,2\n")
    with pytest.raises(FileFormatError, match="of another table, name the `columns`"):
        read_file(path)
    named = {"n": "Mol", "frame": "Pic", "x": "a [µm]", "y": "b [µm]"}
    found = read_file(path, frame_interval=0.02, options={"columns": named})
    assert found.facts.format == "csv"
    assert found.trajectories["x"].tolist() == [1.5, 1.6]


def test_names_in_the_header_of_trackmate_are_no_units(tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    rows = "LABEL,TRACK_ID,POSITION_X,POSITION_Y,FRAME\nLabel,Track ID,X,Y,Frame\n"
    path.write_text(rows + "ID1,0,1.5,2,0\nID2,0,1.6,2,1\n")
    with pytest.raises(InvalidInputError, match="the file does not say the unit of positions"):
        read_file(path)


@pytest.mark.parametrize(
    ("times", "gaps"),
    [
        ([0, 0.02, 0.04, 0.08, 0.14], 2),
        ([0, 0.03, 0.07, 0.10, 0.17], 1),  # every 33 ms, rounded
        ([0, 0.02, 0.05, 0.10], None),
        ([0.5], 0),
    ],
)
def test_gaps_of_times(tmp_path: Path, times: list[float], gaps: int | None) -> None:
    path = tmp_path / "cell.trxyt"
    rows = [f"1 {k / 10} 0 {t}\n" for k, t in enumerate(times)]
    path.write_text("".join(rows) + "2 5 5 0.5\n")  # from track to track is no step
    assert read_file(path).facts.gaps == gaps


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,0.1,1.5,0,0", "track number 1.5 of localization 2, expected a whole number"),
        ("1,0.1,1e300,0,0", "track number 1e[+]300"),
        ("1,0.1,1,zero,0", r"line 3: x is `zero`; expected a number"),
        ("1,0.1,1,0,0,0,0", "line 3: 7 fields; expected 5 as in the other rows"),
    ],
)
def test_rows_that_are_wrong_are_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=rf"cell\.csv.*{message}"):
        read_spoton(tmp_path, f"0,0,1,0,0\n{row}\n")


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    with pytest.warns(DataQualityWarning, match="several columns are called x: the first"):
        found = read_spoton(
            tmp_path, "0,0,1,0.5,1,9\n1,0.1,1,0.6,1,9\n", "frame,t,trajectory,x,y,x\n"
        )
    assert found.trajectories["x"].tolist() == [0.5, 0.6]


def test_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    found = read_spoton(tmp_path, "7,3,0,0,1\n8,4,0.1,1,1\n", "y,x,t,frame,trajectory\n")
    assert found.trajectories[["x", "y"]].to_numpy().tolist() == [[3, 7], [4, 8]]


def test_one_set_of_numbers_in_two_files_is_two_sets_of_tracks(tmp_path: Path) -> None:
    from tramway.analyzer import spt_data

    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(SPOTON + "0,0,1,0,0\n1,0.1,1,1,0\n")
    sources = spt_data.from_files(tmp_path / "*.csv")
    assert [len(source.dataframe) for source in sources] == [2, 2]


def test_precision_that_is_missing_is_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "trajs.csv"
    path.write_text(
        "y,x,y_err,x_err,frame,trajectory\n0,0,0.3,0.3,0,1\n1,1,nan,0.1,1,1\n2,2,0.1,0.1,2,1\n"
    )
    with pytest.warns(DataQualityWarning, match="1 localizations have no precision above zero"):
        found = read_file(path, pixel_size=0.1, frame_interval=0.1)
    np.testing.assert_allclose(found.trajectories["localization_precision"], [0.03, 0.02, 0.01])


def test_units_of_the_file_are_taken_and_can_be_replaced(tmp_path: Path) -> None:
    path = SAMPLES["trackmate"].write(tmp_path)
    facts = read_file(path).facts
    assert (facts.pixel_size, facts.frame_interval) == (0.1, 0.02)
    other = read_file(path, pixel_size=0.2, frame_interval=0.05)
    np.testing.assert_allclose(other.trajectories["x"], 2 * MOVIE["x"])
    np.testing.assert_allclose(other.trajectories["t"], 0.05 * MOVIE["frame"])
    assert "pixels of 0.2 µm instead of the 0.1 µm of the file" in other.facts.notes
    assert "frames every 0.05 s instead of the 0.02 s of the file" in other.facts.notes


def test_pixel_size_that_has_no_use_is_said_so(tmp_path: Path) -> None:
    path = SAMPLES["spoton"].write(tmp_path)
    with pytest.warns(DataQualityWarning, match="pixel_size is not used: positions are in µm"):
        found = read_file(path, pixel_size=0.2)
    np.testing.assert_allclose(found.trajectories["x"], MOVIE["x"])
    scaled = read_file(path, coordinate_scale=0.5)
    np.testing.assert_allclose(scaled.trajectories["x"], MOVIE["x"] * 0.5)


def test_first_frame_is_at_zero_whatever_its_number(tmp_path: Path) -> None:
    # TrackMate counts frames from 0, swift from 1.
    assert read_file(SAMPLES["trackmate"].write(tmp_path)).trajectories["t"].min() == 0
    found = read_file(SAMPLES["swift"].write(tmp_path), frame_interval=0.02)
    assert found.trajectories["t"].min() == 0
    assert found.facts.first_frame == 1


def test_localizations_that_cannot_be_linked(tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    path = tmp_path / "storm.csv"
    grid = [f"{frame},{10 * i},{10 * j}" for frame in (1, 2) for i in range(9) for j in range(9)]
    path.write_text("frame,x [nm],y [nm]\n" + "\n".join(grid))
    with pytest.raises(InvalidInputError, match=r"search_range of 1 µm leaves too many ways"):
        read_file(path, frame_interval=0.1, linking=Linking(1.0))


def test_memory_links_over_missing_frames(tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    path = tmp_path / "storm.csv"
    path.write_text("frame,x [nm],y [nm]\n1,0,0\n2,10,0\n4,20,0\n1000000000,20,0\n")
    tracks = [
        read_file(path, frame_interval=0.1, linking=Linking(0.1, memory)).facts.tracks
        for memory in (0, 1)
    ]
    assert tracks == [3, 2]
