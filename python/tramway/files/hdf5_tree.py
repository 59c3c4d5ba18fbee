"""Groups and datasets to be stored: put together in memory, then written as an HDF5 file at once.

The HDF5 library takes twenty times as long for objects as small and as many as ours. What is in
other files goes from there into the new one by h5py.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tramway import _core
from tramway.data.columns import TakenApart

from .datatype import datatype_of
from .structure import check_structure

if TYPE_CHECKING:
    import h5py
    from numpy.typing import NDArray

_LARGEST_CHUNK = 1 << 26
"""Bytes that have one checksum, and are read at once."""


OBJECT = "object"
"""Name, in a file that is one object's alone, of that."""


class UnreadValues:
    """Values of which the type and the shape are known alone.

    Parameters
    ----------
    dtype, shape
        As of an array.
    """

    def __init__(self, dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> None:
        self.dtype = dtype
        self.shape = shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        raise ValueError("only its shape was read")


class Dataset:
    """Values to be stored, or that were read, with attributes; to be read like one of h5py."""

    __slots__ = ("array", "attributes", "name")

    def __init__(self, array: "NDArray[Any] | UnreadValues", name: str = "") -> None:
        self.array: Any = array
        self.name = name
        self.attributes: dict[str, str] = {}

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Type of the values."""
        dtype: np.dtype[Any] = self.array.dtype
        return dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values."""
        shape: tuple[int, ...] = self.array.shape
        return shape

    @property
    def datatype(self) -> bytes:
        """Type of the values, as a file has it."""
        return datatype_of(self.array.dtype)

    @property
    def attrs(self) -> dict[str, str]:
        """The attributes."""
        return self.attributes

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, key: Any) -> Any:
        return self.array[key]


class Copy(NamedTuple):
    """What is to be stored as it is in a file.

    Attributes
    ----------
    item
        Where it is: an object of a file that is open until all is written, or the image of a file
        in which it is :data:`OBJECT`.
    more
        What is to be in it beside what is there, by path.
    drop
        Called if it cannot be read, and is left out; None: that is an error.
    tree
        What is in an image, put together; None where that is not at hand.
    """

    item: "h5py.Group | h5py.Dataset | bytes"
    more: "Mapping[str, h5py.Group | h5py.Dataset]" = MappingProxyType({})
    drop: Callable[[], None] | None = None
    tree: "Group | Dataset | None" = None


class Group:
    """A group to be stored, or that was read; to be read like one of h5py.

    Attributes
    ----------
    name
        Path in the file.
    attributes
        Texts by name.
    members
        What is in it, by name.
    tables
        Those that are in it, or in the group that it was made in.
    """

    __slots__ = ("attributes", "members", "name", "tables")

    def __init__(self, name: str = "/", tables: TakenApart | None = None) -> None:
        self.name = name
        self.tables = TakenApart() if tables is None else tables
        self.attributes: dict[str, str] = {}
        self.members: dict[str, Group | Dataset | Copy] = {}

    @property
    def attrs(self) -> dict[str, str]:
        """The attributes."""
        return self.attributes

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __contains__(self, name: object) -> bool:
        return name in self.members

    def __getitem__(self, name: str) -> "Group | Dataset | Copy":
        return self.members[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Member of that name, or something else where there is none."""
        return self.members.get(name, default)

    def path_of(self, name: str) -> str:
        """Path that a member has, or would have."""
        return f"{self.name.rstrip('/')}/{name}"

    def create_group(self, name: str) -> "Group":
        """Make a group in this one."""
        group = self.members[name] = Group(self.path_of(name), self.tables)
        return group

    def create_dataset(self, name: str, values: Any) -> Dataset:
        """Store values in this group.

        Raises
        ------
        TypeError
            If HDF5 has no type for them.
        """
        values = np.asarray(values)
        datatype_of(values.dtype)
        dataset = self.members[name] = Dataset(values)
        return dataset

    def laid_out(self) -> _core.Hdf5Image:
        """Lay out all as a file whose root this group is, but what the HDF5 library has to see to.

        That is in `later`: group, name in it, and what it is.
        """
        return _core.Hdf5Image(self, _LARGEST_CHUNK)

    def image(self) -> bytes:
        """Write all as a file whose root this group is.

        Raises
        ------
        OSError, RuntimeError, KeyError
            If something cannot be copied.
        """
        laid_out = self.laid_out()
        content = laid_out.content(b"")
        if not laid_out.later:
            return content
        with open_image(content, writable=True) as file:
            _add(file, laid_out.later)
            file.flush()
            return bytes(file.id.get_file_image())

    def write(self, path: Path) -> None:
        """Write all into a file; what is copied from other files never is in memory as a whole.

        Raises
        ------
        OSError, RuntimeError, KeyError
            If something cannot be copied, or the file cannot be written.
        """
        later = _core.write_hdf5(path, self, _LARGEST_CHUNK)
        if later:
            import h5py

            with h5py.File(path, "r+", libver=("v110", "v110")) as file:
                _add(file, later)


def _add(file: "h5py.File", later: list[tuple[str, str, Dataset | Copy]]) -> None:
    for group, name, member in later:
        if isinstance(member, Dataset):
            _write_in_chunks(file[group], name, member)
        else:
            _copy(file[group], name, member)


def _write_in_chunks(group: "h5py.Group", name: str, dataset: Dataset) -> None:
    """Store what is too large for one chunk in several of whole rows."""
    values = dataset.array
    rows = max(1, _LARGEST_CHUNK // (values.nbytes // len(values)))
    stored = group.create_dataset(
        name,
        data=values,
        chunks=(min(len(values), rows), *values.shape[1:]),
        fletcher32=True,
        track_times=False,
    )
    for key, text in dataset.attributes.items():
        stored.attrs[key] = np.bytes_(text.encode())


def _copy(group: "h5py.Group", name: str, member: Copy) -> None:
    item = member.item
    try:
        if isinstance(item, bytes):
            with open_image(item) as image:
                image.copy(OBJECT, group, name=name)
            return
        check_structure(item, to_copy=True)
        group.copy(item, name)
        for path, other in member.more.items():
            group[name].copy(other, path)
    except (OSError, RuntimeError, KeyError, ValueError):
        if member.drop is None:
            raise
        if name in group:
            del group[name]
        member.drop()


@contextmanager
def open_image(content: bytes, *, writable: bool = False) -> "Iterator[h5py.File]":
    """Open an HDF5 file that is in memory."""
    import h5py
    from h5py import h5f, h5p

    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    access.set_file_image(content)
    # From version 1.10 on, HDF5 keeps checksums of all that is not data: names, types, attributes.
    access.set_libver_bounds(h5f.LIBVER_V110, h5f.LIBVER_V110)
    mode = h5f.ACC_RDWR if writable else h5f.ACC_RDONLY
    with h5py.File(h5f.open(uuid.uuid4().hex.encode(), mode, fapl=access)) as file:
        yield file
