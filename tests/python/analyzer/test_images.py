"""Movies in TIFF files: where their pixels are, and how they lie under localizations."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from tramway.analyzer import RWAnalyzer, images
from tramway.errors import (
    FileFormatError,
    InvalidInputError,
    MissingResultError,
    UnknownAttributeError,
)

mpl.use("Agg")
import matplotlib.pyplot as plt

tifffile = pytest.importorskip("tifffile")

FRAMES = np.arange(3 * 4 * 6, dtype=np.uint16).reshape(3, 4, 6)


@pytest.fixture
def a(tmp_path: Path) -> RWAnalyzer:
    """Three frames of 4 by 6 pixels of 0.1 µm, and tracks in them."""
    tifffile.imwrite(tmp_path / "cell1.tif", FRAMES, photometric="minisblack")
    tifffile.imwrite(tmp_path / "cell2.tif", FRAMES[0], photometric="minisblack")
    (tmp_path / "cell1.txt").write_text("1 0.2 0.1 0.05\n1 0.3 0.2 0.10\n")
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(tmp_path / "cell1.txt")
    a.images.from_tiff_files(tmp_path / "*.tif")
    a.images.pixel_size = 0.1
    return a


def test_frames_are_read(a: RWAnalyzer) -> None:
    first, second = a.images
    assert (first.n_frames, first.height, first.width) == (3, 4, 6)
    assert second.n_frames == 1
    assert [Path(path).name for path in a.images.filepaths] == ["cell1.tif", "cell2.tif"]
    times, frames = zip(*first.as_frames(index=[2, 0], return_time=True), strict=True)
    assert times == pytest.approx((0.15, 0.05))
    np.testing.assert_array_equal(frames, FRAMES[[2, 0]])


def test_bounds_are_the_edges_of_the_pixels(a: RWAnalyzer) -> None:
    first, second = a.images
    assert first.bounds.loc["min"].tolist() == pytest.approx([-0.05, -0.05])
    assert first.bounds.loc["max"].tolist() == pytest.approx([0.55, 0.35])
    second.loc_offset = (10, 0)
    assert second.bounds["x"].tolist() == pytest.approx([0.95, 1.55])
    a.images.loc_offset = (0, 20)
    assert first.bounds["y"].tolist() == pytest.approx([1.95, 2.35])


def test_crops_hold_the_pixels_of_the_box(a: RWAnalyzer) -> None:
    stack = next(iter(a.images))
    box = np.array([0.11, 0.01]), np.array([0.29, 0.19])
    lower, upper = stack.cropping_bounds(box)
    assert lower == pytest.approx([0.1, 0.0])
    assert upper == pytest.approx([0.3, 0.2])
    (crop,) = stack.crop_frames(box, index=0)
    np.testing.assert_array_equal(crop, FRAMES[0][1:4, 1:4])  # y upwards, rows downwards
    beyond = np.array([0.41, -1.0]), np.array([9.0, 9.0])
    assert next(stack.crop_frames(beyond)).shape == (4, 2)
    with pytest.raises(InvalidInputError, match="a lower and an upper corner"):
        next(stack.crop_frames((box[1], box[0])))


def test_regions_find_their_movie(a: RWAnalyzer) -> None:
    a.roi.from_bounding_boxes([(np.array([0.11, 0.01]), np.array([0.29, 0.19]))])
    region = next(iter(a.roi.as_support_regions()))
    assert [frame.shape for frame in region.crop_frames()] == [(3, 3)] * 3
    assert a.spt_data[0].get_image().filepath.endswith("cell1.tif")
    with pytest.raises(MissingResultError, match="2 of 2 image files have 'cell'"):
        a.spt_data[0].get_image("cell")


def test_localizations_lie_on_their_pixels(a: RWAnalyzer) -> None:
    stack, (_, axes) = next(iter(a.images)), plt.subplots()
    frame = next(stack.as_frames())
    drawn = stack.mpl.roi(frame, axes=axes)
    left, right, bottom, top = drawn.get_extent()
    assert [[left, bottom], [right, top]] == pytest.approx(stack.bounds.to_numpy())
    _, pixels = plt.subplots()
    pixels.imshow(frame)
    (line,) = stack.mpl.plot(a.spt_data.dataframe, "r.", axes=pixels)
    # Column and row of (0.2, 0.1) µm: 2, and 1 from below.
    assert line.get_xydata()[0] == pytest.approx([2, 2])
    (line,) = stack.mpl.plot([0.3], [0.2], "r.", origin=(0.1, 0.0), frame=frame[1:], axes=pixels)
    assert line.get_xydata()[0] == pytest.approx([2, 0])
    plt.close("all")


def test_what_is_wrong_is_said(a: RWAnalyzer, tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("no image")
    b = RWAnalyzer()
    b.images = images.from_tiff_file(tmp_path / "text.tif")
    stack = next(iter(b.images))
    with pytest.raises(FileFormatError, match="cannot be read as TIFF"):
        _ = stack.stack
    tifffile.imwrite(
        tmp_path / "rgb.tif", np.zeros((4, 4, 3, 2), np.uint8), photometric="minisblack"
    )
    b.images.from_tiff_file(tmp_path / "rgb.tif")
    with pytest.raises(FileFormatError, match="frames of one colour"):
        _ = next(iter(b.images)).stack
    with pytest.raises(InvalidInputError, match=r"set a\.images\.pixel_size"):
        stack.cropping_bounds(([0, 0], [1, 1]))
    with pytest.raises(InvalidInputError, match="no file matches"):
        b.images.from_tiff_files(tmp_path / "*.none")
    with pytest.raises(InvalidInputError, match="two numbers, in pixels"):
        b.images.loc_offset = 3
    with pytest.raises(UnknownAttributeError, match=r"f\.mpl\.animate"):
        stack.to_color_movie()
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.dt"):
        next(stack.as_frames(return_time=True))
