"""Objects of files, read at once where they are as this package writes them.

The HDF5 library, through h5py, takes half a millisecond for objects as small as ours, and has to be
asked whether it would be led astray by them. What the core reads has no links and no loops, and is
what its checksums say; all else is left to the library.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway import _core

from .hdf5_tree import TYPE_PREFIX, Dataset, Group
from .structure import check_structure

if TYPE_CHECKING:
    import h5py
    import numpy as np


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
    from h5py import h5o

    if isinstance(item, Group | Dataset):
        return item
    path = Path(item.file.filename)
    try:
        found = _core.read_hdf5(path, h5o.get_info(item.id).addr, without)
        of, now = os.fstat(item.file.id.get_vfd_handle()), path.stat()
    except (OSError, RuntimeError, NotImplementedError):  # a file in memory, one that is gone
        return None
    if found is None or (of.st_ino, of.st_dev) != (now.st_ino, now.st_dev):
        return None
    return _object(item.name, found)


def _object(name: str, found: tuple[Any, ...]) -> Group | Dataset:
    if len(found) == 2:
        group = Group(name)
        group.attributes, members = found
        names = sorted(members)  # as the library lists them
        group.members = {key: _object(group.path_of(key), members[key]) for key in names}
        return group
    attributes, datatype, shape, values = found
    dataset = Dataset(values.view(_dtype(datatype)).reshape(shape), name)
    dataset.attributes = attributes
    return dataset


@cache
def _dtype(datatype: bytes) -> "np.dtype[Any]":
    """Type of values, of what an HDF5 file has of it."""
    from h5py import h5t

    dtype: np.dtype[Any] = h5t.decode(TYPE_PREFIX + datatype).dtype
    return dtype
