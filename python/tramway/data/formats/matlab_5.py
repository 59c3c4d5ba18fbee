"""MATLAB files of version 5 to 7: the numbers in structures, and nothing that is not asked for.

SciPy reads such files too, but a damaged one can end the process that reads it (SciPy 1.17), and
objects that programs save beside their tracks stop it. The layout is that of MathWorks' document
"MAT-File Format" (version 5): elements of a type, a length and so many bytes.
"""

import math
import struct
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

SIGNATURE = b"MATLAB 5.0 MAT-file"

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
"""Types of numbers, by the number of the type of an element."""

CELL, STRUCTURE = 1, 2
"""Numbers of classes of matrices."""

_NUMBERS = {
    6: "f8",
    7: "f4",
    8: "i1",
    9: "u1",
    10: "i2",
    11: "u2",
    12: "i4",
    13: "u4",
    14: "i8",
    15: "u8",
}
"""Types of numbers, by the number of the class of a matrix."""

_BEGINNING = 4096
"""Bytes in which the name of a variable is."""

_MOST_VARIABLES = 1000
_LARGEST_RATIO = 200
"""Of a variable's bytes to those it is compressed to; coordinates come to 10 at most."""

_ALWAYS_ALLOWED = 1 << 26


class Matrix(NamedTuple):
    """A matrix of any class: what is told of it, and the elements that are in it.

    Attributes
    ----------
    kind
        Number of its class.
    shape
        Its dimensions.
    name
        Its name; empty within another matrix.
    content
        The bytes after its name.
    order
        Order of bytes, ``<`` or ``>``.
    """

    kind: int
    shape: tuple[int, ...]
    name: str
    content: memoryview
    order: str

    @classmethod
    def of(cls, content: memoryview, order: str) -> "Matrix":
        """Take it from the bytes of its element."""
        elements = _Elements(content, order)
        if not len(content):
            return cls(6, (0, 0), "", content, order)  # how MATLAB writes []
        flags = elements.next()
        shape = np.frombuffer(elements.next(), dtype=f"{order}i4")
        if len(flags) < 4 or shape.size < 2 or (shape < 0).any():
            raise ValueError("a matrix without class or dimensions")
        kind = struct.unpack_from(f"{order}I", flags)[0] & 0xFF
        name = bytes(elements.next()[:63]).decode("ascii", "replace")
        return cls(kind, tuple(map(int, shape)), name, elements.rest(), order)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def numbers(self) -> NDArray[Any]:
        """Give its numbers; none if it is a matrix of something else."""
        if self.kind not in _NUMBERS or self.size == 0:
            return np.empty((0, 0))
        elements = _Elements(self.content, self.order)
        stored = elements.numbers()
        if stored.size != self.size:
            raise ValueError(f"{stored.size} numbers in a matrix of shape {self.shape}")
        return stored.astype(_NUMBERS[self.kind]).reshape(self.shape, order="F")

    def cells(self) -> Iterator["Matrix"]:
        """Give the matrices of a cell array."""
        elements = _Elements(self.content, self.order)
        for _ in range(self.size):
            yield elements.matrix()

    def structures(self, fields: Collection[str]) -> Iterator[dict[str, "Matrix"]]:
        """Give some fields of each element of a structure array."""
        elements = _Elements(self.content, self.order)
        [length] = elements.numbers().tolist()
        text = bytes(elements.next())
        if length < 1:
            raise ValueError("names of fields of no length")
        names = [
            text[begin : begin + length].split(b"\0")[0].decode("ascii", "replace")
            for begin in range(0, len(text), length)
        ]
        for _ in range(self.size if names else 0):
            found = {}
            for name in names:
                content = elements.next(_MATRIX)
                if name in fields:
                    found[name] = Matrix.of(content, self.order)
            yield found


