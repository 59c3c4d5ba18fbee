"""What is read by the core is what the HDF5 library reads: another implementation of the format."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tramway.errors import DataQualityWarning, FileFormatError, NewerFileError
from tramway.files import Analysis, Record, read_rwa, save_rwa
from tramway.files.hdf5_reading import as_written
from tramway.files.hdf5_tree import Dataset, Group
from tramway.files.rwa import is_intact

MakeTree = Callable[..., Analysis]
KINDS = ["<f8", ">f8", "<f4", "<i8", "<u2", "|i1", "|b1", "|S7"]


@contextmanager
def written(path: Path, fill: Callable[[Group], object]) -> "Iterator[h5py.Group]":
    file = Group()
    fill(file.create_group("object"))
    file.write(path)
    with h5py.File(path) as opened:
        yield opened["object"]


def same(ours: "Group | Dataset", theirs: "h5py.Group | h5py.Dataset") -> bool:
    """Whether the names, attributes, types, shapes and bits are the same."""
    attributes = {name: text.decode() for name, text in theirs.attrs.items()}
    if ours.attributes != attributes or ours.name != theirs.name:
        return False
    if isinstance(ours, Dataset):
        values = np.asarray(theirs[()], theirs.dtype)
        kinds = ours.dtype == theirs.dtype and ours.shape == theirs.shape
        return kinds and ours.array.tobytes() == values.tobytes()
    return list(ours) == list(theirs) and all(same(ours[name], theirs[name]) for name in ours)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
    )
)
def test_values_have_type_shape_and_bits(tmp_path, values):
    with written(tmp_path / "a.h5", lambda group: group.create_dataset("b", values)) as theirs:
        ours = as_written(theirs)
        assert same(ours, theirs)
        np.testing.assert_array_equal(ours["b"][()], values)


@pytest.mark.parametrize("size", [4096, 4097, 70_000, 1_000_000])
def test_values_in_chunks_are_read_and_can_be_written(tmp_path, size):
    values = np.random.default_rng(size).normal(size=(size // 8 + 1, 2))
    with written(tmp_path / "a.h5", lambda group: group.create_dataset("b", values)) as theirs:
        ours = as_written(theirs)
    np.testing.assert_array_equal(ours["b"][()], values)
    ours["b"][()][:] = 0.0


def test_trees_are_read_as_the_library_reads_them_saved_again_or_not(
    tmp_path: Path, make_tree: MakeTree
) -> None:
    path = tmp_path / "walks.rwa"
    save_rwa(path, make_tree())
    for _ in range(2):
        with h5py.File(path) as file:
            for place in ("analyses", "analyses/_data"):
                assert same(as_written(file[place]), file[place])
        tree = read_rwa(path)
        tree.add(tree["roi000"].data, "another")
        save_rwa(path, tree)  # what was there is copied by the library


def test_what_is_left_out_is_not_even_looked_at(tmp_path: Path, make_tree: MakeTree) -> None:
    path = tmp_path / "walks.rwa"
    save_rwa(path, make_tree())
    with h5py.File(path, "r+") as file:
        file["analyses/_data"].attrs["number"] = 7
    with h5py.File(path) as file:
        assert as_written(file["analyses"]) is None
        assert "_data" not in as_written(file["analyses"], without="_data")


def others(group: Group) -> "dict[str, Callable[[h5py.Group], object]]":
    return {
        "compressed": lambda g: g.create_dataset("b", data=np.zeros(10_000), compression="gzip"),
        "in chunks": lambda g: g.create_dataset("b", data=np.zeros((10, 10)), chunks=(5, 5)),
        "not under a checksum": lambda g: g.create_dataset("b", data=np.zeros(10_000)),
        "compound": lambda g: g.create_dataset("b", data=np.zeros(3, "i4,f8")),
        "text of any length": lambda g: g.create_dataset("b", data="text"),
        "empty": lambda g: g.create_dataset("b", data=h5py.Empty("f8")),
        "an attribute that is a number": lambda g: g.attrs.create("b", 1),
        "a link": lambda g: g.__setitem__("b", h5py.SoftLink("/object")),
        "a link to another file": lambda g: g.__setitem__("b", h5py.ExternalLink("c.h5", "/")),
        "a loop": lambda g: g.__setitem__("b", g),
        "something was taken out": lambda g: [g.create_group("b"), g.__delitem__("b")],
        "many links": lambda g: [g.create_group(str(number)) for number in range(100)],
    }


@pytest.mark.parametrize("name", others(Group()))
def test_what_is_laid_out_in_other_ways_is_left_to_the_library(tmp_path: Path, name: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w", libver=("v110", "v110")) as file:
        others(Group())[name](file.create_group("object"))
    with h5py.File(tmp_path / "a.h5") as file:
        assert as_written(file["object"]) is None


def test_groups_in_one_another_end(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w", libver=("v110", "v110")) as file:
        file.create_group("/".join("g" * 1000))
    with h5py.File(tmp_path / "a.h5") as file:
        assert as_written(file["g"]) is None


def test_files_in_memory_and_files_that_were_replaced_are_left_to_the_library(
    tmp_path: Path,
) -> None:
    with h5py.File(tmp_path / "memory.h5", "w", driver="core", backing_store=False) as file:
        assert as_written(file.create_group("object")) is None
    path = tmp_path / "a.h5"
    with written(path, lambda group: group.create_dataset("b", 1.0)) as theirs:
        other = Group()
        other.create_group("object").create_dataset("b", 2.0)
        other.write(tmp_path / "b.h5")
        (tmp_path / "b.h5").replace(path)
        assert as_written(theirs) is None


def recorded(make_tree: MakeTree) -> Analysis:
    tree = make_tree()
    tree["roi000"].record = Record({"number": 1}, "points")
    return tree


def test_what_can_be_read_is_told_without_making_it(
    tmp_path: Path, make_tree: MakeTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "walks.rwa"
    save_rwa(path, recorded(make_tree))
    tree = read_rwa(path)
    monkeypatch.setattr("tramway.files.stored_artefact.read_data", None)
    maps = tree["roi000"]["stochastic.dv"]
    assert is_intact(tree["roi000"])
    assert maps.is_unread
    known = make_tree()["roi000"]["stochastic.dv"].data.attributes
    for name, value in known.items():
        assert maps.stored.verify(name) == value
    assert maps.stored.verify("no such name") is None


def test_a_changed_bit_or_a_newer_part_is_told_as_where_it_is_read(
    tmp_path: Path, make_tree: MakeTree
) -> None:
    path = tmp_path / "walks.rwa"
    save_rwa(path, recorded(make_tree))
    place = f"{read_rwa(path)['roi000'].stored.place}/_data/_tessellation"
    with h5py.File(path, "r+") as file:
        file[place].attrs.modify("version", np.bytes_(b"9"))
    with pytest.raises(NewerFileError, match="version 9"):
        read_rwa(path)["roi000"].stored.verify()

    save_rwa(tmp_path / "other.rwa", recorded(make_tree))
    node = read_rwa(tmp_path / "other.rwa")["roi000"]
    values = node.data.tessellation.cell_centers.tobytes()
    content = bytearray((tmp_path / "other.rwa").read_bytes())
    content[content.index(values) + 3] ^= 1
    (tmp_path / "other.rwa").write_bytes(content)
    node = read_rwa(tmp_path / "other.rwa")["roi000"]
    with pytest.raises(FileFormatError, match="checksum"):
        node.stored.verify()
    with pytest.warns(DataQualityWarning, match="left out"):
        assert not is_intact(node)
