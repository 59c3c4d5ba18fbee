"""What an artefact was made of: the provenance by which results are kept, replaced or skipped."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.data.columns import arrays_of
from tramway.errors import FileFormatError, InvalidInputError

_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_PLAIN = frozenset((type(None), str, int, bool))
_LISTS = (list, tuple)
_ARRAYS = (np.generic, np.ndarray)
_MAPPINGS = (dict, Mapping)  # the first is found out in less time


@dataclass(frozen=True)
class Record:
    """Parameters and input that determine an artefact: equal records mean equal artefacts.

    Parameters
    ----------
    parameters
        Everything that decides the result, and nothing that does not (number of workers,
        verbosity). Names are strings; values are None, booleans, numbers, strings, NumPy arrays
        and scalars, or lists and dicts of these. They are kept in a canonical form, in which ``20``
        and ``20.0``, or a tuple and a list, are the same.
    input
        Hash of what the artefact was computed from; see :func:`content_hash`.

    Raises
    ------
    InvalidInputError
        If a parameter is NaN, which equals nothing, or of another type; the message names it.

    Examples
    --------
    >>> Record({"prior": 20}, "hash") == Record({"prior": 20.0}, "hash")
    True
    """

    parameters: dict[str, Any]
    input: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", _canonical_parameters(self.parameters))

    def as_json(self) -> str:
        """Canonical text: equal records, and only those, have the same."""
        return self._text

    @cached_property
    def _text(self) -> str:
        return _JSON.encode({"parameters": self.parameters, "input": self.input})

    @cached_property
    def hash(self) -> str:
        """Hash of the canonical text; see :func:`content_hash`."""
        return hashlib.sha256(_tagged("text", self._text.encode())).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """Record that :meth:`as_json` wrote.

        Raises
        ------
        FileFormatError
            If `text` is not such a record.
        """
        try:
            content = json.loads(text)
            parameters, input_hash = content["parameters"], content["input"]
            if isinstance(parameters, dict) and isinstance(input_hash, str):
                return cls(parameters, input_hash)
        except (ValueError, KeyError, TypeError):
            pass
        raise FileFormatError(
            f"a record reads {text[:80]!r}, expected JSON with 'parameters' and 'input'"
        )


class Parameters:
    """Parameters that many records have in common: they are checked and written once.

    Parameters
    ----------
    parameters
        As those of a :class:`Record`.

    Raises
    ------
    InvalidInputError
        As :class:`Record`.

    Examples
    --------
    >>> common = Parameters({"resolution": 0.25})
    >>> common.record("hash", {"region": "full"}).parameters
    {'resolution': 0.25, 'region': 'full'}
    """

    @checked
    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._canonical = _canonical_parameters(parameters)
        self._texts = _texts(self._canonical)
        self._text = _joined(self._texts)

    def record(self, input: str, more: Mapping[str, Any] | None = None) -> Record:
        """Make the record of these parameters, and of more beside them, or instead of them.

        Parameters
        ----------
        input
            As that of a :class:`Record`.
        more
            Parameters that are this record's alone.
        """
        canonical, text = self._canonical, self._text
        if more is not None:
            own = _canonical_parameters(more)
            canonical, text = {**canonical, **own}, _joined({**self._texts, **_texts(own)})
        made = object.__new__(Record)  # whose parameters were looked at
        vars(made).update(
            parameters=canonical,
            input=input,
            _text=f'{{"input":{_JSON.encode(input)},"parameters":{text}}}',
        )
        return made


def _texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Write each of some parameters, in canonical form, as a member of an object in JSON."""
    return {
        name: f"{_JSON.encode(name)}:{_JSON.encode(value)}" for name, value in parameters.items()
    }


def _joined(texts: Mapping[str, str]) -> str:
    """Write the object that has these members, by name."""
    return f"{{{','.join([texts[name] for name in sorted(texts)])}}}"


