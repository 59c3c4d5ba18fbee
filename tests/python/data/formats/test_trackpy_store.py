"""Tables of pandas in HDF5, in the ways in which it writes them."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from tracking_samples import MOVIE, PIXEL

from tramway.data.formats import read_file
from tramway.errors import FileFormatError

SETTINGS = {"pixel_size": PIXEL, "frame_interval": 0.02}


def test_fixed_format(tmp_path: Path) -> None:
    """The layout of ``table.to_hdf(path, key="tracks")``: a block of values for each type."""
    path = tmp_path / "tracks.h5"
    with h5py.File(path, "w") as root:
        group = root.create_group("tracks")
        group["block0_items"] = np.array([b"y", b"x", b"ecc"])
        group["block0_values"] = MOVIE[["y", "x"]].assign(ecc=0.1).to_numpy() / PIXEL
        group["block1_items"] = np.array([b"frame", b"particle"])
        group["block1_values"] = MOVIE[["frame", "n"]].to_numpy()
    found = read_file(path, **SETTINGS).trajectories
    np.testing.assert_allclose(found[["x", "y"]], MOVIE[["x", "y"]])
    assert found["n"].tolist() == MOVIE["n"].tolist()


def test_frames_as_labels_of_rows(tmp_path: Path) -> None:
    """The layouts of ``table.set_index("frame").to_hdf(path, key="tracks")``, as of pandas 3.1."""
    path = tmp_path / "tracks.h5"
    with h5py.File(path, "w") as root:
        group = root.create_group("tracks")
        group["axis1"] = MOVIE["frame"].to_numpy()
        group["axis1"].attrs["name"] = np.bytes_("frame")
        group["block0_items"] = np.array([b"y", b"x", b"mass"])
        group["block0_values"] = MOVIE[["y", "x"]].assign(mass=5.0).to_numpy()
        group["block1_items"] = np.array([b"particle"])
        group["block1_values"] = MOVIE[["n"]].to_numpy()
    settings = {"pixel_size": 1.0, "frame_interval": 0.02}
    fixed = read_file(path, **settings).trajectories
    np.testing.assert_allclose(fixed["t"], MOVIE["frame"] * 0.02)
    table = MOVIE.rename(columns={"n": "particle", "frame": "index"}).assign(mass=5.0)
    with h5py.File(path, "w") as root:
        root["tracks/table"] = table.to_records(index=False)
        root["tracks"].attrs["info"] = np.bytes_(
            b"(dp0\nI1\n(dp1\nVnames\np2\n(lp3\nNasVtype\np4\nVIndex\np5\nssVindex\np6\n(dp7\n"
            b"Vindex_name\np8\nVframe\np9\nss."
        )
    assert read_file(path, **settings).trajectories.equals(fixed)
    with h5py.File(path, "a") as root:
        root["tracks"].attrs["info"] = np.bytes_(b"no pickle")
    with pytest.raises(FileFormatError, match="no table with columns frame"):
        read_file(path, **settings)


def test_one_table_with_named_columns(tmp_path: Path) -> None:
    """The layout of ``PandasHDFStoreSingleNode``."""
    path = tmp_path / "store.h5"
    table = MOVIE.rename(columns={"n": "particle"})
    with h5py.File(path, "w") as root:
        root["FrameData/table"] = table.to_records()
    found = read_file(path, pixel_size=1.0, frame_interval=0.02).trajectories
    np.testing.assert_array_equal(found["x"], MOVIE["x"])


def test_names_that_are_no_pickled_list_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "store.h5"
    kind = np.dtype([("index", "<i8"), ("values_block_0", "<f8", (2,))])
    with h5py.File(path, "w") as root:
        table = root.create_dataset("Frame_0/table", data=np.zeros(3, dtype=kind))
        table.attrs["values_block_0_kind"] = np.bytes_(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(FileFormatError, match="does not say what is in values_block_0"):
        read_file(path, **SETTINGS)


def test_tracks_are_taken_where_features_and_other_tables_are_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "store.h5"
    table = MOVIE.rename(columns={"n": "particle"})
    with h5py.File(path, "w") as root:
        root["drift/table"] = MOVIE[["x", "y"]].to_records()
        root["features/table"] = table.drop(columns="particle").assign(ecc=0.1).to_records()
        root["tracks/table"] = table.to_records()
    found = read_file(path, pixel_size=1.0, frame_interval=0.02).trajectories
    np.testing.assert_array_equal(found["x"], MOVIE["x"])
    with h5py.File(path, "a") as root:
        root["again/table"] = table.to_records()
    with pytest.raises(FileFormatError, match="tables again, tracks hold the same frames"):
        read_file(path, **SETTINGS)
