"""Maps as images: what Fiji reads of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.errors import InvalidInputError
from tramway.inference import infer_diffusivity
from tramway.tessellation import Partition, nearest_cell, sliding_window, squares, time_segments

tifffile = pytest.importorskip("tifffile")


@pytest.fixture
def partition() -> Partition:
    """Squares of 1 µm from (-1, 2) to (2, 4), one of which holds no translocation."""
    random = np.random.default_rng(1)
    place = np.concatenate([random.uniform((-1, 2), (2, 4), (600, 2)), [[-1, 2], [2, 4]]])
    place = place[~((place > (0, 2)) & (place < (1, 3))).all(axis=1)]
    cells = squares(place, displacement_length=0.1, resolution=1.0)
    table = pd.DataFrame(place, columns=["x", "y"])
    table[["dx", "dy"]] = random.normal(0, 0.1, place.shape)
    table["t"], table["dt"] = np.linspace(0, 2, len(place)), 0.02
    return Partition(table, cells, nearest_cell(place, cells))


def read(path: Path) -> tuple[Any, dict[str, Any], Any]:
    with tifffile.TiffFile(path) as file:
        assert file.is_imagej
        tags = file.pages[0].tags
        return file.asarray(), file.imagej_metadata, tags["XResolution"].value


def test_each_pixel_has_the_value_of_its_cell_and_its_place(
    partition: Partition, tmp_path: Path
) -> None:
    maps = infer_diffusivity(partition, localization_precision=0.01)
    maps.to_tiff(tmp_path / "maps.tif", pixel_size=0.25)
    image, said, (pixels, length) = read(tmp_path / "maps.tif")
    assert (image.dtype, image.shape[-2:]) == (np.float32, (8, 12))
    assert (said["unit"], pixels / length) == ("micron", 4)
    assert (float(said["xorigin"]), float(said["yorigin"])) == (4, -8)  # pixels from (-1, 2) to 0
    assert said["Labels"][0] == "diffusivity [µm²/s]"
    diffusivity = image.reshape(-1, 8, 12)[0]
    x, y = np.meshgrid(-1 + 0.25 * (np.arange(12) + 0.5), 2 + 0.25 * (np.arange(8) + 0.5))
    centers = np.stack([x.ravel(), y.ravel()], axis=1)
    cell = nearest_cell(centers, partition.tessellation)
    expected = maps.maps["diffusivity"].reindex(cell).to_numpy(np.float32).reshape(8, 12)
    assert np.isnan(expected).sum() == 16  # the cell that holds nothing
    np.testing.assert_array_equal(diffusivity, expected)
    limits = np.nanmin(expected), np.nanmax(expected)
    assert said["Ranges"][:2] == limits
    assert (said["min"], said["max"]) == pytest.approx(limits)
    assert "finterval" not in said


def test_tags_are_as_imagej_writes_them(partition: Partition, tmp_path: Path) -> None:
    """Its ``FileInfo``: pixels per unit of the description, so no unit in the tag of units."""
    infer_diffusivity(partition, localization_precision=0.01).to_tiff(tmp_path / "a.tif", 0.1)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        tags = file.pages[0].tags
        assert tags["ResolutionUnit"].value == 1
        for name in ("XResolution", "YResolution"):
            assert np.divide(*tags[name].value) == pytest.approx(10)
        description = tags["ImageDescription"].value
        assert description.startswith("ImageJ=")
        assert "unit=micron\n" in description


def test_segments_are_frames(partition: Partition, tmp_path: Path) -> None:
    times = partition.points["t"].to_numpy()
    cells = partition.tessellation
    segments = time_segments(cells, sliding_window(times, duration=1.0))
    index = partition.cells + cells.n_cells * (times >= segments.intervals[1, 0])
    maps = infer_diffusivity(
        Partition(partition.points, segments, index), localization_precision=0.01
    )
    maps.to_tiff(tmp_path / "maps.tif", pixel_size=0.5)
    image, said, _ = read(tmp_path / "maps.tif")
    count = segments.n_segments
    assert said["frames"] == count > 1
    assert said["finterval"] == pytest.approx(np.diff(segments.intervals[:2, 0])[0])
    first = image.reshape(count, -1, 4, 6)[:, 0]
    for frame in range(count):
        values = maps.maps["diffusivity"].reindex(np.arange(6) + 6 * frame).to_numpy(np.float32)
        corners = nearest_cell(np.array([[-0.9, 2.1], [1.9, 3.9]]), cells)
        np.testing.assert_array_equal(first[frame][[0, -1], [0, -1]], values[corners])


@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf, 1e-7])
def test_sizes_that_cannot_be(partition: Partition, tmp_path: Path, size: float) -> None:
    maps = infer_diffusivity(partition, localization_precision=0.01)
    with pytest.raises(InvalidInputError, match="`pixel_size` is"):
        maps.to_tiff(tmp_path / "maps.tif", pixel_size=size)
    assert not (tmp_path / "maps.tif").exists()
