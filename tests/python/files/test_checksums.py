"""A byte that was changed after writing is noticed wherever it is; what it damages is made anew."""

import random
import warnings
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tramway.errors import DataQualityWarning, FileFormatError
from tramway.files import Analysis, content_hash, read_rwa, save_rwa
from tramway.files.rwa import leave_out_damaged

MakeTree = Callable[..., Analysis]

ROI = "analyses/_instances/items/roi000"
MAPS = f"{ROI}/_instances/items/stochastic.dv"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "walks.rwa"


def change(path: Path, value: bytes) -> None:
    """Change a byte of a file, in the middle of some that occur once in it."""
    content = bytearray(path.read_bytes())
    assert content.count(value) == 1
    content[content.index(value) + len(value) // 2] ^= 1
    path.write_bytes(content)


def big_tree(make_tree: MakeTree) -> Analysis:
    """A tree whose tables are larger than what is stored beside its type."""
    tree = make_tree()
    points = tree["roi000"].data.points
    tree["roi000"].data.points = points.loc[np.arange(1000) % len(points)].reset_index(drop=True)
    tree["roi000"].data.cells = np.resize(tree["roi000"].data.cells, 1000)
    return tree


def test_all_data_are_under_a_checksum(path: Path, make_tree: MakeTree) -> None:
    save_rwa(path, big_tree(make_tree))
    layouts = set()

    def note(_: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            layouts.add((item.id.get_create_plist().get_layout(), item.fletcher32))

    with h5py.File(path) as file:
        file.visititems(note)
    # Beside their type, or with a checksum of their own. Signature, then version, of the file: from
    # 3 on, all that is not data has checksums (HDF5 File Format Specification 3.0, II.A).
    assert layouts == {(h5py.h5d.COMPACT, False), (h5py.h5d.CHUNKED, True)}
    assert path.read_bytes()[:9] == b"\x89HDF\r\n\x1a\n\x03"


def read(path: Path) -> tuple[list[str], list[str]]:
    """Labels in a file, and what was said as it was read."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tree = leave_out_damaged(read_rwa(path))
        labels = [f"{label}/{below}" for label in tree for below in (".", *tree[label])]
    return labels, [str(warning.message) for warning in caught]


def test_a_failed_checksum_is_said_with_file_and_dataset(path: Path, make_tree: MakeTree) -> None:
    tree = big_tree(make_tree)
    save_rwa(path, tree)
    change(path, tree["roi000"].data.points["dx"].to_numpy().tobytes())
    labels, said = read(path)
    assert labels == []
    [message] = said
    place = f"'{path}': /{ROI}/_data/_points/data/values/4 is damaged: it is not what its checksum"
    assert message.startswith(place)
    assert message.endswith("run again to make it anew: 'roi000' was left out")


@pytest.mark.parametrize(
    ("of", "labels", "said"),
    [
        (
            lambda tree: tree["roi000"]["stochastic.dv"].record.as_json().encode(),
            ["roi000/."],
            MAPS,
        ),
        (lambda tree: tree["roi000"].data.tessellation.cell_volume.tobytes(), [], ROI),
        (lambda tree: b"tramway.tessellation.base.Partition", [], ROI),
        (lambda tree: b"walks.txt", FileFormatError, "/analyses"),
    ],
)
def test_texts_attributes_and_small_arrays_are_under_checksums_too(
    path: Path, make_tree: MakeTree, of: Callable[[Analysis], bytes], labels: object, said: str
) -> None:
    tree = make_tree()
    save_rwa(path, tree)
    change(path, of(tree))
    if labels is FileFormatError:
        with pytest.raises(FileFormatError, match=rf"{path}.*{said}.* take it away and run again"):
            read_rwa(path)
    else:
        found, messages = read(path)
        assert found == labels
        assert len(messages) == 1
        assert f"/{said}" in messages[0]
        assert "checksum" in messages[0]


def numbers(tree: Analysis) -> list[object]:
    """Everything in the tree that a user can see."""
    sampling, maps = tree["roi000"].data, tree["roi000"]["stochastic.dv"].data
    cells = sampling.tessellation
    return [
        content_hash(tree.data, sampling.points, sampling.cells, maps.maps),
        content_hash(
            cells.cell_centers, cells.adjacency_starts, cells.adjacency, cells.cell_volume
        ),
        repr([list(maps.maps), list(maps.maps.index), maps.mode, maps.attributes, tree.data.attrs]),
        repr([sampling.param, tree.metadata, tree["roi000"].record, tree["roi000"].comment]),
        repr([cells.hexagon_radius, cells.hexagon_count, cells.tilt, tree]),
    ]


@pytest.mark.slow
def test_no_changed_byte_gives_other_numbers(path: Path, make_tree: MakeTree) -> None:
    save_rwa(path, big_tree(make_tree))
    whole, expected = path.read_bytes(), numbers(read_rwa(path))
    draw = random.Random(1)
    noticed = 0
    for _ in range(300):
        content = bytearray(whole)
        content[draw.randrange(len(whole))] ^= draw.randrange(1, 256)
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found = numbers(read_rwa(path))
            except (FileFormatError, DataQualityWarning):
                noticed += 1
                continue
        assert found == expected  # the byte was in a gap, or in what only the original reads
    assert noticed > 200


def test_saving_replaces_what_is_damaged_and_keeps_the_rest(
    path: Path, make_tree: MakeTree, contents_of: Callable[..., object]
) -> None:
    tree = make_tree()
    tree.add(tree["roi000"].data, "roi001", record=tree["roi000"].record)
    save_rwa(path, tree)
    before = contents_of(path)
    change(path, b"tramway.inference.base.Maps")
    with pytest.warns(DataQualityWarning, match="'stochastic.dv' was left out"):
        again = leave_out_damaged(read_rwa(path))
    assert (again.labels, again["roi000"].labels) == (["roi000", "roi001"], [])
    again["roi000"].add(
        tree["roi000"]["stochastic.dv"].data,
        "stochastic.dv",
        "a map",
        tree["roi000"]["stochastic.dv"].record,
    )
    assert save_rwa(path, again) == ["'stochastic.dv' in 'walks.rwa' was damaged: replaced"]
    assert contents_of(path) == before


def test_localizations_that_are_damaged_are_replaced(
    path: Path, make_tree: MakeTree, contents_of: Callable[..., object]
) -> None:
    tree = make_tree()
    save_rwa(path, tree)
    before = contents_of(path)
    change(path, tree.data["x"].to_numpy().tobytes())
    with pytest.warns(DataQualityWarning, match="the localizations were left out"):
        again = leave_out_damaged(read_rwa(path))
    again.data = tree.data
    assert save_rwa(path, again) == ["the localizations in 'walks.rwa' are damaged: replaced"]
    assert contents_of(path) == before


def test_what_cannot_even_be_copied_is_dropped(path: Path, make_tree: MakeTree) -> None:
    tree = make_tree()
    save_rwa(path, tree)
    change(path, tree["roi000"]["stochastic.dv"].record.as_json().encode())
    other = Analysis(tree.data)
    notes = save_rwa(path, other)
    assert notes == [f"/{ROI} in 'walks.rwa' was damaged: dropped"]
    assert read_rwa(path).labels == []


def test_a_column_whose_name_cannot_be_read_is_an_error(path: Path, make_tree: MakeTree) -> None:
    save_rwa(path, make_tree())
    with h5py.File(path, "a") as file:  # as a flipped byte makes it, in files without checksums
        file[f"{MAPS}/_data/maps/data/keys/0"].attrs["type"] = np.bytes_("Python.unikode")
    with pytest.warns(DataQualityWarning, match="the name of a column of .*/maps cannot be read"):
        assert leave_out_damaged(read_rwa(path))["roi000"].labels == []
