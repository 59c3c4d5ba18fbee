import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tramway.data import (
    check_trajectories,
    read_regions,
    read_trajectories,
    translocations,
)
from tramway.data.trajectories import in_trajectories
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.files import read_rwa

TABLE = pd.DataFrame(
    {
        "n": [1, 1, 2, 2],
        "x": [0.5, 0.75, 1.0, 1.25],
        "y": [0.0, 0.25, 0.5, 0.75],
        "t": [0.0, 0.05, 0.0, 0.05],
    }
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a file.txt"


def test_columns_are_in_order_whatever_their_order_in_the_file(file: Path) -> None:
    write(file, "t n intensity y x\n0 1 7 0 0.5\n0.05 1 nan 0.25 0.75\n")
    table = read_trajectories(file)
    assert list(table) == ["n", "x", "y", "t", "intensity"]
    assert table["n"].dtype == np.int64
    assert_frame_equal(table[list("nxyt")], TABLE[:2])
    assert table["intensity"].isna().tolist() == [False, True]


@pytest.mark.parametrize("separator", [" ", "\t", "   "])
def test_what_pandas_writes_is_read_back(file: Path, separator: str) -> None:
    text = TABLE.to_csv(sep="\t", index=False).replace("\t", separator)
    assert_frame_equal(read_trajectories(str(write(file, text))), TABLE)


@given(coordinates=st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=9))
def test_numbers_are_read_as_python_reads_them(
    tmp_path_factory: pytest.TempPathFactory, coordinates: list[float]
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "tracks.txt"
    rows = [f"1 {value!r} {value:.6f} {i / 8}\n" for i, value in enumerate(coordinates)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)  # molecules do not move like that
        table = read_trajectories(write(path, "".join(rows)))
    assert table["x"].tolist() == coordinates
    assert table["y"].tolist() == [float(f"{value:.6f}") for value in coordinates]


def test_files_in_space(file: Path) -> None:
    table = read_trajectories(write(file, "n z y x t\n1 3 2 1 0\n"))
    assert list(table) == ["n", "x", "y", "z", "t"]
    assert table.loc[0, ["x", "y", "z"]].tolist() == [1, 2, 3]


def test_coordinate_scale_applies_to_coordinates_only(file: Path) -> None:
    write(file, "1 500 0 0\n1 750 250 0.05\n")
    assert_frame_equal(read_trajectories(file, coordinate_scale=1e-3), TABLE[:2])


def test_time_scale_applies_to_times_only(file: Path) -> None:
    write(file, "1 0.5 0 0\n1 0.75 0.25 50\n")
    assert_frame_equal(read_trajectories(file, time_scale=1e-3), TABLE[:2])


def test_names_can_be_given(file: Path) -> None:
    write(file, "frame trajectory px py\n0 1 0.5 0.0\n0.05 1 0.75 0.25\n")
    assert_frame_equal(read_trajectories(file, columns=["t", "n", "x", "y"]), TABLE[:2])


def test_home_directory_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "tracks.txt", "1 0.5 0.0 0.0\n")
    assert len(read_trajectories("~/tracks.txt")) == 1


def test_interleaved_tracks_are_sorted_in_silence() -> None:
    shuffled = TABLE.iloc[[0, 2, 1, 3]]
    assert_frame_equal(check_trajectories(shuffled), TABLE)


def test_tracks_that_go_back_in_time_are_sorted_and_counted(file: Path) -> None:
    write(file, "1 0.75 0.25 0.05\n1 0.5 0.0 0.0\n2 1.0 0.5 0.0\n2 1.25 0.75 0.05\n")
    with pytest.warns(DataQualityWarning, match=r"a file\.txt: 1 tracks go back in time"):
        assert_frame_equal(read_trajectories(file), TABLE)


