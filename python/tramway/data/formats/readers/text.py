"""Text of numbers in µm and s: ``n x y t`` (.trxyt), ``x y t`` (.xyt), ``n x y z t`` (.trxyzt)."""

from pathlib import Path

import numpy as np

from tramway import _core
from tramway.data.formats.file_start import FileStart, fields_of, is_number
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import track_numbers
from tramway.errors import FileFormatError

_HEADERED = frozenset({"n", "x", "y", "t"})
_BY_WIDTH = {
    3: ("x", "y", "t"),
    4: ("n", "x", "y", "t"),
    5: ("n", "x", "y", "z", "t"),
}
_INDEXED = ("row", "n", "x", "y", "t")


def _rows(start: FileStart) -> list[list[str]]:
    return [fields_of(line.partition("#")[0], " ") for line in start.lines if line[0] != "#"]


def _recognises(start: FileStart) -> bool:
    rows = _rows(start)
    if not rows or start.delimiter in ",;" or start.text.startswith("# <"):
        return False
    if set(rows[0]) >= _HEADERED:
        return True
    return len(rows[0]) in _BY_WIDTH and all(map(is_number, rows[0]))


def _read(path: Path) -> Localizations:
    rows = _rows(FileStart(path))
    if not rows:
        raise FileFormatError(f"{path}: no row, expected numbers n x y t")
    names = None if set(rows[0]) >= _HEADERED else _names(rows, path)
    found, values = _core.read_table(path, None if names is None else list(names))
    columns = dict(zip(found, values, strict=True))
    kept = ("n", "x", "y", "z", "t", "localization_precision")
    read = Localizations(
        {name: columns[name] for name in kept if name in columns},
        length_unit="µm",
        time_unit="s",
        notes=[f"columns {' '.join(found)}, in µm and s as in all files of this kind"],
    )
    if "n" in columns:
        read.columns["n"] = track_numbers(columns["n"], False, str(path))
    else:
        read.columns["n"] = np.zeros(len(columns["x"]), dtype=np.int64)
        read.notes.append("without track numbers: the file is one track")
    return read


def _names(rows: list[list[str]], path: Path) -> tuple[str, ...]:
    """Names of the columns of a file without a header, by their number."""
    width = len(rows[0])
    if width not in _BY_WIDTH:
        raise FileFormatError(f"{path}: {width} columns, expected x y t, n x y t or n x y z t")
    if width == 5 and _is_row_number([row[0] for row in rows if len(row) == 5]):
        return _INDEXED
    return _BY_WIDTH[width]


def _is_row_number(fields: list[str]) -> bool:
    """Whether the first column counts the rows, from 0 or 1: no track has one localization."""
    first = fields[0]
    return (
        first in ("0", "1")
        and len(fields) > 1
        and fields == [str(int(first) + rank) for rank in range(len(fields))]
    )


READER = Reader("text", "n x y t, as text in µm and s (.trxyt, .xyt, .trxyzt)", _recognises, _read)
