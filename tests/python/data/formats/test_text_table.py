"""Tables of text as programs and people write them: marks, comments, ends of lines."""

from pathlib import Path

import pytest

from tramway.data.formats import read_file, read_localizations, reader_of
from tramway.data.formats.file_start import FileStart
from tramway.errors import FileFormatError, InvalidInputError

ROWS = "frame,t,trajectory,x,y\n0,0.0,1,0.5,0.25\n1,0.1,1,1.5,0.5\n"
EXPECTED = [[1, 0.5, 0.25, 0.0], [1, 1.5, 0.5, 0.1]]


@pytest.mark.parametrize(
    "text",
    [
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("\n", "\r"),
        "\ufeff" + ROWS,
        "sep=,\r\n" + ROWS,
        "# made on Monday\n# by hand\n" + ROWS,
        "\n\n" + ROWS + "\n\n",
        ROWS.replace("y\n", "y\n\n"),
        ROWS.replace(",", "\t"),
        ROWS.replace(",", ";").replace(".", ","),
        ROWS.replace(",", "\t").replace(".", ","),
        ROWS.replace(",", " "),
        # Only the second row shows that decimals have a comma.
        "frame;t;trajectory;x;y\n" + "0;0;1;0,5;0,25\n1;0,1;1;1,5;0,5\n",
        ROWS.replace("\n", ",,\n"),
    ],
)
def test_layout_does_not_matter(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a table.csv"
    path.write_bytes(text.encode())
    reading = read_file(path)
    assert reading.facts.format == "spoton"
    assert reading.trajectories.to_numpy().tolist() == EXPECTED


def test_decimal_comma_may_be_below_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("track;t [s];x [µm];y [µm];a, b\n1;0;1;2;\n1;1;1,5;2,5;\n")
    assert read_file(path).trajectories["x"].tolist() == [1, 1.5]


def test_names_in_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"  # as numpy.savetxt writes them
    path.write_text("# n x y t\n1 0.5 0.25 0.0\n1 1.5 0.5 0.1\n")
    assert FileStart(path).header == ("n", "x", "y", "t")
    assert read_file(path).trajectories.to_numpy().tolist() == EXPECTED


@pytest.mark.parametrize(("suffix", "mark"), [(".trxyt", ","), (".trxyt", ";"), (".txt", "\t")])
def test_numbers_only(suffix: str, mark: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    text = "1,0.5,0.25,0.0\n1,1.5,0.5,0.1\n".replace(",", mark)
    path.write_text(text if mark == "," else text.replace(".", ","))
    assert read_file(path).trajectories.to_numpy().tolist() == EXPECTED


def test_table_without_header_may_be_in_any_unit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,0.5,0.25,0.0\n1,1.5,0.5,0.1\n")
    advice = "'text' for n x y t in µm and s; of another table, name the `columns`"
    with pytest.raises(FileFormatError, match=advice):
        read_file(path)
    assert read_file(path, format="text").trajectories.to_numpy().tolist() == EXPECTED
    ranks = {"n": 0, "x": 1, "y": 2, "t": 3}
    said = {"columns": ranks, "length_unit": "µm", "time_unit": "s"}
    found = read_file(path, format="csv", options=said).trajectories
    assert found.to_numpy().tolist() == EXPECTED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is a workbook.*save its sheet as CSV"),
        (b"frame,t,trajectory,x,y\n", "no row below the header"),
        (b"\n \n\n", "begins with"),
    ],
)
def test_what_is_no_table(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message):
        read_file(path)


def test_file_that_was_cut_short(tmp_path: Path) -> None:
    # The last number may have lost digits: it is not read as another one.
    path = tmp_path / "a.csv"
    for end in range(len(ROWS) - 3, len(ROWS) - 12, -1):
        path.write_text(ROWS[:end])
        if ROWS[:end].rpartition("\n")[2].count(",") < 4:
            with pytest.raises(FileFormatError, match=r"line 3: .*expected 5 as in the other rows"):
                read_file(path)


def test_units_of_each_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "track_id,t_ms,x_nm,y [µm],z (µm),precision (µm)\n"
        "1,0,500,0.25,1,0.02\n1,100,1500,0.5,2,0.03\n"
    )
    found = read_file(path).trajectories
    assert found[["n", "x", "y", "t"]].to_numpy().tolist() == EXPECTED
    assert found["z"].tolist() == [1, 2]
    assert found["localization_precision"].tolist() == [0.02, 0.03]
    path.write_text("track_id,t [s],x [px],y [µm]\n1,0,1,1\n1,1,2,2\n")
    with pytest.raises(FileFormatError, match=r"x \[px\] is in px, y \[µm\] in µm, expected one"):
        read_file(path, pixel_size=0.1)


def test_frames_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("track,frame,x [µm],y [µm]\n1,0.5,1,1\n1,1.5,2,2\n")
    with pytest.raises(FileFormatError, match=r"a number of a frame is 0\.5, expected whole"):
        read_file(path, frame_interval=1.0)


@pytest.mark.parametrize("setting", ["pixel_size", "frame_interval", "coordinate_scale"])
@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "0.1", True])
def test_scales_are_positive_numbers(setting: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("particle,frame,x,y\n1,0,1,1\n1,1,2,2\n")
    given: dict[str, object] = {"pixel_size": 0.1, "frame_interval": 0.1, setting: value}
    with pytest.raises(InvalidInputError, match=r"`\w+` is .*expected a positive number of"):
        read_file(path, **given)


def test_reader_may_be_named_for_any_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    path.write_text(ROWS)
    assert reader_of(path).name == "spoton"


@pytest.mark.parametrize("quote", ['"', ""])
def test_rows_that_have_names_in_a_column_that_has_none(quote: str, tmp_path: Path) -> None:
    """R's ``write.table`` writes tables so."""
    path = tmp_path / "tracks.txt"
    head = " ".join(f"{quote}{name}{quote}" for name in ("particle", "frame", "y", "x"))
    path.write_text(f"{head}\n{quote}1{quote} 0 0 1 3\n{quote}2{quote} 0 1 1 3.5\n")
    read = read_localizations(path)[1]
    assert read.columns["x"].tolist() == [3, 3.5]
    path.write_text(f"{head}\n7 0 0 1 3\n8 0 1 1 3.5\n")
    with pytest.raises(FileFormatError, match="the first row has 5 fields, the header 4"):
        read_localizations(path)
