"""Manifests of SMLM archives, as the draft of the format (version 0.2) allows them."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tramway.data.formats import Linking, read_file, read_localizations
from tramway.errors import FileFormatError


def write(path: Path, columns: dict[str, Any], layout: dict[str, Any], channels: int = 1) -> Path:
    kind = np.dtype([(name, "<f4", np.shape(v)[1:]) for name, v in columns.items()])
    table = np.zeros(2, dtype=kind)
    for name, values in columns.items():
        table[name] = values
    described = {"type": "table", "mode": "binary", "headers": list(columns)}
    described |= {"dtype": ["float32"] * len(columns), **layout}
    files = [
        {"name": f"{c}.bin", "type": "table", "format": "a", "channel": c, "rows": 2, "offset": {}}
        for c in range(channels)
    ]
    with zipfile.ZipFile(path, "w") as archive:
        manifest = {"format_version": "0.2", "formats": {"a": described}, "files": files}
        archive.writestr("manifest.json", json.dumps(manifest))
        for c in range(channels):
            archive.writestr(f"{c}.bin", table.tobytes())
    return path


PLANE = {"frame": [0, 1], "x": [1500, 1600], "y": [2500, 2500]}


def test_columns_with_units_of_their_own_and_patches(tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    columns = {"frame": [0, 1], "x": [1.5, 1.6], "y": [2.5, 2.5], "z": [100, 140]}
    columns |= {"x_precision": [30, 30], "y_precision": [40, 40], "patch": np.zeros((2, 4, 3))}
    layout = {"units": ["frame", "um", "um", "nm", "nm", "nm", "photon"]}
    layout["shape"] = [1, 1, 1, 1, 1, 1, [4, 3]]  # type: ignore[list-item]
    path = write(tmp_path / "a.smlm", columns, layout)
    table = read_file(path, frame_interval=0.02, linking=Linking(0.5)).trajectories
    expected = [[1.5, 2.5, 0.1], [1.6, 2.5, 0.14]]
    np.testing.assert_allclose(table[["x", "y", "z"]], expected, rtol=1e-6)
    np.testing.assert_allclose(table["localization_precision"], np.sqrt((0.03**2 + 0.04**2) / 2))


def test_unit_of_the_format_is_nm(tmp_path: Path) -> None:
    assert read_localizations(write(tmp_path / "a.smlm", PLANE, {}))[2].length_unit == "nm"
    path = write(tmp_path / "b.smlm", PLANE, {"units": ["", "", ""]})
    assert read_localizations(path)[2].length_unit is None


def test_channels_are_told(tmp_path: Path) -> None:
    facts = read_localizations(write(tmp_path / "a.smlm", PLANE, {}, channels=2))[2]
    assert facts.localizations == 4
    assert any("of 2 channels are in one file" in problem for problem in facts.problems)


def test_table_in_text_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", PLANE, {"mode": "text"})
    with pytest.raises(FileFormatError, match=r"0\.bin in it is text: unpack the archive"):
        read_localizations(path)
