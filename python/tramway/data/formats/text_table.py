"""Tables in text, with a header and a delimiter: the columns that are wanted, as numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import FileFormatError

from .file_start import FileStart, fields_of, is_number

Column: TypeAlias = tuple[int, str, Sequence[str] | None]
"""Rank and name of a column, and the words to look for if it is one of words."""


class TextTable:
    """A table of text, of which columns can be read.

    Parameters
    ----------
    start
        The beginning of the file.
    header_lines
        Number of lines before the first row, blank ones not counted; the first of them has the
        names, unless there are none.
    length
        Number of bytes of the table, where the file has something else below it; by default that of
        the whole file.

    Raises
    ------
    FileFormatError
        If it is no text, has no row, or a header of fewer fields than the first row.

    Attributes
    ----------
    names
        Names of the columns, or their ranks, from 0, where there is no header.
    """

    def __init__(self, start: FileStart, header_lines: int = 1, length: int | None = None) -> None:
        self.path = start.path
        if not start.lines:
            raise FileFormatError(f"{self.path} is no table of text")
        if len(start.lines) <= header_lines and start.is_all:
            raise FileFormatError(f"{self.path}: no row below the header, expected a table")
        first = fields_of(start.lines[0], start.delimiter)
        rows = [fields_of(line, start.delimiter) for line in start.lines[header_lines:]]
        self.names: list[str] = first if header_lines else list(map(str, range(len(first))))
        # A first row that is longer than the beginning of the file is found by the core.
        width = len(rows[0]) if rows else len(first)
        if header_lines and len(first) == width - 1 and _are_numbered(rows):
            first = self.names = ["", *first]  # R names rows, and not the column of their names
        if header_lines and rows and any(rows[0][len(first) :]):
            raise FileFormatError(
                f"{self.path}, the first row has {width} fields, the header {len(first)}"
            )
        self._layout: _core.TextLayout = {
            "delimiter": ord(start.delimiter),
            "decimal": ord(_decimal_mark(rows, start.delimiter)),
            "line_end": ord(start.line_end),
            "lines_before": (start.line_numbers[header_lines] if rows else header_lines),
            "width": width,
            "length": length,
        }

    @property
    def repeated(self) -> list[str]:
        """Names that several columns have."""
        return sorted({name for name in self.names if self.names.count(name) > 1})

    def read(
        self, names: Sequence[str], words: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Read columns by their names; of columns with one name, the first.

        Parameters
        ----------
        names
            Columns of numbers.
        words
            Columns of words, and which to look for, in small letters.

        Returns
        -------
        dict
            Arrays of integers or floats, NaN where a field is empty; of columns of words, whether
            it is one of those that are looked for, in small or large letters.

        Raises
        ------
        FileFormatError
            With the line, if it has other numbers of fields than the others, is longer than 1 MiB,
            or a field is no number.
        """
        columns = self._columns(names, words or {})
        return _named(columns, _core.read_delimited(self.path, columns, self._layout))

    def pieces(self, names: Sequence[str]) -> Iterator[dict[str, NDArray[Any]]]:
        """Read columns of numbers as :meth:`read` does, some 60,000 rows at a time."""
        columns = self._columns(names, {})
        for arrays in _core.DelimitedPieces(self.path, columns, self._layout):
            yield _named(columns, arrays)

    def _columns(self, names: Sequence[str], words: Mapping[str, Sequence[str]]) -> list[Column]:
        """Rank of each column, ascending, its name, and the words to look for in it."""
        wanted = {**dict.fromkeys(names), **words}
        ranks = {self.names.index(name): name for name in wanted}
        missing = [name for rank, name in ranks.items() if rank >= self._layout["width"]]
        if missing:
            raise FileFormatError(f"{self.path}: the first row has no field for {missing[0]}")
        return [(rank, ranks[rank], wanted[ranks[rank]]) for rank in sorted(ranks)]


def _named(columns: Sequence[Column], arrays: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {
        name: array if looked_for is None else array.astype(np.bool_)
        for (_, name, looked_for), array in zip(columns, arrays, strict=True)
    }


def _are_numbered(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first field of rows is their number, from 1."""
    return [row[0] for row in rows] == [str(rank + 1) for rank in range(len(rows))]


def _decimal_mark(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Comma where rows have numbers like 0,5 between other delimiters, else point."""
    if delimiter != ",":
        with_comma = (field for row in rows for field in row if field.count(",") == 1)
        if any(is_number(field.replace(",", ".")) for field in with_comma):
            return ","
    return "."
