"""Partitions of sums in ``.rwa`` files."""

import subprocess
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from tramway.data import translocations
from tramway.errors import FileFormatError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.tessellation import SummedPartition, Summing, hexagons


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, SummedPartition]:
    rng = np.random.default_rng(0)
    number = np.repeat(np.arange(50), 8)
    places = rng.uniform(0, 2, (50, 1, 2)) + rng.normal(0, 0.1, (50, 8, 2)).cumsum(axis=1)
    x, y = places.reshape(-1, 2).T
    steps = translocations(
        pd.DataFrame({"n": number, "x": x, "y": y, "t": np.tile(np.arange(8) * 0.02, 50)})
    )
    summing = Summing(hexagons(steps[["x", "y"]], resolution=0.5))
    summing.add(steps)
    partition = summing.partition({"method": "hexagon"})
    tree = Analysis()
    tree.add(partition, "full")
    path = tmp_path / "movie.rwa"
    save_rwa(path, tree)
    return path, partition


def test_what_was_stored_is_read_again(stored: tuple[Path, SummedPartition]) -> None:
    path, partition = stored
    tree = read_rwa(path)
    assert "SummedPartition" in str(tree)
    found = tree["full"].data
    assert isinstance(found, SummedPartition)
    assert repr(found) == repr(partition)
    assert found.param == partition.param
    np.testing.assert_array_equal(found.sums.starts, partition.sums.starts)
    np.testing.assert_array_equal(found.sums.groups, partition.sums.groups)
    np.testing.assert_array_equal(found.midpoints.sums.groups, partition.midpoints.sums.groups)
    assert found.midpoints.covariance == partition.midpoints.covariance
    pd.testing.assert_frame_equal(found.bounding_box, partition.bounding_box)


def test_cells_left_out_have_no_midpoints(stored: tuple[Path, SummedPartition]) -> None:
    path, partition = stored
    tree = Analysis()
    without = SummedPartition(partition.tessellation, partition.sums, None, partition.bounding_box)
    tree.add(without, "part")
    save_rwa(path, tree)
    assert read_rwa(path)["part"].data.midpoints is None


@pytest.mark.parametrize("damage", ["starts", "groups"])
def test_damaged_sums_are_refused(stored: tuple[Path, SummedPartition], damage: str) -> None:
    path, _ = stored
    with h5py.File(path, "r+") as file:
        found: list[str] = []
        file.visit(lambda name: found.append(name) if name.endswith(f"items/{damage}") else None)
        attributes = dict(file[found[0]].attrs)
        values = file[found[0]][()]
        del file[found[0]]
        file[found[0]] = values[:-1]
        file[found[0]].attrs.update(attributes)
    with pytest.raises(FileFormatError, match="do not fit"):
        read_rwa(path)["full"].data  # noqa: B018


def test_the_original_sees_a_partition_without_points(
    stored: tuple[Path, SummedPartition], original_python: str, tmp_path: Path
) -> None:
    path, partition = stored
    script = (
        "import sys; from tramway.core.hdf5 import load_rwa; "
        "cells = load_rwa(sys.argv[1])['full'].data; "
        "print(len(cells.points), len(cells.tessellation.cell_centers))"
    )
    told = subprocess.run(
        [original_python, "-c", script, str(path)],
        capture_output=True,
        check=True,
        text=True,
        cwd=tmp_path,
    )
    assert told.stdout.split() == ["0", str(partition.number_of_cells)]
