"""Tables in text, with a header and a delimiter: the columns that are wanted, as numbers."""

import codecs
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from .file_start import FileStart, fields_of, is_number

_BLOCK = 1 << 20
"""Bytes; no line is longer."""


class TextTable:
    """A table of text, of which columns can be read.

    Parameters
    ----------
    start
        The beginning of the file.
    header_lines
        Number of lines before the first row; the first of them has the names, unless there are
        none.
    content
        The table, where the file has something else below it; by default the whole file.

    Raises
    ------
    FileFormatError
        If it is no text, has a line longer than 1 MiB, which no table has, or a header of fewer
        fields than the first row.

    Attributes
    ----------
    names
        Names of the columns, or their ranks, from 0, where there is no header.
    """

    def __init__(
        self, start: FileStart, header_lines: int = 1, content: bytes | None = None
    ) -> None:
        self.path = start.path
        self._content = content
        self._delimiter = start.delimiter
        if not start.lines:
            raise FileFormatError(f"{self.path} is no table of text")
        first = fields_of(start.lines[0], self._delimiter)
        self.names: list[str] = first if header_lines else list(map(str, range(len(first))))
        blank = start.text.splitlines().index(start.lines[0])
        self._lines_before = header_lines + blank if header_lines else 0
        row = start.lines[header_lines] if len(start.lines) > header_lines else ""
        fields = fields_of(row, self._delimiter)
        self._decimal = _decimal_mark(fields, self._delimiter)
        if header_lines and len("".join(fields[len(first) :])):
            raise FileFormatError(
                f"{self.path}, the first row has {len(fields)} fields, the header {len(first)}"
            )
        with self._open() as file:
            scan = _Scan(file, self.path, self._delimiter.encode())
        self._encoding = scan.encoding
        width = max(len(first), len(fields))
        # The parser passes over fields that are too many, unless it is asked for all columns.
        self._is_regular = scan.delimiters == scan.lines * (width - 1)

    @property
    def repeated(self) -> list[str]:
        """Names that several columns have."""
        return sorted({name for name in self.names if self.names.count(name) > 1})

    def read(self, names: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Read columns by their names; of columns with one name, the first.

        Returns
        -------
        dict
            Arrays of integers or floats; an empty field is NaN.

        Raises
        ------
        FileFormatError
            If a line has more fields than the others, or a field is no number: with the place.
        """
        table = self._table(names)
        return {name: self._numbers(table[name], name) for name in map(str, table)}

    def read_text(self, name: str) -> NDArray[Any]:
        """Read a column of words; an empty field is an empty one."""
        column = self._table([name], dtype=str)[name]
        return column.fillna("").to_numpy(dtype=object)

    def _table(self, names: Sequence[str], **options: Any) -> pd.DataFrame:
        ranks = {self.names.index(name): name for name in names}
        try:
            with self._open() as source:
                table: pd.DataFrame = pd.read_csv(
                    source,
                    sep=r"\s+" if self._delimiter == " " else self._delimiter,
                    header=None,
                    index_col=False,
                    usecols=sorted(ranks) if self._is_regular else None,
                    skiprows=self._lines_before,
                    skipinitialspace=True,
                    encoding=self._encoding,
                    decimal=self._decimal,
                    low_memory=False,
                    comment="#" if self._delimiter == " " else None,
                    **options,
                )
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
            raise FileFormatError(f"{self.path}: {_reason(error)}") from None
        except (ValueError, OverflowError, MemoryError) as error:
            raise FileFormatError(f"{self.path} is no table of numbers: {error}") from None
        missing = [name for rank, name in ranks.items() if rank not in table]
        if missing:
            raise FileFormatError(f"{self.path}: the first row has no field for {missing[0]}")
        return table[sorted(ranks)].rename(columns=ranks)

    def _open(self) -> BinaryIO:
        return self.path.open("rb") if self._content is None else io.BytesIO(self._content)

    def _numbers(self, column: "pd.Series[Any]", name: str) -> NDArray[Any]:
        if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(
            column.dtype
        ):
            numbers = pd.to_numeric(column, errors="coerce")
            bad = np.flatnonzero((numbers.isna() & column.notna()).to_numpy())
            if bad.size or not pd.api.types.is_numeric_dtype(numbers.dtype):
                row = int(bad[0]) if bad.size else 0
                seen = str(column.iloc[row])[:40] if len(column) else ""
                raise FileFormatError(
                    f"{self.path}, row {row + 1} below the header: {name} is {seen!r}, expected a "
                    "number"
                )
            column = numbers
        values = column.to_numpy()
        return values.astype(np.float64) if values.dtype.kind not in "iuf" else values


def _reason(error: Exception) -> str:
    return str(error).strip().removeprefix("Error tokenizing data. C error: ")[:300]


def _decimal_mark(fields: Sequence[str], delimiter: str) -> str:
    """Comma where a row has numbers like 0,5 between other delimiters, else point."""
    if delimiter in ";\t":
        with_comma = [field for field in fields if field.count(",") == 1]
        if any(is_number(field.replace(",", ".")) for field in with_comma):
            return ","
    return "."


class _Scan:
    """One pass over the bytes of a text, which refuses what is none.

    Attributes
    ----------
    encoding
        UTF-8, or one byte a letter.
    lines, delimiters
        How many there are.
    """

    def __init__(self, file: BinaryIO, path: Path, delimiter: bytes) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")()
        self.encoding = "utf-8-sig"
        self.lines = self.delimiters = 0
        last = b""
        while block := file.read(_BLOCK):
            if not last and block[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                raise FileFormatError(f"{path} is text in UTF-16, expected UTF-8: save it as that")
            if len(block) == _BLOCK and b"\n" not in block and b"\r" not in block:
                raise FileFormatError(
                    f"{path}, line {self.lines + 1}: more than {_BLOCK} bytes, expected a table of "
                    "numbers"
                )
            zero = block.find(b"\0")
            if zero >= 0:
                line = self.lines + block.count(b"\n", 0, zero) + 1
                raise FileFormatError(f"{path}, line {line}: a byte of zero, which no text has")
            self.lines += block.count(b"\n")
            self.delimiters += block.count(delimiter)
            if self.encoding != "latin-1":
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    self.encoding = "latin-1"
            last = block[-1:]
        self.lines += last not in (b"\n", b"")