@checked
def content_hash(*contents: NDArray[Any] | pd.DataFrame | Mapping[str, Any] | str) -> str:
    """Hash arrays, tables and texts by what they hold.

    Parameters
    ----------
    contents
        Arrays of booleans, numbers or strings, of any shape; DataFrames with such columns (row
        labels do not count: they are not data), or such columns of one length by their names;
        strings.

    Returns
    -------
    str
        SHA-256 in hexadecimal, over types, shapes, column names and the exact bits of the values;
        the same on every machine and with every version of NumPy and pandas.

    Raises
    ------
    InvalidInputError
        If an array or a column holds other objects.

    Examples
    --------
    >>> content_hash(np.array([1, 2])) == content_hash(np.array([1.0, 2.0]))
    False
    """
    digest = _Digest()
    for content in contents:
        if isinstance(content, str):
            digest.update("text", content.encode())
        elif isinstance(content, pd.DataFrame | Mapping):
            digest.update("table", repr(_shape(content)).encode())
            for column, values in _columns(content):
                digest.update("column", str(column).encode())
                digest.update_array(np.asarray(values), f"column '{column}'")
        else:
            digest.update_array(np.asarray(content), "an array")
    return digest.content.hexdigest()


def _tagged(tag: str, payload: bytes) -> bytes:
    """Write what something is and its length before it: so neighbours are kept apart."""
    return b"%b %d:%b" % (tag.encode(), len(payload), payload)


class _Digest:
    """A hash of contents, each tagged."""

    def __init__(self) -> None:
        self.content = hashlib.sha256()

    def update(self, tag: str, payload: bytes) -> None:
        self.content.update(_tagged(tag, payload))

    def update_array(self, values: NDArray[Any], name: str) -> None:
        if values.dtype.kind in "biuf":
            kind, text = _little_endian(values.dtype)
            payload = np.ascontiguousarray(values, kind)
            self.content.update(b"%s %s %d:" % (text, str(values.shape).encode(), payload.nbytes))
            self.content.update(payload)  # type: ignore[arg-type]  # an array has its bytes to read
        elif all(isinstance(value, str) for value in values.flat):
            self.update(f"str {values.shape}", json.dumps(values.ravel().tolist()).encode())
        else:
            raise InvalidInputError(
                f"{name} holds {values.dtype} values, expected booleans, numbers or strings; "
                "convert or drop them"
            )


@cache
def _little_endian(dtype: "np.dtype[Any]") -> "tuple[np.dtype[Any], bytes]":
    """Type of the same values in little-endian order, and what it is called."""
    found = dtype.newbyteorder("<")
    return found, found.str.encode()


def _shape(table: pd.DataFrame | Mapping[str, Any]) -> tuple[int, int]:
    if isinstance(table, pd.DataFrame):
        return table.shape
    return max(map(len, table.values()), default=0), len(table)


def _columns(table: pd.DataFrame | Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    if isinstance(table, pd.DataFrame):
        return zip(table.columns.tolist(), arrays_of(table), strict=True)
    return table.items()


def _canonical_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _canonical(parameters)
    except TypeError:
        _refuse(parameters)
    return found


def _canonical(value: Any) -> Any:
    """Plain JSON value that stands for `value`; whole floats become integers.

    Raises
    ------
    TypeError
        If there is none: :func:`_refuse` finds out where.
    """
    kind = type(value)  # of most: to ask for subclasses as well takes three times as long
    if kind in _PLAIN:
        return value
    if kind is float and value == value:
        return int(value) if value.is_integer() else value
    if kind is list or kind is tuple:
        return [_canonical(item) for item in value]
    if isinstance(value, _MAPPINGS):
        for key in value:  # a generator takes longer than the tests
            if not isinstance(key, str):
                raise TypeError
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isnan(value):
        return int(value) if value.is_integer() else float(value)
    if isinstance(value, _LISTS):
        return [_canonical(item) for item in value]
    if isinstance(value, _ARRAYS):
        return _canonical(value.tolist())
    if isinstance(value, tuple(_PLAIN)):
        return value
    raise TypeError


def _refuse(value: Any, path: str = "parameters") -> NoReturn:
    """Raise an error that says what in a value has no canonical form, and where."""
    if isinstance(value, _ARRAYS):
        value = value.tolist()
    is_named = isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
    if is_named or isinstance(value, _LISTS):
        for key, item in value.items() if is_named else enumerate(value):
            try:
                _canonical(item)
            except TypeError:
                _refuse(item, f"{path}[{key!r}]")
    raise InvalidInputError(
        f"{path} of a record is {value!r}, expected None, a boolean, a number that is not NaN, a "
        "string, or a list or dict (with string keys) of these"
    )
