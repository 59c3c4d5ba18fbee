"""Python objects as HDF5 groups and datasets, the way the original's files encode them.

An object is a group or dataset whose attributes ``type`` and ``version`` say what it is; booleans,
integers and floats have neither. All attributes are fixed-length byte strings: the original cannot
read others. None is encoded by absence.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import InvalidInputError

from .hdf5_tree import OBJECT, Copy, Dataset, Group
from .stored_object import StoredObject, set_type


def encode(group: Group, name: str, value: Any) -> None:
    """Store a value under a name in a group; None is not stored.

    Raises
    ------
    InvalidInputError
        If the value, or one inside it, has no encoding; the message names the place in the file.
    """
    if value is None:
        return
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise InvalidInputError(f"{name!r} cannot name an object in a file, at {group.name}")
    encoder = _encoder_of(value.__class__)
    if encoder is not None:
        encoder(group, name, value)
        return
    if type(value).__module__.startswith("scipy.sparse"):
        _encode_sparse(group, name, value.tocsr())
        return
    raise InvalidInputError(
        f"cannot store {value!r:.80} of type {type(value).__name__} at {group.path_of(name)}, "
        "expected a number, a string, an array, a table, or a list or dict of these"
    )


def encode_once(group: Group, name: str, write: Callable[..., object], *what: Any) -> None:
    """Store what is the same in many artefacts: it is put together the first time only.

    Parameters
    ----------
    group, name
        Where.
    write
        Stores it, given a group, a name and the rest.
    what
        The rest: what can be looked up, and is the same to the last type where it is equal.
    """
    image, tree = _image(write, *what)
    group.members[name] = Copy(image, tree=tree)


@lru_cache(maxsize=256)
def _image(write: Callable[..., object], *what: Any) -> tuple[bytes, Any]:
    group = Group()
    write(group, OBJECT, *what)
    return group.image(), group.members[OBJECT]


def encode_flags(group: Group, name: str, **flags: bool) -> None:
    """Store a dict of booleans."""
    encode_once(group, name, _encode_pairs, *flags.items())


def _encode_pairs(group: Group, name: str, *pairs: tuple[str, bool]) -> None:
    _encode_dict(group, name, dict(pairs))


def _encode_stored(group: Group, name: str, value: StoredObject) -> None:
    group.members[name] = Copy(value.image)


def _encode_number(group: Group, name: str, value: bool | float | np.generic) -> None:
    try:
        group.create_dataset(name, value)
    except (TypeError, OverflowError) as error:
        raise InvalidInputError(
            f"cannot store {value!r:.80} at {group.path_of(name)}: {error}"
        ) from error


def _encode_text(group: Group, name: str, value: str | bytes) -> None:
    encoded = value.encode() if isinstance(value, str) else value
    if b"\0" in encoded:
        raise InvalidInputError(
            f"the text {value!r:.80} at {group.path_of(name)} has a null character, which "
            "cannot be stored; remove it"
        )
    dataset = group.create_dataset(name, np.bytes_(encoded))
    set_type(dataset, "Python.unicode" if isinstance(value, str) else "Python.bytes", 1)


def _encode_array(group: Group, name: str, value: NDArray[Any]) -> None:
    if value.dtype.kind not in "biufcS":
        raise InvalidInputError(
            f"cannot store an array of {value.dtype} at {group.path_of(name)}, expected numbers or "
            "booleans"
        )
    set_type(group.create_dataset(name, value), "Python.numpy.ndarray", 1)


def _encode_sequence(group: Group, name: str, value: Iterable[Any]) -> None:
    sequence: Group | Dataset
    items = list(value)
    types = {type(item) for item in items}
    if types in ({bool}, {int}, {float}) and (values := np.array(items)).dtype.kind != "O":
        sequence = _encode_homogeneous(group, name, values, types.pop().__name__)
    else:
        sequence = _encode_items(group, name, items)
    set_type(sequence, f"Python.{type(value).__name__}", 2)


def _encode_homogeneous(group: Group, name: str, values: NDArray[Any], of: str) -> Dataset:
    sequence = group.create_dataset(name, values)
    sequence.attributes["homogeneous"] = "1"
    sequence.attributes["element type"] = f"Python.{of}"
    return sequence


def _encode_items(group: Group, name: str, items: Iterable[Any]) -> Group:
    sequence = group.create_group(name)
    sequence.attributes["homogeneous"] = "0"
    for position, item in enumerate(items):
        if item is None:
            raise InvalidInputError(f"cannot store None inside a list, at {sequence.name}")
        encode(sequence, str(position), item)
    return sequence


def _encode_dict(group: Group, name: str, value: Mapping[Any, Any]) -> None:
    present = {key: item for key, item in value.items() if item is not None}
    places = open_dict(group, name, list(present))
    for (values, member), item in zip(places, present.values(), strict=True):
        encode(values, member, item)


def open_dict(group: Group, name: str, keys: list[Any]) -> list[tuple[Group, str]]:
    """Store a dict without its values.

    Returns
    -------
    list
        For each key, the group and the name to store its value under.
    """
    mapping = group.create_group(name)
    set_type(mapping, "Python.dict", 2)
    if not keys:
        return []
    for key_type, type_name in ((str, "Python.unicode"), (int, "Python.int")):
        if all(type(key) is key_type and _names_a_link(key) for key in keys):
            items = mapping.create_group("items")
            items.attributes["key type"] = type_name
            return [(items, str(key)) for key in keys]
    _encode_items(mapping, "keys", keys)
    values = mapping.create_group("values")
    values.attributes["homogeneous"] = "0"
    return [(values, str(position)) for position in range(len(keys))]


def _names_a_link(key: str | int) -> bool:
    text = str(key)
    return text not in ("", ".", "..") and "/" not in text and "\0" not in text


def _encode_table(group: Group, name: str, value: pd.DataFrame) -> None:
    table = group.create_group(name)
    set_type(table, "Python.pandas.core.frame.DataFrame", 2)
    data = table.create_group("data")
    set_type(data, "Python.collections.OrderedDict", 2)
    names, arrays = group.tables.parts(value)
    names = [_plain(column) for column in names]
    if all(type(column) is str for column in names):
        encode_once(data, "keys", _encode_items, tuple(names))
    else:
        _encode_items(data, "keys", names)
    columns = [
        _column_array(values, f"{table.name}, {column}")
        for column, values in zip(names, arrays, strict=True)
    ]
    _encode_items(data, "values", columns)
    _encode_index(table, value.index)
    encode_facts(table, value.attrs)


def encode_facts(table: Group, attrs: Mapping[Any, Any]) -> None:
    """Store the plain facts among the ``attrs`` of a DataFrame, such as its ``frame_interval``."""
    for name, fact in attrs.items():
        if name in ("data", "index") or not isinstance(fact, bool | int | float | str):
            continue
        encode(table, name, fact)


def _encode_series(group: Group, name: str, value: "pd.Series[Any]") -> None:
    series = group.create_group(name)
    set_type(series, "Python.pandas.core.series.Series", 2)
    encode(series, "data", _column_array(value.to_numpy(), series.name))
    _encode_index(series, value.index)


def _column_array(values: NDArray[Any], place: str) -> NDArray[Any]:
    if values.dtype.kind in "biufc":
        return values
    if all(isinstance(text, str) for text in values):
        if any("\0" in text for text in values):
            raise InvalidInputError(f"a string at {place} has a null character; remove it")
        return np.array([text.encode() for text in values], dtype=np.bytes_)
    raise InvalidInputError(
        f"cannot store a column of {values.dtype} at {place}, expected numbers, booleans or "
        "strings, none missing; convert or drop it"
    )


def _encode_index(table: Group, index: "pd.Index[Any]") -> None:
    group = table.create_group("index")
    if isinstance(index, pd.RangeIndex):
        set_type(group, "Python.pandas.core.index.RangeIndex", 1)
        for name, bound in (("_start", index.start), ("_stop", index.stop), ("_step", index.step)):
            encode(group, name, int(bound))
    else:
        set_type(group, "Python.pandas.core.index.Index", 1)
        if index.dtype == np.int64 and len(index):
            labels = _encode_homogeneous(group, "data", index.to_numpy(), "int")
            set_type(labels, "Python.list", 2)
        else:  # labels are plain, unless they were objects
            encode(group, "data", [_plain(label) for label in index.tolist()])
    encode(group, "name", index.name)


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _encode_sparse(group: Group, name: str, value: Any) -> None:
    encode_csr(group, name, value.shape, value.data, value.indices, value.indptr)


def encode_csr(
    group: Group,
    name: str,
    shape: tuple[int, ...],
    data: NDArray[Any],
    indices: NDArray[Any],
    indptr: NDArray[Any],
) -> None:
    """Store a sparse matrix, given what SciPy's ``csr_matrix`` consists of."""
    matrix = group.create_group(name)
    set_type(matrix, "Python.scipy.sparse.csr.csr_matrix", 1)
    encode(matrix, "shape", tuple(int(size) for size in shape))
    for part, values in (("data", data), ("indices", indices), ("indptr", indptr)):
        encode(matrix, part, values)


_ENCODERS: list[tuple[Any, Callable[..., None]]] = [
    (StoredObject, _encode_stored),
    ((str, bytes), _encode_text),
    ((bool, int, float, np.bool_, np.number), _encode_number),
    (np.ndarray, _encode_array),
    ((list, tuple, set, frozenset), _encode_sequence),
    (Mapping, _encode_dict),
    (pd.DataFrame, _encode_table),
    (pd.Series, _encode_series),
]


@cache
def _encoder_of(kind: type) -> Callable[..., None] | None:
    """Find what encodes objects of a type; None: nothing does."""
    found = (encoder for types, encoder in _ENCODERS if issubclass(kind, types))
    return next(found, None)
