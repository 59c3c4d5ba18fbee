"""DECODE's two kinds of files, and what their metadata say of units."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from tracking_samples import SAMPLES

from tramway.data.formats import Linking, read_file
from tramway.errors import FileFormatError, InvalidInputError

POSITIONS = np.array([[15.0, 20.0, 100.0], [16.0, 20.0, 140.0]])
SIGMAS = np.array([[0.3, 0.2, 20.0]] * 2)


def write_hdf5(path: Path, said: dict[str, Any]) -> None:
    with h5py.File(path, "w") as root:
        root["data/xyz"], root["data/xyz_sig"] = POSITIONS, SIGMAS
        root["data/frame_ix"] = [0, 1]
        root.create_group("meta").attrs.update({k: v for k, v in said.items() if v is not None})


def write_csv(path: Path, said: dict[str, Any]) -> None:
    """Three lines of comments, the last one with metadata; empty columns of what is unknown."""
    rows = "".join(
        f"{x},{y},{z},500.0,{frame},-1,0.9,1.5,,{a},{b},{c}\n"
        for frame, ((x, y, z), (a, b, c)) in enumerate(zip(POSITIONS, SIGMAS, strict=True))
    )
    path.write_text(
        f'# DECODE EmitterSet\n# {{"version": "v0.10.0"}}\n# {json.dumps(said)}\n'
        f"x,y,z,phot,frame_ix,id,prob,bg,x_cr,x_sig,y_sig,z_sig\n{rows}"
    )


@pytest.mark.parametrize("write", [write_hdf5, write_csv])
def test_units_are_those_of_the_metadata(write: Any, tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    path = tmp_path / "emitters.dat"
    settings = {"frame_interval": 0.02, "linking": Linking(0.5)}
    write(path, {"xy_unit": "px", "px_size": [100.0, 200.0]})
    found = read_file(path, **settings)
    assert found.facts.format == "decode"
    table = found.trajectories
    np.testing.assert_allclose(table[["x", "y", "z"]], [[1.5, 4, 0.1], [1.6, 4, 0.14]])
    np.testing.assert_allclose(table["localization_precision"], np.sqrt((0.03**2 + 0.04**2) / 2))
    # The size of pixels that a user sets is that along x, their shape stays.
    table = read_file(path, pixel_size=0.05, **settings).trajectories
    np.testing.assert_allclose(table[["x", "y", "z"]], [[0.75, 2, 0.1], [0.8, 2, 0.14]])
    write(path, {"xy_unit": "nm", "px_size": [100.0, 200.0]})
    table = read_file(path, **settings).trajectories
    np.testing.assert_allclose(table[["x", "y", "z"]], [[0.015, 0.02, 0.1], [0.016, 0.02, 0.14]])
    write(path, {"xy_unit": None, "px_size": None})
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.pixel_size"):
        read_file(path, **settings)
    table = read_file(path, pixel_size=0.1, **settings).trajectories
    np.testing.assert_allclose(table[["x", "y", "z"]], [[1.5, 2, 0.1], [1.6, 2, 0.14]])


def test_a_single_number_is_no_column(tmp_path: Path) -> None:
    path = SAMPLES["decode"].write(tmp_path)
    with h5py.File(path, "r+") as root:
        del root["data/frame_ix"]
        root["data/frame_ix"] = 3.0
    with pytest.raises(FileFormatError, match="is no column of real numbers"):
        read_file(path, frame_interval=0.02, linking=Linking(0.6, 1))
