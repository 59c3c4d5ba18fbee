"""Python objects as HDF5 groups and datasets, the way the original's files encode them.

An object is a group or dataset whose attributes ``type`` and ``version`` say what it is; booleans,
integers and floats have neither. All attributes are fixed-length byte strings: the original cannot
read others. None is encoded by absence.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import FileFormatError, InvalidInputError

from .hdf5_tree import Copy, Dataset, Group

if TYPE_CHECKING:
    import h5py

_OBJECT = "object"
"""Name, in the image of a file, of what was not understood."""

TRANSLATED_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What h5py, NumPy and pandas raise on contents that are damaged or not as expected."""


@dataclass(frozen=True)
class StoredObject:
    """An object of a kind that is not known here, kept as it was stored.

    Attributes
    ----------
    type_name
        Its kind, as the file says.
    reason
        Why it was not read, as a sentence.
    image
        An HDF5 file, as bytes, that holds the object under the name ``object``.
    """

    type_name: str
    reason: str
    image: bytes

    def __repr__(self) -> str:
        return f"{self.type_name} (not read: {self.reason})"


def store_verbatim(item: "h5py.Group | h5py.Dataset", reason: str | None = None) -> StoredObject:
    """Keep an object of a file, whatever it is."""
    type_name = type_of(item) or "untyped"
    reason = reason or f"objects of type {type_name} are unknown here"
    image = Group()
    image.members[_OBJECT] = Copy(item)
    return StoredObject(type_name, reason, image.image())


def set_type(item: Group | Dataset, type_name: str, version: int) -> None:
    """Say what an object is."""
    item.attributes["type"] = type_name
    item.attributes["version"] = str(version)


def get_attribute(item: "h5py.Group | h5py.Dataset", name: str) -> str | None:
    """Text attribute of an object, None if it has none of that name."""
    text = item.attrs.get(name)
    return text.decode() if isinstance(text, bytes) else text


def type_of(item: "h5py.Group | h5py.Dataset") -> str | None:
    """Kind of a stored object, None for a number, a boolean or a bare list."""
    return get_attribute(item, "type")


def class_name_of(item: "h5py.Group | h5py.Dataset") -> str:
    """Name of the original's class that a stored object is of, empty if it is of none."""
    # The original's modules have moved, and were once spelled "tesselation".
    module, _, class_name = (type_of(item) or "").rpartition(".")
    return class_name if module.startswith("tramway.") else ""


def read_field(group: "h5py.Group", name: str) -> Any:
    """Object stored under a name in a group, None if there is none."""
    return decode(open_member(group, name)) if name in group else None


# --- writing --------------------------------------------------------------------------------------


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
        sequence = group.create_dataset(name, values)
        sequence.attributes["homogeneous"] = "1"
        sequence.attributes["element type"] = f"Python.{types.pop().__name__}"
    else:
        sequence = _encode_items(group, name, items)
    set_type(sequence, f"Python.{type(value).__name__}", 2)


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
    _encode_items(data, "keys", [_plain(column) for column in value.columns])
    columns = [_column_array(column, f"{table.name}, {n}") for n, column in value.items()]
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
    encode(series, "data", _column_array(value, series.name))
    _encode_index(series, value.index)


def _column_array(column: "pd.Series[Any]", place: str) -> NDArray[Any]:
    values = column.to_numpy()
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
        encode(group, "data", [_plain(label) for label in index])
    encode(group, "name", index.name)


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _encode_sparse(group: Group, name: str, value: Any) -> None:
    matrix = group.create_group(name)
    set_type(matrix, "Python.scipy.sparse.csr.csr_matrix", 1)
    encode(matrix, "shape", tuple(int(size) for size in value.shape))
    for part in ("data", "indices", "indptr"):
        encode(matrix, part, getattr(value, part))


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


# --- reading --------------------------------------------------------------------------------------


def decode(item: "h5py.Group | h5py.Dataset") -> Any:
    """Object that a group or dataset encodes; a :class:`StoredObject` if its kind is not known.

    Raises
    ------
    FileFormatError
        If it is damaged; the message names its place in the file.
    """
    with translate_errors(item):
        type_name = type_of(item)
        if type_name is None:
            return _decode_untyped(item)
        # Modules have moved over the years, the names of classes have not.
        module, _, class_name = type_name.rpartition(".")
        decoder = _DECODERS.get(class_name) if module.startswith("Python") else None
        return decoder(item) if decoder else store_verbatim(item)


@contextmanager
def translate_errors(item: "h5py.Group | h5py.Dataset") -> Iterator[None]:
    """Turn the errors of reading a damaged object into one that names its place in the file."""
    try:
        yield
    except FileFormatError:
        raise
    except TRANSLATED_ERRORS as error:
        raise FileFormatError(f"{item.name} {_damage(error)}") from error


def _damage(error: Exception) -> str:
    """Say what is wrong with an object; h5py quotes the words of HDF5."""
    if "checksum" in str(error) or "filter returned failure" in str(error):
        return "is damaged: it is not what its checksum says, bytes were changed after writing"
    return f"is damaged, or not what its type says: {error}"


def _is_group(item: "h5py.Group | h5py.Dataset") -> bool:
    import h5py

    return isinstance(item, h5py.Group)


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
    if "items" in mapping:
        items = mapping["items"]
        as_key = int if get_attribute(items, "key type") == "Python.int" else str
        return {as_key(name): (items, name) for name in sorted(items, key=as_key)}
    if len(mapping) == 0:
        return {}
    keys, values = mapping["keys"], mapping["values"]
    if not _is_group(values):  # numbers of one type
        raise FileFormatError(f"{values.name} is a dataset, expected a group of objects")
    return {key: (values, str(position)) for position, key in enumerate(_decode_items(keys))}


def open_member(group: "h5py.Group", name: str) -> "h5py.Group | h5py.Dataset":
    """Member of a group.

    Raises
    ------
    FileFormatError
        If it is damaged; the message names its place in the file.
    """
    try:
        return group[name]
    except TRANSLATED_ERRORS as error:
        raise FileFormatError(f"{group.name}/{name} {_damage(error)}") from error


def _decode_dict(mapping: "h5py.Group") -> dict[Any, Any]:
    if "values" in mapping and not _is_group(mapping["values"]):
        keys, values = mapping["keys"], mapping["values"]
        return dict(zip(_decode_items(keys), _decode_items(values), strict=True))
    return {key: decode(open_member(*place)) for key, place in dict_members(mapping).items()}


def _decode_table(table: "h5py.Group") -> pd.DataFrame | StoredObject:
    if "data" not in table:
        return store_verbatim(
            table,
            "it is a table in the PyTables format of old versions; load and save the file with "
            "the original TRamWAy to convert it",
        )
    stored = _decode_dict(table["data"])
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
