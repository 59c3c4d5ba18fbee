"""Files of btrack's own format, in HDF5; see test_readers for its tables."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from tracking_samples import INTERVAL, MOVIE, PIXEL

from tramway.data.formats import read_file, read_localizations
from tramway.errors import FileFormatError


def write(path: Path, with_tracks: bool = True) -> Path:
    """Objects by frame, tracks of their ranks; the missing frame of the second is filled in."""
    objects = MOVIE.sort_values("frame", kind="stable")
    places = objects[["frame", "x", "y"]].to_numpy() / [1, PIXEL, PIXEL]
    with h5py.File(path, "w") as root:
        kinds = np.full((len(places), 1), 5.0)
        root["objects/obj_type_1/coords"] = np.hstack([places, np.zeros_like(kinds), kinds])
        root["objects/obj_type_1/labels"] = np.zeros((len(places), 1))
        if not with_tracks:
            return path
        refs, ends = [], []
        for number in (1, 2, 3):
            ranks = np.flatnonzero(objects["n"] == number).tolist()
            ranks[3:3] = [-1] if number == 2 else []
            ends.append([len(refs), len(refs) + len(ranks)])
            refs += ranks
        root["tracks/obj_type_1/tracks"] = np.array(refs)[:, None]
        root["tracks/obj_type_1/map"] = np.array(ends)
        root["tracks/obj_type_1/dummies"] = np.array([[3.0, 1, 1, 0, 5]])
    return path


def test_tracks_in_hdf5(tmp_path: Path) -> None:
    reading = read_file(write(tmp_path / "a.h5"), pixel_size=PIXEL, frame_interval=INTERVAL)
    assert reading.facts.format == "btrack"
    assert any("1 positions that btrack filled in" in note for note in reading.facts.notes)
    table = reading.trajectories
    np.testing.assert_allclose(table[["x", "y"]], MOVIE[["x", "y"]])
    assert table["n"].nunique() == 3


def test_objects_without_tracks(tmp_path: Path) -> None:
    facts = read_localizations(write(tmp_path / "a.h5", with_tracks=False))[2]
    assert (facts.localizations, facts.tracks) == (len(MOVIE), 0)


def test_what_does_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5")
    with h5py.File(path, "a") as root:
        root["tracks/obj_type_1/tracks"][0] = 99
    with pytest.raises(FileFormatError, match="tracks are of objects that are not there"):
        read_file(path)
    with h5py.File(path, "a") as root:
        root.copy("objects/obj_type_1", "objects/obj_type_2")
    with pytest.raises(FileFormatError, match="objects of 2 types, obj_type_1, obj_type_2"):
        read_file(path)
