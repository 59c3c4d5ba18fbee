"""Structures in MATLAB files, of version 5 to 7, or 7.3, which is HDF5."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from . import matlab_5
from .damage import understood

if TYPE_CHECKING:
    import h5py

Structure: TypeAlias = dict[str, NDArray[Any]]
"""Fields of one element of a structure array."""


def read_structures(path: Path, name: str, fields: Sequence[str]) -> list[Structure]:
    """Read what :func:`structures_in` gives, as a list."""
    return list(structures_in(path, name, fields))


def structures_in(path: Path, name: str, fields: Sequence[str]) -> Iterator[Structure]:
    """Read some fields of a structure array, or of a cell array of structures, one by one.

    Parameters
    ----------
    path
        The file.
    name
        The variable; ``a.b`` for the field ``b`` of the structure ``a``.
    fields
        Names of the fields that are wanted.

    Yields
    ------
    dict
        One for each element, in MATLAB's order, with those of the fields that it has; an empty cell
        has none. What is empty there, or holds no numbers, has size 0.

    Raises
    ------
    FileFormatError
        If there is no such variable, it is no structure, or the file is damaged.
    """
    with understood(path, "a MATLAB file"):
        read = _in_version_5 if _is_version_5(path) else _in_hdf5
        yield from read(path, name, fields)


def read_array(path: Path, name: str) -> NDArray[Any]:
    """Read a variable, or a field of a structure as ``a.b``, that is an array of numbers.

    Raises
    ------
    FileFormatError
        If there is none of that name, or the file is damaged.
    """
    top, _, field = name.rpartition(".")
    if top:
        [found] = read_structures(path, top, [field]) or [{}]
        if field not in found:
            raise FileFormatError(f"{path}: no variable {name}")
        return found[field]
    with understood(path, "a MATLAB file"):
        if _is_version_5(path):
            return matlab_5.read_variable(path, name).numbers()
        import h5py

        with h5py.File(path, "r") as root:
            if not isinstance(root.get(name, getlink=True), h5py.HardLink):
                raise FileFormatError(f"{path}: no variable {name}")
            return _value(root[name])


def _is_version_5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(matlab_5.SIGNATURE)) == matlab_5.SIGNATURE


def _in_version_5(path: Path, name: str, fields: Sequence[str]) -> Iterator[Structure]:
    top, *below = name.split(".")
    found = matlab_5.read_variable(path, top)
    for field in below:
        inner = list(found.structures([field])) if found.kind == matlab_5.STRUCTURE else []
        if len(inner) != 1 or field not in inner[0]:
            raise FileFormatError(f"{path}: no variable {name}")
        found = inner[0][field]
    for array in found.cells() if found.kind == matlab_5.CELL else [found]:
        if not array.size and found.kind == matlab_5.CELL:
            yield {}
            continue
        if array.kind != matlab_5.STRUCTURE:
            raise FileFormatError(f"{path}: {name} is no structure, nor cells of structures")
        for row in array.structures(fields):
            yield {field: matrix.numbers() for field, matrix in row.items()}


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
            items = [root[reference] for reference in found[()].ravel()]
            return [
                row
                for item in items
                for row in (_fields(item, fields) if isinstance(item, h5py.Group) else [{}])
            ]
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
    if item.dtype.kind not in "iuf" or item.attrs.get("MATLAB_class") == b"char":
        return np.empty(0)
    return np.asarray(item[()]).T
