"""Python objects from the HDF5 groups and datasets that :mod:`.rwa_encoding` describes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.errors import FileFormatError

from .hdf5_tree import Group
from .stored_object import (
    ErrorsTranslated,
    StoredObject,
    check_version,
    get_attribute,
    open_member,
    store_verbatim,
    type_of,
)
from .structure import check_structure, has_member

if TYPE_CHECKING:
    import h5py


def decode(item: "h5py.Group | h5py.Dataset") -> Any:
    """Object that a group or dataset encodes; a :class:`StoredObject` if its kind is not known.

    Raises
    ------
    FileFormatError
        If it is damaged; the message names its place in the file.
    """
    with ErrorsTranslated(item):
        type_name = type_of(item)
        if type_name is None:
            return _decode_untyped(item)
        # Modules have moved over the years, the names of classes have not.
        module, _, class_name = type_name.rpartition(".")
        decoder = _DECODERS.get(class_name) if module.startswith("Python") else None
        if decoder is None or (not _is_group(item) and item.dtype.kind == "V"):
            return store_verbatim(item)
        check_version(item)
        return decoder(item)


def read_field(group: "h5py.Group", name: str) -> Any:
    """Object stored under a name in a group, None if there is none."""
    return decode(open_member(group, name)) if has_member(group, name) else None


def _is_group(item: "h5py.Group | h5py.Dataset") -> bool:
    return isinstance(item, Group) or hasattr(item, "keys")


def _decode_untyped(item: "h5py.Group | h5py.Dataset") -> Any:
    if _is_group(item):
        is_list = "homogeneous" in item.attrs or len(item) == 0
        return _decode_items(item) if is_list else store_verbatim(item)
    if item.dtype.kind not in "biufcS":
        return store_verbatim(item)
    value = item[()]
    if isinstance(value, bytes):
        return value.decode()
    return value.tolist() if item.shape == () else value


def _decode_text(item: "h5py.Dataset") -> str:
    text = item[()]
    return text.decode().rstrip("\0") if isinstance(text, bytes) else str(text)


def _decode_items(item: "h5py.Group | h5py.Dataset") -> list[Any]:
    if not _is_group(item):
        values: list[Any] = item[()].tolist()
        return values
    # HDF5 lists names alphabetically: 0, 1, 10, 2.
    return [decode(open_member(item, name)) for name in sorted(item, key=int)]


def dict_members(mapping: "h5py.Group") -> "dict[Any, tuple[h5py.Group, str]]":
    """Where the members of a stored dict are, by their keys: the group, and the name in it."""
    check_version(mapping)
    if has_member(mapping, "items"):
        items = open_member(mapping, "items")
        as_key = int if get_attribute(items, "key type") == "Python.int" else str
        return {as_key(name): (items, name) for name in sorted(items, key=as_key)}
    if len(mapping) == 0:
        return {}
    values = open_member(mapping, "values")
    if not _is_group(values):  # numbers of one type
        raise FileFormatError(f"{values.name} is a dataset, expected a group of objects")
    return {key: (values, str(position)) for position, key in enumerate(dict_keys(mapping))}


def dict_keys(mapping: "h5py.Group") -> list[Any]:
    """Keys of a stored dict that has them beside its values, as all tables have."""
    keys = open_member(mapping, "keys")
    check_structure(keys)
    return _decode_items(keys)


def _decode_dict(mapping: "h5py.Group") -> dict[Any, Any]:
    if "values" in mapping and not _is_group(mapping["values"]):
        keys, values = mapping["keys"], mapping["values"]
        return dict(zip(_decode_items(keys), _decode_items(values), strict=True))
    return {key: decode(open_member(*place)) for key, place in dict_members(mapping).items()}


def is_table(item: "h5py.Group | h5py.Dataset") -> bool:
    """Whether a stored object is a table in the format of today."""
    return (type_of(item) or "").rpartition(".")[2] == "DataFrame" and "data" in item


def _decode_table(table: "h5py.Group") -> pd.DataFrame | StoredObject:
    if "data" not in table:
        return store_verbatim(
            table,
            "it is a table in the PyTables format of old versions; load and save the file with "
            "the original TRamWAy to convert it",
        )
    stored = decode(table["data"])
    unread = next((name for name in stored if isinstance(name, StoredObject)), None)
    if unread is not None:
        raise FileFormatError(f"the name of a column of {table.name} cannot be read: {unread!r}")
    columns = {name: _column_values(values) for name, values in stored.items()}
    frame = pd.DataFrame(columns, index=decode(table["index"]))
    facts = [name for name in table if name not in ("data", "index")]
    frame.attrs = {name: decode(table[name]) for name in facts}
    return frame


def _column_values(values: Any) -> Any:
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        return [text.decode() for text in values]
    return values


def _decode_series(series: "h5py.Group") -> "pd.Series[Any] | StoredObject":
    if "data" not in series:
        return store_verbatim(series, "it is a series in the PyTables format of old versions")
    return pd.Series(_column_values(decode(series["data"])), index=decode(series["index"]))


def _decode_range_index(index: "h5py.Group") -> pd.RangeIndex:
    start, stop, step = (int(index[name][()]) for name in ("_start", "_stop", "_step"))
    return pd.RangeIndex(start, stop, step, name=read_field(index, "name"))


def _decode_index(index: "h5py.Group") -> "pd.Index[Any]":
    decoded: pd.Index[Any] = pd.Index(decode(index["data"]), name=read_field(index, "name"))
    return decoded


def _decode_sparse(matrix: "h5py.Group") -> Any:
    from scipy import sparse

    shape = tuple(decode(matrix["shape"]))
    data = matrix["data"][()]
    if "row" in matrix:
        return sparse.coo_matrix((data, (matrix["row"][()], matrix["col"][()])), shape).tocsr()
    build = sparse.csc_matrix if str(type_of(matrix)).endswith("csc_matrix") else sparse.csr_matrix
    result = build((data, matrix["indices"][()], matrix["indptr"][()]), shape)
    result.check_format(full_check=True)
    return result.tocsr()


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "unicode": _decode_text,
    "str": _decode_text,
    "bytes": lambda item: bytes(item[()]).rstrip(b"\0"),
    "ndarray": lambda item: item[()],
    "list": _decode_items,
    "tuple": lambda item: tuple(_decode_items(item)),
    "set": lambda item: set(_decode_items(item)),
    "frozenset": lambda item: frozenset(_decode_items(item)),
    "dict": _decode_dict,
    "OrderedDict": _decode_dict,
    "DataFrame": _decode_table,
    "Series": _decode_series,
    "RangeIndex": _decode_range_index,
    **dict.fromkeys(("Index", "Int64Index", "UInt64Index", "Float64Index"), _decode_index),
    **dict.fromkeys(("csr_matrix", "csc_matrix", "coo_matrix"), _decode_sparse),
}
