from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.data import Box, read_regions, squares, write_regions
from tramway.errors import FileFormatError, InvalidInputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roi.txt"


def read(file: Path, text: str, size: float | None = None) -> list[Box]:
    file.write_text(text, encoding="utf-8")
    return read_regions(file, size)


def test_bounds_in_any_order_of_columns(file: Path) -> None:
    expected = [Box((1, 3), (2, 4))]
    assert read(file, "x min\tx max\ty min\ty max\n1\t2\t3\t4\n") == expected
    assert read(file, "x min\ty min\tx max\ty max\r\n1\t3\t2\t4\r\n\r\n") == expected
    assert read(file, '\ufeff"y max"\t"x max"\t"y min"\t"x min"\n4\t2\t3\t1') == expected


def test_bounds_in_space_and_time_are_in_the_order_x_y_z_t(file: Path) -> None:
    columns = [f"{axis} {end}" for axis in "tzyx" for end in ("min", "max")]
    text = "\t".join(columns) + "\n" + "\t".join(map(str, range(8))) + "\n"
    assert read(file, text) == [Box((6, 4, 2, 0), (7, 5, 3, 1))]


def test_centers_are_those_of_squares(file: Path) -> None:
    assert read(file, "x\ty\n1\t2\n3\t4\n", size=1.0) == squares([[1, 2], [3, 4]], 1.0)
    with_times = read(file, "y\tx\tt min\tt max\n2\t1\t10\t20\n", size=1.0)
    assert with_times == [Box((0.5, 1.5, 10.0), (1.5, 2.5, 20.0))]
    assert read(file, "x\ty\tz\n1\t2\t3\n", size=2.0) == [Box((0, 1, 2), (2, 3, 4))]


def test_header_alone_means_no_region(file: Path) -> None:
    assert read(file, "x min\tx max\ty min\ty max\n") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty, expected a header line"),
        ("1\t2\t3\t4\n", "line 1: column '1' is not one of a region's"),
        ("x min x max y min y max\n", "line 1: column 'x min x max y min y max' is not"),
        ("x,y\n", "tab-separated names"),
        ("x min\tx max\n1\t2\n", "x or y is missing"),
        ("x min\tx max\ty min\n", "y has only one of 'y min' and 'y max'"),
        ("x\ty\tx min\tx max\n", "both centers and bounds"),
        ("x min\tx min\ty min\ty max\n", "two columns have one name"),
        ("x min\tx max\ty min\ty max\n\n1\t2\t3\n", "line 3: 3 fields .* expected 4"),
        ("x min\tx max\ty min\ty max\n1\t2\t3\t4,5\n", "line 2: '4,5' .* not a comma"),
        ("x min\tx max\ty min\ty max\n1\t2\t3\t\n", "line 2: '' is not a number"),
        ("x min\tx max\ty min\ty max\n1\t2\t4\t3\n", "line 2: a box goes from 4.0 to 3.0"),
        ("x min\tx max\ty min\ty max\nnan\t2\t3\t4\n", "line 2: a box goes from nan"),
    ],
)
def test_bad_files_are_refused(file: Path, text: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=message) as raised:
        read(file, text)
    assert str(file) in str(raised.value)


def test_binary_and_missing_files(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileFormatError, match="not text in UTF-8"):
        read_regions(file)
    with pytest.raises(FileNotFoundError, match="nothing: No such file"):
        read_regions(file.with_name("nothing"))


def test_size_is_for_centers_and_needed_for_them(file: Path) -> None:
    with pytest.raises(InvalidInputError, match="lists centers: pass the side"):
        read(file, "x\ty\n1\t2\n")
    with pytest.raises(InvalidInputError, match="lists bounds"):
        read(file, "x min\tx max\ty min\ty max\n", size=1.0)
    for size in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InvalidInputError, match="`size` is"):
            read(file, "x\ty\n1\t2\n", size=size)
    with pytest.raises(FileFormatError, match="line 2: center y is nan"):
        read(file, "x\ty\n1\tnan\n", size=1.0)


bounds = st.floats(allow_nan=False, allow_infinity=False)


@given(
    boxes=st.lists(
        st.lists(st.tuples(bounds, bounds).map(sorted), min_size=3, max_size=3), max_size=5
    ),
    dimension=st.sampled_from([2, 3]),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, boxes: list[list[list[float]]], dimension: int
) -> None:
    # Three bounds: two of space and one of time, or three of space.
    regions = [Box(*zip(*box, strict=True)) for box in boxes]
    path = tmp_path_factory.mktemp("regions") / "roi.txt"
    write_regions(path, regions, dimension)
    assert read_regions(path) == regions


def test_boxes_of_different_kinds_are_not_written(file: Path) -> None:
    plane, space = Box((0, 0), (1, 1)), Box((0, 0, 0), (1, 1, 1))
    with pytest.raises(InvalidInputError, match=r"\[2, 3\] bounds"):
        write_regions(file, [plane, space])
    with pytest.raises(InvalidInputError, match="`dimension` 3"):
        write_regions(file, [plane], dimension=3)
    assert not file.exists()


def test_names_header_and_digits_of_what_is_written(file: Path) -> None:
    box = Box((0.123456, 1), (2, 3))
    write_regions(file, [box], columns=["y", "x"], float_format="%.2f")
    assert file.read_text() == "y min\tx min\ty max\tx max\n0.12\t1.00\t2.00\t3.00\n"
    write_regions(file, [box], header=False)
    assert file.read_text() == "0.123456\t1.0\t2.0\t3.0\n"
    with pytest.raises(InvalidInputError, match=r"3 names.*expected one for each of 2 bounds"):
        write_regions(file, [box], columns=["x", "y", "t"])


def test_boxes_must_be_boxes() -> None:
    with pytest.raises(InvalidInputError, match="2 lower and 3 upper"):
        Box((0, 0), (1, 1, 1))
    with pytest.raises(InvalidInputError, match="1 lower and 1 upper"):
        Box((0,), (1,))
    with pytest.raises(InvalidInputError, match=r"from 1\.0 to 0\.0"):
        Box((1, 0), (0, 1))
    assert Box(np.array([0, 1]), np.array([2, np.inf])).upper == (2.0, np.inf)


def test_squares_are_around_their_centers() -> None:
    assert squares([(1, 2)], side=0.5) == [Box((0.75, 1.75), (1.25, 2.25))]
    assert squares(np.zeros((1, 3)), side=2) == [Box((-1, -1, -1), (1, 1, 1))]
    assert squares(np.zeros((0, 2)), side=2) == []
    for side in (0.0, np.nan):
        with pytest.raises(InvalidInputError, match="`side`"):
            squares([(1, 2)], side)
    for centers in ([1, 2], [[1]], [[1, np.nan]]):
        with pytest.raises(InvalidInputError, match="`centers`"):
            squares(centers, 1.0)


def test_real_files(shared: Path) -> None:
    boxes = read_regions(shared / "data" / "u2os" / "region_0_7ms.rpt-roi.txt")
    assert len(boxes) == 6
    assert boxes[0] == Box((6.9183, 3.8942), (9.9183, 6.8942))  # the first line of the file
