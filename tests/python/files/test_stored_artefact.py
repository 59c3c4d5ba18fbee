"""Trees whose artefacts are read from their file when they are asked for."""

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

from tramway.errors import ChangedFileError, FileFormatError
from tramway.files import Analysis, Record, hdf5_reading, read_rwa, save_rwa
from tramway.files.rwa import leave_out_damaged
from tramway.inference import Maps
from tramway.tessellation import Partition

MakeTree = Callable[..., Analysis]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "walks.rwa"


def bytes_read() -> int:
    """Bytes that this process has read so far, from files or what of them is in memory."""
    fields = Path("/proc/self/io").read_text(encoding="ascii").split()
    return int(fields[fields.index("rchar:") + 1])


def large_tree(make_tree: MakeTree, regions: int, points: int) -> Analysis:
    """A tree of many regions, with one translocation of each region repeated many times."""
    tree = make_tree()
    sampling = tree["roi000"].data
    rows = np.resize(np.arange(len(sampling.points)), points)
    table = sampling.points.iloc[rows].reset_index(drop=True)
    partition = Partition(table, sampling.tessellation, sampling.cells[rows], sampling.param)
    maps = tree["roi000"]["stochastic.dv"].data
    for number in range(regions):
        node = tree.add(partition, f"region {number}", record=Record({"number": number}, "points"))
        for mode in ("d", "dv"):
            node.add(maps, mode, record=Record({"mode": mode}, "sampling"))
    return tree


def test_a_line_says_of_what_is_not_read_the_same_as_of_what_is(
    path: Path, make_tree: MakeTree
) -> None:
    tree = make_tree()
    save_rwa(path, tree)
    unread = read_rwa(path)
    assert repr(unread) == repr(tree)
    assert all(node.is_unread for node in (unread, unread["roi000"]))
    pd.testing.assert_frame_equal(unread.data, tree.data)
    assert not unread.is_unread


@pytest.mark.parametrize("name", ["named.rwa", "numbered.rwa"])
def test_files_of_the_original_are_listed_as_they_are_read(original_files: Path, name: str) -> None:
    path = original_files / name
    if not path.exists():
        pytest.skip(f"no file {name} of the original")
    listed, tree = repr(read_rwa(path)), read_rwa(path)
    for label in tree:
        tree[label]._data  # noqa: B018
        for below in tree[label]:
            tree[label][below]._data  # noqa: B018
    assert tree._data is not None
    assert listed == repr(tree)


def test_maps_are_read_without_what_they_were_inferred_from(
    path: Path, make_tree: MakeTree
) -> None:
    save_rwa(path, make_tree())
    tree = read_rwa(path)
    maps = tree["roi000"]["stochastic.dv"].data
    assert isinstance(maps, Maps)
    assert tree["roi000"].is_unread
    assert maps.partition is tree["roi000"].data


def test_saving_keeps_what_was_never_read(
    path: Path, make_tree: MakeTree, contents_of: Callable[..., object], original_files: Path
) -> None:
    path.write_bytes((original_files / "named.rwa").read_bytes())
    with h5py.File(path, "a") as file:
        file["analyses/_data"].attrs["type"] = np.bytes_("Python.something.Unknown")
    before = contents_of(path, "analyses/_data")
    tree = read_rwa(path)
    labels = tree.labels
    tree.add(np.arange(5.0), "more", record=Record({}, "new"))
    assert save_rwa(path, tree) == []
    assert tree.is_unread
    assert all(tree[label].is_unread for label in labels)
    assert contents_of(path, "analyses/_data") == before
    np.testing.assert_array_equal(read_rwa(path)["more"].data, np.arange(5.0))
    tree[labels[0]]._data  # noqa: B018 - it is found in the file that was written


def test_a_file_that_others_have_changed_is_said_to_be(path: Path, make_tree: MakeTree) -> None:
    save_rwa(path, make_tree(resolution=1.2))
    tree = read_rwa(path)
    other = read_rwa(path)
    other.add(other["roi000"].data, "more", record=Record({}, "another"))
    save_rwa(path, other)
    # What has a record is known again.
    assert isinstance(tree["roi000"].data, Partition)
    with pytest.raises(ChangedFileError, match=r"walks\.rwa' was changed by others.* read the fi"):
        tree.data  # noqa: B018
    stale = read_rwa(path)
    save_rwa(path, make_tree(resolution=1.3))
    with pytest.raises(ChangedFileError, match="/roi000 may be another one"):
        stale["roi000"].data  # noqa: B018
    stale["roi000"].add(np.zeros(3), "d", record=Record({}, "of the first"))
    before = path.read_bytes()
    with pytest.raises(ChangedFileError, match="/roi000 may be another one"):
        save_rwa(path, stale)
    assert path.read_bytes() == before
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"walks\.rwa"):
        stale["roi000"].data  # noqa: B018


