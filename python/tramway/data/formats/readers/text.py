"""Text of numbers in µm and s: ``n x y t`` (.trxyt), ``x y t`` (.xyt), ``n x y z t`` (.trxyzt)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart, fields_of, is_number
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, check_purposes
from tramway.data.formats.text_table import TextTable
from tramway.errors import FileFormatError

_HEADERED = frozenset({"n", "x", "y", "t"})
_BY_WIDTH = {
    3: ("x", "y", "t"),
    4: ("n", "x", "y", "t"),
    5: ("n", "x", "y", "z", "t"),
}
_SUFFIXES = (".trxyt", ".xyt", ".trxyzt")
_KEPT = ("n", "x", "y", "z", "t", "localization_precision")
_LOOKED_AT = 1000
_INDEXED = ("row", "n", "x", "y", "t")


def _recognises(start: FileStart) -> bool:
    if not start.lines or start.xml or start.is_no_table:
        return False
    first = fields_of(start.lines[0], start.delimiter)
    if start.header:
        # With other delimiters it may be anybody's table, in any unit.
        return set(first) >= _HEADERED and start.delimiter in " \t"
    is_ours = start.delimiter in " \t" or start.path.suffix.lower() in _SUFFIXES
    is_row = all(is_number(field, start.delimiter) for field in first)
    return is_ours and is_row and len(first) in _BY_WIDTH


def _read(path: Path) -> Localizations:
    described, taken, table = _understood(path)
    return _with_tracks(described.localizations(taken, table))


def _pieces(path: Path) -> Iterator[Localizations]:
    described, taken, table = _understood(path)
    return map(_with_tracks, described.localizations_in_pieces(taken, table))


def _understood(path: Path) -> tuple[TableFormat, dict[str, str], TextTable]:
    """Tell the format of a table, which of its columns are for what, and the table."""
    start = FileStart(path)
    table = TextTable(start, header_lines=1 if start.header else 0)
    if not start.header:
        table.names = list(_names(start))
    taken = {name: name for name in table.names if name in _KEPT}
    check_purposes(taken, table)
    described = TableFormat(
        frozenset(),
        {},
        length_unit="µm",
        time_unit="s",
        negative_is_none=False,
        notes=(f"columns {' '.join(table.names)}, in µm and s as in all files of this kind",),
    )
    return described, taken, table


def _with_tracks(read: Localizations) -> Localizations:
    _suspect_frames(read)
    if "n" not in read.columns:
        read.columns["n"] = np.zeros(len(read.columns["x"]), dtype=np.int64)
        read.notes.append("without track numbers: the file is one track")
    return read


def _suspect_frames(read: Localizations) -> None:
    """Tell of what looks like n frame x y: whole numbers that go up, and times that do not."""
    if "n" not in read.columns:
        return
    number, x, time = (read.columns[name][:_LOOKED_AT] for name in "nxt")
    same = number[1:] == number[:-1]
    with np.errstate(all="ignore"):
        is_counted = (x == np.trunc(x)).all() and (np.diff(x)[same] > 0).all()
        goes_back = bool((np.diff(time)[same] <= 0).any())
    if is_counted and goes_back:
        read.problems.append(
            "x is whole numbers that go up, and times are none: if the columns are n frame x y, "
            "say so, from_files(…, format='csv', columns={'n': 0, 'frame': 1, 'x': 2, 'y': 3})"
        )


def _names(start: FileStart) -> tuple[str, ...]:
    """Names of the columns of a file without a header, by their number."""
    rows = [fields_of(line, start.delimiter) for line in start.lines]
    width = len(rows[0])
    if width not in _BY_WIDTH:
        raise FileFormatError(
            f"{start.path}: {width} columns, expected x y t, n x y t or n x y z t"
        )
    if width == 4 and any(not _is_whole(row[0], start.delimiter) for row in rows):
        raise FileFormatError(
            f"{start.path}: the first of 4 columns is {rows[0][0]}, expected the number of a "
            "track, n x y t; for others say which is which, from_files(…, format='csv', "
            "columns={'x': 0, 'y': 1, 'frame': 2, 'n': 3})"
        )
    if width == 5 and _is_row_number([row[0] for row in rows if len(row) == 5]):
        return _INDEXED
    if width == 5 and start.path.suffix.lower() == ".trxyt":
        raise FileFormatError(
            f"{start.path}: 5 columns, expected n x y t in a file of that suffix; if they are "
            "n x y z t, call it .trxyzt; else say which is which, from_files(…, format='csv', "
            "columns={'n': 0, 'x': 1, 'y': 2, 't': 3}, length_unit='µm', time_unit='s')"
        )
    return _BY_WIDTH[width]


def _is_whole(field: str, delimiter: str) -> bool:
    """Whether a field is a whole number, or none at all, which is told with its line."""
    return not is_number(field, delimiter) or not float(field.replace(",", ".")) % 1


def _is_row_number(fields: list[str]) -> bool:
    """Whether the first column counts the rows, from 0 or 1: no track has one localization."""
    first = fields[0]
    return (
        first in ("0", "1")
        and len(fields) > 1
        and fields == [str(int(first) + rank) for rank in range(len(fields))]
    )


READER = Reader(
    "text",
    "n x y t, as text in µm and s (.trxyt, .xyt, .trxyzt)",
    _recognises,
    _read,
    _pieces,
)
