"""Movies in TIFF files: where their pixels are, and how they lie under localizations."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, images
from tramway.errors import (
    FileFormatError,
    InvalidInputError,
    MissingPackageError,
    MissingResultError,
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
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.dt"):
        next(stack.as_frames(return_time=True))


def test_one_movie_is_used_like_a_stack(a: RWAnalyzer, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="a single movie, here are 2"):
        _ = a.images.stack
    a.images.from_tiff_file(tmp_path / "cell1.tif")
    images = a.images
    (stack,) = images
    np.testing.assert_array_equal(images.stack, FRAMES)
    assert (images.n_frames, images.height, images.width) == (3, 4, 6)
    assert images.bounds.equals(stack.bounds)
    box = np.array([0.11, 0.01]), np.array([0.29, 0.19])
    np.testing.assert_array_equal(images.cropping_bounds(box), stack.cropping_bounds(box))
    for one, other in (
        (images.as_frames(), stack.as_frames()),
        (images.crop_frames(box), stack.crop_frames(box)),
    ):
        np.testing.assert_array_equal(list(one), list(other))
    with pytest.raises(InvalidInputError, match="there is none"):
        _ = RWAnalyzer().images.height


def test_the_only_movie_is_that_of_the_only_source(a: RWAnalyzer, tmp_path: Path) -> None:
    a.images.from_tiff_file(tmp_path / "cell2.tif")
    assert a.spt_data[0].get_image().filepath.endswith("cell2.tif")
    with pytest.raises(MissingResultError, match="0 of 1 image files"):
        a.spt_data[0].get_image("cell1")
    (tmp_path / "cell3.txt").write_text("1 0.2 0.1 0.05\n1 0.3 0.2 0.10\n")
    a.spt_data.from_ascii_files(tmp_path / "*.txt")
    with pytest.raises(MissingResultError, match="0 of 1 image files"):
        a.spt_data[0].get_image()


@pytest.fixture
def dark(a: RWAnalyzer, tmp_path: Path) -> RWAnalyzer:
    """Three frames of 4 by 6 pixels without light."""
    tifffile.imwrite(tmp_path / "dark.tif", np.zeros((3, 4, 6), np.uint8), photometric="minisblack")
    a.images.from_tiff_file(tmp_path / "dark.tif")
    a.images.pixel_size = 0.1
    a.spt_data.dt = 0.05
    return a


def _frames(path: Path) -> np.ndarray:
    from PIL import Image, ImageSequence

    with Image.open(path) as movie:
        return np.array([image.convert("RGB") for image in ImageSequence.Iterator(movie)])


def _is_red(frames: np.ndarray) -> np.ndarray:
    return (frames[..., 0] > 128) & (frames[..., 1:] < 128).all(axis=-1)


def test_movies_show_localizations_at_their_times(dark: RWAnalyzer, tmp_path: Path) -> None:
    path = tmp_path / "movie.gif"
    points = dark.spt_data.dataframe
    dark.images.to_color_movie(path, locations=points, magnification=10, markersize=10)
    frames = _frames(path)
    assert frames.shape == (3, 40, 60, 3)
    red = _is_red(frames)
    # (0.2, 0.1) µm at 0.05 s and (0.3, 0.2) at 0.1 s: columns 2 and 3, rows 2 and 1 from above.
    assert red[0, 22:28, 22:28].all()
    assert red[1, 12:18, 32:38].all()
    assert not np.concatenate([red[0, :20], red[1, 20:], red[2]]).any()
    # Cropped by one column and row: (0.2, 0.1) is one from the left and the last row.
    origin = np.array([0.1, 0.1])
    crops = [(0.05, np.zeros((3, 5), np.uint8)), (0.1, np.zeros((3, 5), np.uint8))]
    what = {"locations": points, "magnification": "2x", "markersize": 4}
    dark.spt_data.localization_precision = 0.05
    dark.images.to_color_movie(path, frames=crops, origin=origin, **what)
    frames = _frames(path)
    assert frames.shape == (2, 12, 20, 3)
    assert _is_red(frames)[0, 9:11, 5:7].all()
    timed = pd.Series({"x": 0.1, "y": 0.1, "t": 0.05})
    dark.images.to_color_movie(path, frames=[crop for _, crop in crops], origin=timed, **what)
    np.testing.assert_array_equal(_frames(path), frames)


def test_movies_show_trajectories_up_to_the_time(dark: RWAnalyzer, tmp_path: Path) -> None:
    path = tmp_path / "movie.gif"
    dark.images.to_color_movie(
        path,
        trajectories=dark.spt_data.dataframe,
        linecolor=None,
        linewidth=4,
        magnification=10,
        playback_rate=0.5,
        light_intensity=2.0,
    )
    red = _is_red(_frames(path))
    assert not red[0].any()
    assert red[1, 19:21, 29:31].all()  # half way
    assert not red[2].any()  # the trajectory is over


def test_what_a_movie_lacks_is_said(dark: RWAnalyzer, tmp_path: Path) -> None:
    path, images = tmp_path / "movie.gif", dark.images
    frame = np.zeros((3, 5), np.uint8)
    for what, message in (
        ({"frames": []}, "`frames` is empty"),
        ({"frames": [frame]}, "have no times"),
        ({"frames": [(1.0, frame), (1.0, frame)]}, "expected order"),
        ({"frames": [(1.0, frame), (2.0, frame[1:])]}, "of shapes"),
        ({"origin": [1.0]}, "two numbers"),
        ({"locations": pd.DataFrame({"x": [1.0]})}, "`locations` is x, expected a table of x y t"),
        ({"trajectories": 3}, "`trajectories` is <class 'int'>"),
        ({"magnification": "2x"}, r"set a\.spt_data\.localization_precision"),
        ({"magnification": "x"}, "or some as '2x'"),
        ({"linecolor": "no colour"}, "expected a colour, or 'many'"),
        ({"playback_rate": 0}, "above zero"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            images.to_color_movie(path, **what)
    assert not path.exists()
    b = RWAnalyzer()
    b.images.from_tiff_file(tmp_path / "dark.tif")
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.dt"):
        b.images.to_color_movie(path)


def test_movies_other_than_gif_need_ffmpeg(
    dark: RWAnalyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.animation import FFMpegWriter

    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda _: False))
    with pytest.raises(MissingPackageError, match="needs ffmpeg"):
        dark.images.to_color_movie(tmp_path / "movie.webm")
