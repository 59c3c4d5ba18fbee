"""Artefacts as bytes, for the way from one process to another.

A result begins with what a ``.rwa`` file has of it: to save it is to copy that. Its long arrays are
there, and not written again.

Both ends may have different versions of NumPy and pandas (one may be in a container), and what
comes from a cluster is not to be trusted more than data are: arrays and tables are taken apart into
plain bytes, and nothing but objects of this package is made of them.
"""

import io
import math
import pickle
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.data.columns import TakenApart, assemble, is_numbered
from tramway.errors import FileFormatError, InvalidInputError

_HDF5 = b"\x89HDF\r\n\x1a\n"
_END_OF_FILE = slice(28, 36)  # of superblocks of version 3, as the core writes them


@checked
def encode_artefact(artefact: object) -> bytes:
    """Write an artefact, a sampling, maps or a table, as bytes.

    Raises
    ------
    InvalidInputError
        If there is an object in it that the other end would not accept; the message names its type.

    Examples
    --------
    >>> isinstance(encode_artefact(maps), bytes)
    True
    """
    return encode(artefact)


def encode(
    artefact: object, image: _core.Hdf5Image | None = None, tables: TakenApart | None = None
) -> bytes:
    """Write an artefact without the arrays that are in chunks of an image that comes before it.

    With `tables` come those in it that were taken apart before.
    """
    stream = io.BytesIO()
    try:
        _Pickler(stream, image, tables or TakenApart()).dump(artefact)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InvalidInputError(f"the result cannot be sent to another process: {error}") from None
    return stream.getvalue()


@checked
def decode_artefact(content: bytes) -> Any:
    """Read what :func:`encode_artefact`, or :func:`encode_result`, wrote, down to the last bit.

    Raises
    ------
    FileFormatError
        If it is something else.

    Examples
    --------
    >>> decode_artefact(encode_artefact(maps)).features == maps.features
    True
    """
    try:
        return _Unpickler(content).load()
    except (
        pickle.UnpicklingError,
        EOFError,
        AttributeError,
        ImportError,
        IndexError,
        ValueError,
    ) as error:
        raise FileFormatError(
            f"a result from another process cannot be read ({error}): use the same version of "
            "tramway on both sides"
        ) from None


class EncodedArtefact:
    """An artefact that another process made, and is decoded when it is asked for.

    Parameters
    ----------
    content
        What :func:`tramway.files.encode_result` wrote.

    Attributes
    ----------
    image
        What is to be stored of it: bytes that begin with an HDF5 file, in which it is ``object``;
        None if that is not known, or is stored now.

    Examples
    --------
    >>> from tramway.files import encode_result
    >>> EncodedArtefact(encode_result(maps)).decode().features == maps.features
    True
    """

    @checked
    def __init__(self, content: bytes) -> None:
        self.image = content if _image_length(content) else None
        self._content = content

    def decode(self) -> Any:
        """Make the artefact; see :func:`decode_artefact`."""
        return decode_artefact(self._content)


def _image_length(content: bytes) -> int:
    """Bytes of the HDF5 file that a content begins with; 0 if there is none."""
    if not content.startswith(_HDF5):
        return 0
    return int.from_bytes(content[_END_OF_FILE], "little")


class _Pickler(pickle.Pickler):
    def __init__(
        self, stream: io.BytesIO, image: _core.Hdf5Image | None, tables: TakenApart
    ) -> None:
        super().__init__(stream, protocol=5)
        self._image = image
        self._tables = tables

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            chunk = None if self._image is None else self._image.place_of(value)
            if chunk is not None:
                return _array_in_chunk, (value.dtype.str, value.shape, chunk)
            return _array, (value.dtype.str, value.shape, value.tobytes())
        if isinstance(value, np.ndarray):
            return _objects, (value.shape, value.ravel().tolist())
        if isinstance(value, np.generic):
            return _scalar, (value.dtype.str, value.tobytes())
        if isinstance(value, pd.DataFrame):
            return _table, (*self._tables.parts(value), *_index_and_facts(value))
        if isinstance(value, PurePath):
            return _path, (str(value),)
        if isinstance(value, type) or callable(value):
            _check_name(value.__module__, value.__qualname__)
        elif not isinstance(value, _PLAIN):
            _check_name(type(value).__module__, type(value).__qualname__)
        return NotImplemented


_PLAIN = (type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)


def _check_name(module: str, name: str) -> None:
    if not _is_own(module):
        raise pickle.PicklingError(f"it holds a {module}.{name}")


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == "tramway"


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes) -> None:
        stream = io.BytesIO(content)
        stream.seek(_image_length(content))
        super().__init__(stream)
        self._content = content

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "complex"):
            return complex
        found = super().find_class(module, name) if _is_own(module) else None
        if found is _array_in_chunk:
            return partial(found, content=self._content)
        if found in _RECONSTRUCTED_BY or isinstance(found, type):
            return found
        raise pickle.UnpicklingError(f"it holds a {module}.{name}")


def _array(dtype: str, shape: tuple[int, ...], content: bytes) -> NDArray[Any]:
    return np.frombuffer(bytearray(content), dtype).reshape(shape)


def _array_in_chunk(dtype: str, shape: tuple[int, ...], chunk: int, content: bytes) -> NDArray[Any]:
    kind = np.dtype(dtype)
    length = math.prod(shape) * kind.itemsize
    return _array(dtype, shape, content[chunk : chunk + length])


def _objects(shape: tuple[int, ...], values: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _scalar(dtype: str, content: bytes) -> Any:
    return np.frombuffer(content, dtype)[0]


def _path(text: str) -> Path:
    return Path(text)


def _index_and_facts(table: pd.DataFrame) -> tuple[Any, dict[Any, Any]]:
    return None if is_numbered(table) else table.index.to_numpy(), dict(table.attrs)


def _table(
    names: list[Any], columns: list[NDArray[Any]], index: Any, attrs: dict[Any, Any]
) -> pd.DataFrame:
    if names and all(isinstance(name, str) for name in names):
        table = assemble(dict(zip(names, columns, strict=True)), index)
    else:
        table = pd.DataFrame(dict(enumerate(columns)), index=index, copy=False)
        table.columns = pd.Index(names) if names else table.columns
    table.attrs.update(attrs)
    return table


_RECONSTRUCTED_BY = (_array, _objects, _path, _scalar, _table)