class _Elements:
    """The elements in a run of bytes, one after the other."""

    def __init__(self, content: memoryview, order: str) -> None:
        self._content = content
        self._order = order
        self._place = 0
        self.kind = 0

    def next(self, kind: int | None = None) -> memoryview:
        """Give the bytes of the next element, maybe of a type that it must have."""
        begin, order = self._place, self._order
        if begin + 8 > len(self._content):
            raise ValueError("it ends within a variable")
        first, second = struct.unpack_from(f"{order}II", self._content, begin)
        if first >> 16:  # up to four bytes are stored in the place of the length
            self.kind, length = first & 0xFFFF, first >> 16
            if length > 4:
                raise ValueError(f"a short element of {length} bytes")
            begin, self._place = begin + 4, begin + 8
        else:
            self.kind, length = first, second
            begin += 8
            self._place = begin + -(-length // 8) * 8
        if begin + length > len(self._content):
            raise ValueError("an element that is longer than what it is in")
        if kind is not None and self.kind != kind:
            raise ValueError(f"an element of type {self.kind}, expected {kind}")
        return self._content[begin : begin + length]

    def numbers(self) -> NDArray[Any]:
        """Give the numbers of the next element."""
        content = self.next()
        if self.kind not in _STORED:
            raise ValueError(f"numbers of type {self.kind}")
        return np.frombuffer(content, dtype=self._order + _STORED[self.kind])

    def matrix(self) -> Matrix:
        """Give the next element, which is a matrix."""
        return Matrix.of(self.next(_MATRIX), self._order)

    def rest(self) -> memoryview:
        """Give all bytes that follow."""
        return self._content[self._place :]


def variable_names(path: Path) -> frozenset[str]:
    """Names of the variables of a file, as many as can be read."""
    with path.open("rb") as file:
        found = {
            _name(stored, length, order, kind)
            for stored, length, order, kind in _elements(file, path.stat().st_size)
        }
    return frozenset(found - {""})


def _name(stored: Any, length: int, order: str, kind: int) -> str:
    """Name of a variable; empty if it has none that can be read, as objects have."""
    try:
        content = stored(min(length, _BEGINNING))
        if kind == _COMPRESSED:
            content = zlib.decompressobj().decompress(content, _BEGINNING)[8:]
        return Matrix.of(memoryview(content), order).name
    except (ValueError, zlib.error):
        return ""


def read_variable(path: Path, name: str) -> Matrix:
    """Read a variable of a file.

    Raises
    ------
    FileFormatError
        If there is none of that name, or it is compressed so much that it is made to fill the
        memory.
    ValueError, zlib.error
        If it is damaged.
    """
    with path.open("rb") as file:
        for stored, length, order, kind in _elements(file, path.stat().st_size):
            if _name(stored, length, order, kind) != name:
                continue
            if kind != _COMPRESSED:
                return Matrix.of(memoryview(stored(length)), order)
            begin = zlib.decompressobj().decompress(stored(min(length, _BEGINNING)), 8)
            size = struct.unpack(f"{order}II", begin)[1]
            if size > max(_ALWAYS_ALLOWED, _LARGEST_RATIO * length):
                raise FileFormatError(
                    f"{path}: variable {name} is {size} bytes, compressed to {length}: such a "
                    "file is made to fill the memory, it is not read"
                )
            content = zlib.decompressobj().decompress(stored(length), size + 8)
            if len(content) < size + 8:
                raise ValueError(f"{name} ends early")
            return Matrix.of(memoryview(content)[8:], order)
    raise FileFormatError(f"{path}: no variable {name}")


def _elements(file: Any, size: int) -> Iterator[tuple[Any, int, str, int]]:
    """Give each variable: what reads its first bytes, how many, the order of bytes, the type."""
    header = file.read(_HEADER)
    order = ">" if header[126:128] == b"MI" else "<"
    begin = _HEADER
    for _ in range(_MOST_VARIABLES):
        file.seek(begin)
        tag = file.read(8)
        if len(tag) < 8:
            return
        kind, length = struct.unpack(f"{order}II", tag)
        if kind not in (_MATRIX, _COMPRESSED) or begin + 8 + length > size:
            return
        begin += 8

        def stored(count: int, begin: int = begin) -> bytes:
            file.seek(begin)
            content: bytes = file.read(count)
            return content

        yield stored, length, order, kind
        begin += length
