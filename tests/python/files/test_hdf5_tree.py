"""What is written here, the HDF5 library reads: it is another implementation of the same format."""

import errno
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tramway.files import hdf5_tree
from tramway.files.hdf5_tree import OBJECT, Copy, Group, open_image

KINDS = ["<f8", ">f8", "<f4", "<i8", "<u2", "|i1", "|b1", "<c16", "|S7"]


@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0))
    )
)
def test_values_keep_type_shape_and_bits(values):
    group = Group()
    group.create_dataset("values", values)
    with open_image(group.image()) as file:
        result = file["values"][()]
        assert file["values"].dtype == values.dtype
    assert result.shape == values.shape
    assert np.asarray(result, values.dtype).tobytes() == values.tobytes()


@pytest.mark.parametrize("size", [0, 1, 255, 256, 4095, 4096, 4097, 4098, 65535, 65536, 100_001])
def test_values_of_any_size_are_under_a_checksum(size):
    values = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8)
    group = Group()
    group.create_dataset("values", values).attributes["type"] = "bytes"
    content = group.image()
    with open_image(content) as file:
        np.testing.assert_array_equal(file["values"], values)
        assert file["values"].attrs["type"] == b"bytes"
        assert file["values"].fletcher32 == (size > 4096)
    if size > 8:
        changed = bytearray(content)
        changed[content.index(values[:8].tobytes()) + size // 2] ^= 1
        with pytest.raises((OSError, KeyError), match=r"checksum|filter"):  # noqa: SIM117
            with open_image(bytes(changed)) as file:
                file["values"][()]


def test_values_of_bytes_that_are_all_zero_or_all_ones_pass_their_checksum():
    group = Group()
    for name, value in (("zeros", 0), ("ones", 255)):
        group.create_dataset(name, np.full(70_001, value, np.uint8))
    with open_image(group.image()) as file:
        assert (file["zeros"][:] == 0).all()
        assert (file["ones"][:] == 255).all()


def test_groups_of_any_size_can_be_read_and_added_to():
    for count in (0, 1, 8, 9, 300, 3000):
        group = Group()
        items = group.create_group("items")
        names = [f"region {number} µm" for number in range(count)] + ["x" * 300]
        for number, name in enumerate(names):
            items.create_dataset(name, number)
        with open_image(group.image(), writable=True) as file:
            assert set(file["items"]) == set(names)
            assert all(file["items"][name][()] == k for k, name in enumerate(names))
            file["items"].create_group("another")
            file["items"].attrs["type"] = "text"
            del file["items"][names[0]]
            file.flush()
            content = bytes(file.id.get_file_image())
        with open_image(content) as file:
            assert set(file["items"]) == {*names[1:], "another"}


def test_what_is_too_large_for_one_chunk_has_several(monkeypatch):
    monkeypatch.setattr(hdf5_tree, "_LARGEST_CHUNK", 8000)
    values = np.arange(3000.0).reshape(1500, 2)
    group = Group()
    group.create_group("inside").create_dataset("values", values).attributes["type"] = "array"
    with open_image(group.image()) as file:
        stored = file["inside/values"]
        assert stored.chunks == (500, 2)
        assert stored.fletcher32
        assert stored.attrs["type"] == b"array"
        np.testing.assert_array_equal(stored, values)


def test_what_is_copied_has_what_is_added_and_may_be_dropped_if_it_is_damaged(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as other:
        other.create_dataset("thing/values", data=np.arange(2000.0), compression="gzip")
        other.create_group("more").attrs["type"] = "text"
        other.create_dataset("bad", data=np.arange(2000.0), chunks=(2000,), fletcher32=True)
    content = bytearray(path.read_bytes())
    content[content.rindex(np.array([999.0, 1000.0]).tobytes())] ^= 1
    path.write_bytes(content)
    dropped = []
    group = Group()
    with h5py.File(path) as other:
        group.members["copy"] = Copy(other["thing"], {"below": other["more"]})
        group.members["bad"] = Copy(other["bad"], drop=lambda: dropped.append("bad"))
        with open_image(group.image()) as file:
            assert file["copy/values"].compression == "gzip"
            assert file["copy/below"].attrs["type"] == "text"
            # The library copies chunks as they are, without a look at their checksums.
            assert ("bad" in file) != bool(dropped)


def test_an_object_of_another_file_written_here_is_put_into_one_as_it_is():
    group = Group()
    inside = group.create_group(OBJECT)
    inside.attributes["type"] = "text"
    for name, size in (("short", 10), ("long", 5000)):
        inside.create_group(f"of {name}").create_dataset(name, np.arange(float(size)))
    image = group.image()
    both = Group()
    both.create_dataset("before", np.arange(3000))
    both.members["first"], both.members["second"] = Copy(image), Copy(image)
    laid_out = both.laid_out()
    assert not laid_out.later  # the library has no part in it
    content = laid_out.content(b"")
    with open_image(content) as file:
        for name in ("first", "second"):
            assert file[name].attrs["type"] == b"text"
            np.testing.assert_array_equal(file[name]["of short/short"], np.arange(10.0))
            np.testing.assert_array_equal(file[name]["of long/long"], np.arange(5000.0))


def test_an_object_with_addresses_among_its_values_is_copied_by_the_library():
    group = Group()
    group.create_dataset(OBJECT, np.arange(10.0))
    with open_image(group.image(), writable=True) as file:
        del file[OBJECT]
        file.create_dataset(OBJECT, data=["one", "two"], track_times=False)  # texts are elsewhere
        file.flush()
        image = bytes(file.id.get_file_image())
    both = Group()
    both.members["copy"] = Copy(image)
    assert both.laid_out().later == [("/", "copy", both.members["copy"])]
    with open_image(both.image()) as file:
        assert file["copy"].asstr()[1] == "two"


def test_equal_trees_make_equal_files():
    def image():
        group = Group()
        group.attributes["type"] = "text"
        group.create_dataset("values", np.arange(1000.0))
        return group.image()

    assert image() == image()


@pytest.mark.parametrize("kind", ["<f8", "<f4", "<i8", "<i4", "|u1", "|b1"])
def test_an_array_is_found_where_it_has_a_chunk_of_its_own(kind):
    long = np.arange(6000).astype(kind).reshape(2000, 3)
    group = Group()
    group.create_group("inside").create_dataset("long", long)
    group.create_dataset("across", np.arange(6000.0).reshape(2, 3000).T)
    short = group.create_dataset("short", np.arange(10.0)).array
    image = group.laid_out()
    place = image.place_of(long)
    assert place is not None
    content = image.content(b"and more")
    assert content.endswith(b"and more")
    assert content[place : place + long.nbytes] == long.tobytes()
    others = long.copy(), long[1:], long.ravel(), long.T, short, group.members["across"].array
    assert [image.place_of(other) for other in others] == [None] * len(others)
    assert image.place_of(long.view()) == place


def test_a_file_is_the_same_in_memory_and_where_it_is_written_in_pieces(tmp_path):
    group = Group()
    for number in range(30):  # more than is held before it is written
        inside = group.create_group(f"region {number}")
        inside.create_dataset("values", np.arange(20_000.0) + number)
        inside.attributes["type"] = "text"
    single = Group()
    single.create_dataset(OBJECT, np.arange(9_000))
    group.members["copied"] = Copy(single.image())
    group.write(tmp_path / "pieces.h5")
    assert (tmp_path / "pieces.h5").stat().st_size > 4 << 20
    assert (tmp_path / "pieces.h5").read_bytes() == group.image()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_is_told():
    group = Group()
    group.create_dataset("values", np.arange(10.0))
    with pytest.raises(OSError, match="No space left") as caught:
        group.write(Path("/dev/full"))
    assert caught.value.errno == errno.ENOSPC
