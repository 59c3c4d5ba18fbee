"""Objects of files, read at once where they are as this package writes them.

The HDF5 library, through h5py, takes half a millisecond for objects as small as ours, and has to be
asked whether it would be led astray by them. What the core reads has no links and no loops, and is
what its checksums say; all else is left to the library.
"""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway import _core
from tramway.data.columns import TakenApart

from .datatype import TYPE_PREFIX
from .hdf5_tree import Dataset, Group, UnreadValues
from .structure import check_structure

if TYPE_CHECKING:
    import h5py
    import numpy as np


@contextmanager
def many_objects() -> Iterator[None]:
    """Leave cycles among objects for later, as long as a block makes many that all stay.

    Python would look through all of them again and again, and take a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def checked(
    item: "h5py.Group | h5py.Dataset",
) -> "Group | Dataset | h5py.Group | h5py.Dataset":
    """Read an object if it is as this package writes it; else look whether it can be.

    Raises
    ------
    FileFormatError
        If it could make a reader go astray; see :func:`tramway.files.structure.check_structure`.
    """
    read = as_written(item)
    if read is not None:
        return read
    check_structure(item)
    return item


def as_written(
    item: "h5py.Group | h5py.Dataset", without: str | None = None
) -> Group | Dataset | None:
    """Read an object of an open file, with all that is in it.

    Parameters
    ----------
    item
        The object; one that was read already is as it is.
    without
        Name of what is left out of all groups.

    Returns
    -------
    Group or Dataset or None
        None if it is damaged, not laid out as this package does, or in a file that has another one
        in its place by now.
    """
    if isinstance(item, Group | Dataset):
        return item
    found = _read(item, () if without is None else (without,))
    return None if found is None else _object(item.name, found)


class Outline:
    """Names and shapes of what is in some groups of a tree, all read at once when one is asked for.

    Parameters
    ----------
    top
        The tree: a group of an open file.
    of
        Name of the groups.
    taken
        Names of the members that are looked at in them, beside numbers; of values there are those
        only that are stored beside their shapes.
    without
        Names of members of other groups that are left out.
    """

    def __init__(
        self, top: "h5py.Group", of: str, taken: Sequence[str], without: Sequence[str]
    ) -> None:
        self._top = top
        self._place = top.name
        self._of = of
        self._taken = taken
        self._without = without

    @cached_property
    def _found(self) -> tuple[Any, ...] | None:
        return _read(self._top, self._without, (self._of, self._taken))

    def below(self, place: str) -> Group | None:
        """Give the group of that name in the group at a place; None where that is not known."""
        if not place.startswith(self._place):
            return None
        found, inside = self._found, place.removeprefix(self._place)
        if found is None:
            return None
        for name in (*inside.strip("/").split("/"), self._of):
            if name and len(found) == 2:
                found = found[1].get(name)
            if found is None:
                return None
        group = _object(f"{place}/{self._of}", found)
        return group if isinstance(group, Group) else None


def _read(
    item: "h5py.Group | h5py.Dataset",
    without: Sequence[str],
    outline: tuple[str, Sequence[str]] | None = None,
) -> tuple[Any, ...] | None:
    """Have the core read an object of an open file; None where it does not."""
    from h5py import h5o

    path = Path(item.file.filename)
    try:
        found = _core.read_hdf5(path, h5o.get_info(item.id).addr, without, outline)
        of, now = os.fstat(item.file.id.get_vfd_handle()), path.stat()
    except (OSError, RuntimeError, NotImplementedError):  # a file in memory, one that is gone
        return None
    return found if (of.st_ino, of.st_dev) == (now.st_ino, now.st_dev) else None


def _object(name: str, found: tuple[Any, ...]) -> Group | Dataset:
    if len(found) == 2:
        group = Group(name, _NO_TABLES)
        group.attributes, members = found
        names = sorted(members)  # as the library lists them
        group.members = {key: _object(group.path_of(key), members[key]) for key in names}
        return group
    attributes, datatype, shape, values = found
    dtype = _dtype(datatype)
    dataset = Dataset(
        UnreadValues(dtype, tuple(shape)) if values is None else values.view(dtype).reshape(shape),
        name,
    )
    dataset.attributes = attributes
    return dataset


_NO_TABLES = TakenApart()


@cache
def _dtype(datatype: bytes) -> "np.dtype[Any]":
    """Type of values, of what an HDF5 file has of it."""
    from h5py import h5t

    dtype: np.dtype[Any] = h5t.decode(TYPE_PREFIX + datatype).dtype
    return dtype