def test_damage_is_found_where_data_are_read(path: Path, make_tree: MakeTree) -> None:
    tree = make_tree()
    save_rwa(path, tree)
    content = path.read_bytes()
    values = tree.data["x"].to_numpy().tobytes()
    path.write_bytes(content.replace(values, values[:-1] + bytes([values[-1] ^ 1])))
    again = read_rwa(path)
    with pytest.raises(FileFormatError, match=r"walks\.rwa': /analyses/_data.*checksum.*run again"):
        again.data  # noqa: B018
    assert again["roi000"].data.tessellation.n_cells == 8


def test_a_tree_that_is_sent_takes_its_artefacts_along(path: Path, make_tree: MakeTree) -> None:
    tree = make_tree()
    save_rwa(path, tree)
    content = pickle.dumps(read_rwa(path))
    path.unlink()
    assert repr(pickle.loads(content)) == repr(tree)


def lines(tree: Analysis) -> list[str]:
    """What is said of each node; from a file, labels come in their own order."""
    return sorted(line.lstrip("│├└─ ") for line in repr(tree).splitlines())


def test_a_tree_is_listed_by_reading_it_once(
    path: Path, make_tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = large_tree(make_tree, 5, 200)
    save_rwa(path, tree)
    unread = read_rwa(path)
    asked: list[str] = []
    read = hdf5_reading._read

    def counted(item: h5py.Group, *said: Any) -> Any:
        asked.append(item.name)
        return read(item, *said)

    monkeypatch.setattr(hdf5_reading, "_read", counted)
    assert lines(unread) == lines(tree)
    assert asked == ["/analyses"]
    # One branch is listed without the others.
    assert repr(unread["region 3"]["dv"]) == repr(tree["region 3"]["dv"])
    assert asked == ["/analyses", "/analyses/_instances/items/region 3/_instances/items/dv"]


@pytest.mark.parametrize("place", ["_data/maps/index", "_data/mode", "_data"])
def test_what_is_not_as_it_was_written_is_listed_one_by_one(
    path: Path, make_tree: MakeTree, place: str
) -> None:
    """A link to another file, in the place of something, is not followed, and told there."""
    tree = large_tree(make_tree, 2, 200)
    save_rwa(path, tree)
    with h5py.File(path, "r+") as file:
        node = file["analyses/_instances/items/region 0/_instances/items/dv"]
        del node[place]
        node[place] = h5py.ExternalLink("elsewhere.rwa", "/")
    told, expected = lines(read_rwa(path)), lines(tree)
    [differing] = set(told) - set(expected)
    assert differing.startswith("'dv': not readable: ")
    assert len(told) == len(expected)


def test_points_that_are_damaged_are_not_taken_for_all(path: Path, make_tree: MakeTree) -> None:
    """A sampling without points of its own is one of all localizations."""
    save_rwa(path, large_tree(make_tree, 1, 200))
    with h5py.File(path) as file:
        points = file["analyses/_instances/items/region 0/_data/_points"]
        address = h5py.h5o.get_info(points.id).addr
    content = bytearray(path.read_bytes())
    content[address] ^= 1
    path.write_bytes(content)
    [told] = [line for line in lines(read_rwa(path)) if line.startswith("'region 0'")]
    assert told.startswith("'region 0': not readable: ")


def check_listing(path: Path, tree: Analysis, size: float) -> float:
    """List a tree of a file and check what was read; return the processor time, s."""
    save_rwa(path, tree)
    assert path.stat().st_size >= size
    expected = lines(tree)
    del tree
    repr(read_rwa(path))  # what is imported and allocated once is no part of it
    read, start = bytes_read(), time.process_time()
    listed = read_rwa(path)
    repr(listed)
    taken, read = time.process_time() - start, bytes_read() - read
    assert lines(listed) == expected
    assert read < 8e6  # names and shapes, in a few blocks of 16 KiB for each node
    return taken


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="bytes read are told by Linux")
def test_listing_reads_names_and_shapes_only(path: Path, make_tree: MakeTree) -> None:
    # 200 MB in 20 regions of 10 MB. Measured: 0.04 s, and 0.06 s of 2 GB on a busy machine.
    assert check_listing(path, large_tree(make_tree, 20, 160_000), 2e8) < 0.2


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="bytes read are told by Linux")
@pytest.mark.skipif("TRAMWAY_LARGE_FILES" not in os.environ, reason="writes 2 GB")
def test_listing_two_gigabytes_takes_no_longer(path: Path, make_tree: MakeTree) -> None:
    assert check_listing(path, large_tree(make_tree, 20, 1_600_000), 2e9) < 0.2


def test_nothing_of_what_is_checked_stays_in_memory(path: Path, make_tree: MakeTree) -> None:
    save_rwa(path, make_tree())
    tree = leave_out_damaged(read_rwa(path))
    assert tree.is_unread
    assert tree["roi000"]["stochastic.dv"].is_unread
