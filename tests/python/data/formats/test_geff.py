"""What the metadata of GEFF may leave out, or say of each axis."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tramway.data.formats import read_file, read_localizations
from tramway.errors import FileFormatError

zarr = pytest.importorskip("zarr")

VALUES = {"t": [0, 1], "y": [25.0, 25.0], "x": [15.0, 16.0], "z": [100.0, 140.0]}


def write(path: Path, axes: list[dict[str, Any]], has_edges: bool = True) -> Path:
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    root.attrs["geff"] = {"geff_version": "1.1", "directed": True, "axes": axes}
    root["nodes/ids"] = np.array([0, 1], dtype="u8")
    if has_edges:
        root["edges/ids"] = np.array([[0, 1]], dtype="u8")
    for axis in axes:
        root[f"nodes/props/{axis['name']}/values"] = np.array(VALUES[axis["name"]])
    return path


def axes(names: str, **said: Any) -> list[dict[str, Any]]:
    return [{"name": name, "type": "space", **said} for name in names]


TIME = [{"name": "t", "type": "time", "unit": "frame"}]
PIXELS = {"unit": "pixel", "scale": 0.1}


def test_scale_leads_to_the_unit_after_it(tmp_path: Path) -> None:
    scaled = [*TIME, *axes("yx", **PIXELS, scaled_unit="micrometer")]
    found = read_file(write(tmp_path / "a.geff", scaled), frame_interval=0.02)
    assert found.trajectories["x"].tolist() == pytest.approx([1.5, 1.6])
    # A scale to nobody knows what is none: values are in pixels.
    path = write(tmp_path / "b.geff", [*TIME, *axes("yx", **PIXELS)])
    found = read_file(path, pixel_size=0.2, frame_interval=0.02)
    assert found.trajectories["x"].tolist() == pytest.approx([3.0, 3.2])


def test_axes_have_units_of_their_own(tmp_path: Path) -> None:
    mixed = [*TIME, *axes("z", unit="nanometer"), *axes("yx", unit="micrometer")]
    table = read_file(write(tmp_path / "a.geff", mixed), frame_interval=0.02).trajectories
    np.testing.assert_allclose(table[["x", "y", "z"]], [[15, 25, 0.1], [16, 25, 0.14]])


def test_types_of_axes_need_not_be_said(tmp_path: Path) -> None:
    plain = [{"name": name, "unit": "micrometer"} for name in "yx"]
    path = write(tmp_path / "a.geff", [{"name": "t", "unit": "second"}, *plain])
    assert read_file(path).trajectories["t"].tolist() == [0, 1]


def test_graph_without_edges(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geff", [*TIME, *axes("yx", **PIXELS)], has_edges=False)
    facts = read_localizations(path)[2]
    assert (facts.localizations, facts.tracks) == (2, 0)


@pytest.mark.parametrize("name", ["position", "place"])
def test_versions_with_all_coordinates_in_one_property(name: str, tmp_path: Path) -> None:
    """As versions 0.1 and 0.2 write it: the first always calls the property ``position``."""
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    said = {"geff_version": "0.2", "directed": True, "position_attr": "place"}
    root.attrs.update(
        said | {"axis_names": ["t", "y", "x"], "axis_units": ["second", "micrometer", "micrometer"]}
    )
    root["nodes/ids"] = np.array([0, 1], dtype="u8")
    root["edges/ids"] = np.array([[0, 1]], dtype="u8")
    rows = np.column_stack([VALUES["t"], VALUES["y"], VALUES["x"]])
    root[f"nodes/attrs/{name}/values"] = rows
    table = read_file(tmp_path / "a.zarr").trajectories
    np.testing.assert_allclose(table[["x", "y", "t"]], [[15, 25, 0], [16, 25, 1]])


def test_graph_beside_other_things(tmp_path: Path) -> None:
    path = tmp_path / "movie.zarr"
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    root.create_group("image")
    given = [*TIME, *axes("yx", unit="micrometer")]
    write(path / "tracks.geff", given)
    found = read_file(path, frame_interval=0.02)
    assert found.trajectories["x"].tolist() == pytest.approx([15, 16])
    write(path / "truth.geff", given)
    with pytest.raises(FileFormatError, match=r"graphs tracks\.geff, truth\.geff, expected one"):
        read_file(path)
