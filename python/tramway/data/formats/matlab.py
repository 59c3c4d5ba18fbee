"""Structures in MATLAB files: version 5 to 7 by SciPy, version 7.3, which is HDF5, by h5py."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from .damage import understood

if TYPE_CHECKING:
    import h5py

Structure: TypeAlias = dict[str, NDArray[Any]]
"""Fields of one element of a structure array."""

_KIND = "a MATLAB file"
_HEADER = 128
_COMPRESSED = 15
_MOST_VARIABLES = 1000
_LARGEST_RATIO = 200
"""Of a variable's bytes to those it is compressed to; coordinates come to 10 at most."""

_ALWAYS_ALLOWED = 1 << 26


def variable_names(path: Path) -> frozenset[str]:
    """Names of the variables of a file of version 5 to 7; as many as can be read.

    SciPy's own list of them stops at objects, which some programs save beside their tracks.
    """
    return frozenset(name for name, _, _ in _variables(path))


def _variables(path: Path) -> list[tuple[str, int, int]]:
    """Name of each variable, its bytes, and its bytes in the file."""
    found: list[tuple[str, int, int]] = []
    with path.open("rb") as file:
        header = file.read(_HEADER)
        order = ">" if header[126:128] == b"MI" else "<"
        while len(found) < _MOST_VARIABLES:
            kind, stored = _tag(file.read(8), order)
            if not kind:
                break
            begin = file.tell()
            content = file.read(min(stored, 4096))
            if kind == _COMPRESSED:
                try:
                    content = zlib.decompressobj().decompress(content, 256)
                except zlib.error:
                    break
                size, content = _tag(content[:8], order)[1], content[8:]
            else:
                size = stored
            name = _name(content, order)
            if name:
                found.append((name, size, stored))
            file.seek(begin + stored)
    return found


def _tag(content: bytes, order: str) -> tuple[int, int]:
    """Type and length of an element; (0, 0) at the end of the file."""
    if len(content) < 8:
        return 0, 0
    kind, length = struct.unpack(order + "II", content)
    return kind, length


def _name(content: bytes, order: str) -> str:
    """Name of the variable whose element begins like this: flags, dimensions, name."""
    place = 16
    for part in ("dimensions", "name"):
        first, second = _tag(content[place : place + 8], order)
        small = first >> 16
        begin, length = (place + 4, small) if small else (place + 8, second)
        if part == "name":
            return content[begin : begin + min(length, 63)].decode("ascii", "replace")
        place = place + 8 if small else begin + -(-length // 8) * 8
    return ""


def read_structures(path: Path, name: str, fields: Sequence[str]) -> list[Structure]:
    """Read some fields of a structure array, or of a cell array of structures.

    Parameters
    ----------
    path
        The file.
    name
        The variable; ``a.b`` for the field ``b`` of the structure ``a``.
    fields
        Names of the fields that are wanted.

    Returns
    -------
    list of dict
        One for each element, in MATLAB's order, with those of the fields that it has. What is empty
        there has size 0; text is one string.

    Raises
    ------
    FileFormatError
        If there is no such variable, it is no structure, or the file is damaged.
    """
    with understood(path, _KIND):
        with path.open("rb") as file:
            is_hdf5 = not file.read(8).startswith(b"MATLAB 5")
        read = _in_hdf5 if is_hdf5 else _in_version_5
        return read(path, name, fields)


def _in_version_5(path: Path, name: str, fields: Sequence[str]) -> list[Structure]:
    from scipy.io import loadmat

    top, *below = name.split(".")
    for variable, size, stored in _variables(path):
        if variable == top and size > max(_ALWAYS_ALLOWED, _LARGEST_RATIO * stored):
            raise FileFormatError(
                f"{path}: variable {top} is {size} bytes, compressed to {stored}: such a file is "
                "made to fill the memory, it is not read"
            )
    found = loadmat(path, variable_names=[top]).get(top)
    for field in below:
        found = _single(found, field)
    if found is None:
        raise FileFormatError(f"{path}: no variable {name}")
    elements: Any = np.asarray(found).ravel(order="F")
    if elements.dtype == object:  # a cell array
        elements = [cell for cell in elements if isinstance(cell, np.ndarray) and cell.size]
        if any(cell.dtype.names is None for cell in elements):
            raise FileFormatError(f"{path}: {name} is a cell array of other things than structures")
        rows = [row for cell in elements for row in cell.ravel(order="F")]
    elif elements.dtype.names is None:
        raise FileFormatError(f"{path}: {name} is no structure")
    else:
        rows = list(elements)
    return [
        {field: np.asarray(row[field]) for field in fields if field in row.dtype.names}
        for row in rows
    ]


def _single(found: Any, field: str) -> Any:
    """Give a field of a structure of one element; None if there is none."""
    if (
        not isinstance(found, np.ndarray)
        or found.size == 0
        or field not in (found.dtype.names or ())
    ):
        return None
    return found.ravel()[0][field]


def _in_hdf5(path: Path, name: str, fields: Sequence[str]) -> list[Structure]:
    import h5py

    with h5py.File(path, "r") as root:
        found: Any = root
        for part in name.split("."):
            link = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
            if not isinstance(link, h5py.HardLink):
                raise FileFormatError(f"{path}: no variable {name}")
            found = found[part]
        if isinstance(found, h5py.Dataset):
            if found.dtype != h5py.ref_dtype:
                raise FileFormatError(f"{path}: {name} is no structure")
            groups = [root[reference] for reference in found[()].ravel()]
            elements = [_fields(group, fields) for group in groups if isinstance(group, h5py.Group)]
            return [row for element in elements for row in element]
        return _fields(found, fields)


def _fields(group: "h5py.Group", fields: Sequence[str]) -> list[Structure]:
    """Elements of a structure array; one that has one element stores its fields as they are."""
    import h5py

    rows: list[Structure] = []
    for field in fields:
        item = group.get(field)
        if not isinstance(item, h5py.Dataset):
            continue
        # References that are not marked as a cell are those of the elements of the array.
        is_array = item.dtype == h5py.ref_dtype and "MATLAB_class" not in item.attrs
        if is_array:
            values = [_value(item.file[reference]) for reference in item[()].ravel()]
        else:
            values = [_value(item)]
        if not rows:
            rows = [{} for _ in values]
        if len(values) != len(rows):
            raise FileFormatError(
                f"{group.file.filename}: {field} has {len(values)} elements, other fields "
                f"{len(rows)}"
            )
        for row, value in zip(rows, values, strict=True):
            row[field] = value
    return rows


def _value(item: Any) -> NDArray[Any]:
    import h5py

    if not isinstance(item, h5py.Dataset) or item.dtype == h5py.ref_dtype:
        return np.empty(0)
    if "MATLAB_empty" in item.attrs:
        return np.empty((0, 0))
    values = np.asarray(item[()]).T
    if item.attrs.get("MATLAB_class") == b"char":
        return np.asarray("".join(map(chr, values.ravel())))
    return values