def test_steps_between_tracks_are_not_displacements() -> None:
    far_apart = pd.DataFrame({"n": [1, 2], "x": [0.0, 200.0], "y": [0.0, 0.0], "t": [0.0, 0.0]})
    check_trajectories(far_apart)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no data"),
        ("1 2 3\n", "not tracked"),
        ("1 2 3 4\n1 2 nan 4\n", "line 2: y is NaN; expected a finite number"),
        ("1 2 3 4\n1 2,5 3 4\n", "line 2: `2,5` is not a number"),
        ("a b c d\n1 2 3 4\n", "no column n x y t among those there are \\(a b c d\\)"),
        ("n x y t dx\n1 2 3 4 5\n", "dx is the name of a displacement"),
        ("1 2 3 4\n9007199254740993 2 3 4\n", "line 2: track number n is `9007199254740993`"),
        ("1 2 3 4\n1 2 3 1e308\n", r"column t is 1e\+308 at row 1 .* at most 1e\+12"),
        ("1 2 3 4\n1 -1e200 3 5\n", r"column x is -1e\+200 at row 1"),
        ("1 2 3 4\n1 2 3 4\n", "row 0 already has a localization of track 1"),
    ],
)
def test_bad_files_are_refused(file: Path, text: str, message: str) -> None:
    write(file, text)
    with pytest.raises(FileFormatError, match=message) as raised:
        read_trajectories(file)
    assert str(file) in str(raised.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.txt: No such file"):
        read_trajectories(tmp_path / "nothing.txt")


@pytest.mark.parametrize("read", [read_trajectories, read_regions, read_rwa])
def test_what_has_no_end_is_refused_at_once(tmp_path: Path, read: Callable[[Path], object]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # to open it would wait for a writer
    for path, seen in (
        (tmp_path, "is a folder, expected a file"),
        (pipe, "is a pipe, a socket or a device, expected a file on disk"),
        (Path("/dev/zero"), "is a pipe, a socket or a device"),
    ):
        with pytest.raises(FileFormatError, match=f"^{path} {seen}"):
            read(path)


@pytest.mark.parametrize("read", [read_trajectories, read_regions])
def test_a_line_of_a_gigabyte_is_refused_at_once(
    file: Path, read: Callable[[Path], object]
) -> None:
    with file.open("wb") as stream:
        stream.truncate(1 << 30)  # zeros that take no room
    began = time.process_time()
    with pytest.raises(FileFormatError, match="line 1: a line of more than"):
        read(file)
    assert time.process_time() - began < 1.0  # it is some milliseconds


def test_messages_do_not_list_a_million_columns(file: Path) -> None:
    write(file, " ".join(f"c{i}" for i in range(100_000)) + "\n" + "1 " * 100_000)
    with pytest.raises(FileFormatError, match=r"no column n x y t among .*…\), expected") as raised:
        read_trajectories(file)
    assert len(str(raised.value)) < 1000


def test_a_scale_that_overflows_is_an_error_and_no_warning(file: Path) -> None:
    write(file, "1 0 1e9 0\n1 0 250 0.05\n")
    with pytest.raises(FileFormatError, match=r"column y is inf at row 0 .1 such rows."):
        read_trajectories(file, coordinate_scale=1e300)


def test_the_greatest_track_numbers_are_kept() -> None:
    for numbers in (
        np.array([2**53] * 4),
        np.array([2.0**53] * 4),
        np.array([2**53] * 4, np.uint64),
    ):
        table = check_trajectories(TABLE.assign(n=numbers, t=[0.0, 0.1, 0.2, 0.3]))
        assert table["n"].tolist() == [2**53] * 4


def test_bad_arguments_are_refused(file: Path) -> None:
    write(file, "1 2 3 4\n")
    for scale in (0.0, -1.0, np.nan):
        with pytest.raises(InvalidInputError, match="`coordinate_scale`"):
            read_trajectories(file, coordinate_scale=scale)
        with pytest.raises(InvalidInputError, match=r"`time_scale` is .*positive factor to s"):
            read_trajectories(file, time_scale=scale)
    with pytest.raises(
        InvalidInputError, match=r"`columns` is 'nxyt' \(str\), expected a list of strings"
    ):
        read_trajectories(file, columns="nxyt")
    with pytest.raises(InvalidInputError, match="x twice"):
        read_trajectories(file, columns=["n", "x", "x", "t"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": [0.5, np.nan, 1.0, 1.25]}, "column x is nan at row 1 .1 such rows."),
        ({"t": [0.0, np.inf, 0.0, 0.05]}, "column t is inf at row 1"),
        ({"y": list("abcd")}, "column y is of type (str|object), expected real numbers"),
        ({"y": [1j, 0, 0, 0]}, "column y is of type complex128"),
        ({"n": [1, 1.5, 2, 2]}, "track number n is 1.5 at row 1, expected an integer"),
        ({"n": [1, np.nan, 2, 2]}, "column n is nan at row 1"),
        (
            {"n": [1, 2**53 + 1, 2, 2]},
            "n is 9007199254740993 at row 1, expected an integer between",
        ),
        ({"n": np.array([1, 2**64 - 1, 2, 2], np.uint64)}, "n is 18446744073709551615 at row 1"),
        ({"n": pd.array([1, -(2**53) - 1, 2, 2], "Int64")}, "n is -9007199254740993 at row 1"),
        ({"t": [0.0, 1e308, -1e308, 0.05]}, "column t is 1e.308 at row 1 .2 such rows., expected"),
        ({"localization_precision": 1e300}, "column localization_precision is 1e.300 at row 0"),
        ({"dt": 0.05}, "dt is the name of a displacement"),
        ({"t": 0.0}, "already has a localization of track 1"),
    ],
)
def test_bad_tables_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        check_trajectories(TABLE.assign(**change), source="table 7")


def test_tables_without_rows_or_columns_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="table 7: no row"):
        check_trajectories(TABLE[:0], source="table 7")
    with pytest.raises(InvalidInputError, match=r"no column t among those there are \(n x y\)"):
        check_trajectories(TABLE.drop(columns="t"))
    with pytest.raises(InvalidInputError, match="two columns have one name"):
        check_trajectories(pd.concat([TABLE, TABLE[["x"]]], axis=1))


def test_localizations_that_were_not_tracked_are_taken_with_a_warning() -> None:
    with pytest.warns(DataQualityWarning, match=r"no column n .*\(x y t\): .*not tracked"):
        found = check_trajectories(TABLE.drop(columns="n"))
    assert found["n"].is_unique
    with pytest.warns(DataQualityWarning, match=r"\(x y\)"):
        assert (check_trajectories(TABLE[["x", "y"]])["t"] == 0).all()


def test_a_table_of_translocations_is_one_of_trajectories() -> None:
    assert_frame_equal(check_trajectories(translocations(TABLE)), TABLE.assign(n=[1, 1, 2, 2]))


def test_types_of_columns_do_not_matter() -> None:
    types = {"n": "float64", "x": "float32", "y": "Float64", "t": "float64"}
    assert_frame_equal(check_trajectories(TABLE.astype(types)), TABLE)
    assert_frame_equal(check_trajectories(TABLE.astype({"n": "Int64"})), TABLE)


def test_tables_are_not_modified_and_not_shared() -> None:
    table = TABLE.iloc[::-1].assign(label=list("dcba"))
    before = table.copy()
    checked = check_trajectories(TABLE.assign(label=list("abcd")))
    assert checked["label"].tolist() == list("abcd")
    with pytest.warns(DataQualityWarning, match="2 tracks"):
        checked = check_trajectories(table)
    assert checked["label"].tolist() == list("abcd")
    checked.loc[0, "x"] = 100.0
    assert_frame_equal(table, before)


def test_real_files(shared: Path) -> None:
    # Numbers of lines and of tracks as counted by wc and by pandas.
    for name, rows, tracks in [("region_0_7ms", 3907, 2387), ("region_4_7ms", 4173, 1997)]:
        path = shared / "data" / "u2os" / f"{name}.rpt.txt"
        table = read_trajectories(path)
        expected = pd.read_csv(path, sep=r"\s+", names=list("nxyt")).sort_values(["n", "t"])
        assert_frame_equal(table, expected.reset_index(drop=True))
        assert (len(table), table["n"].nunique()) == (rows, tracks)


def test_a_column_of_precisions_is_a_length(tmp_path: Path) -> None:
    path = tmp_path / "nm.txt"
    path.write_text("n x y t uncertainty photons\n1 100 200 0 20 900\n1 110 210 0.1 25 800\n")
    table = read_trajectories(path, None, 1e-3, "uncertainty")
    assert list(table) == ["n", "x", "y", "t", "localization_precision", "photons"]
    assert table["localization_precision"].tolist() == pytest.approx([0.02, 0.025])
    assert table["photons"].tolist() == [900, 800]
    with pytest.raises(FileFormatError, match=r"no column sigma among .*uncertainty photons"):
        read_trajectories(path, None, 1e-3, "sigma")
    with pytest.raises(FileFormatError, match="column x cannot be the localization precision"):
        read_trajectories(path, None, 1e-3, "x")


def test_precisions_that_make_no_sense_are_named() -> None:
    table = pd.DataFrame({"n": 1, "x": [0.0, 0.1], "y": 0.0, "t": [0.0, 0.1]})
    for bad, message in (
        (np.nan, "column localization_precision is nan at row 1"),
        (-0.02, r"precision is -0\.02 at row 1 \(1 such rows\)"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            check_trajectories(table.assign(uncertainty=[0.02, bad]), "t", "uncertainty")
    with pytest.warns(DataQualityWarning, match="the median precision is 20 µm, .* in nm"):
        check_trajectories(table.assign(localization_precision=20.0))
    with pytest.raises(InvalidInputError, match="destination_precision is the name"):
        check_trajectories(table.assign(destination_precision=0.02))


def test_what_is_checked_is_nobody_elses() -> None:
    x = np.array([0.5, 0.75, 1.0, 1.25])
    x.flags.writeable = False  # as of files that are mapped into memory
    mine = TABLE.assign(x=x)
    checked = check_trajectories(mine)
    checked.loc[0, ["x", "y", "t"]] = 7.0
    assert_frame_equal(mine, TABLE)
    assert checked["x"][0] == 7.0
    read = in_trajectories({name: mine[name].to_numpy() for name in mine}, "columns")
    read.loc[0, "x"] = 7.0
    assert x[0] == 0.5
