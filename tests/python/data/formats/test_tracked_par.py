"""Tracks of SLIMfast and vbSPT that are not as usual; see test_readers for those that are."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from tramway.data.formats import read_file


def write(path: Path, *tracks: list[list[float]]) -> Path:
    table = np.empty((1, len(tracks)), dtype=[(name, "O") for name in ("xy", "Frame", "TimeStamp")])
    for rank, xy in enumerate(tracks):
        frames = np.arange(1, len(xy) + 1)
        table[0, rank] = (np.array(xy), frames, frames * 0.01)
    scipy.io.savemat(path, {"trackedPar": table})
    return path


def test_third_coordinate_is_depth(tmp_path: Path) -> None:
    table = read_file(write(tmp_path / "a.mat", [[1, 2, 3], [1.5, 2, 4]])).trajectories
    assert table["z"].tolist() == pytest.approx([3, 4])
    # Where only some have one, it is something else.
    path = write(tmp_path / "b.mat", [[1, 2, 3], [1.5, 2, 4]], [[1, 2], [1, 3]])
    assert "z" not in read_file(path).trajectories
