"""Any other table of text with a header: columns by their usual names, or as a user says."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tramway.data.formats.file_start import FileStart, fields_of, is_number
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, check_purposes
from tramway.data.formats.text_table import TextTable
from tramway.data.formats.usual_names import by_usual_names, chosen, other_units, units_of

_LONGEST_PREAMBLE = 20
"""Lines of other things that programs put above the header."""


def _recognises(start: FileStart) -> bool:
    return _is_table(start) or _below_preamble(start) is not None


def _is_table(start: FileStart) -> bool:
    found = by_usual_names(start.header).keys()
    return {"x", "y"} <= found and bool({"t", "frame"} & found)


def _below_preamble(start: FileStart) -> FileStart | None:
    """Find the header below other lines: it has the usual names, and numbers below it."""
    for skipped in range(1, min(len(start.lines) - 1, _LONGEST_PREAMBLE)):
        below = FileStart(start.path, skipped)
        if _is_table(below):
            row = fields_of(below.lines[1], below.delimiter)
            place = below.header.index(by_usual_names(below.header)["x"])
            if len(row) == len(below.header) and is_number(row[place], below.delimiter):
                return below
    return None


def _read(
    path: Path,
    columns: Mapping[str, str] | None = None,
    length_unit: str | None = None,
    time_unit: str | None = None,
) -> Localizations:
    """Read a table of text.

    Parameters
    ----------
    path
        The file.
    columns
        Names of the columns for ``n x y z t frame localization_precision``, those that are not
        called so or alike; of a table without header, their ranks, from 0.
    length_unit
        Of positions and precision: ``'µm'``, ``'nm'``, ``'mm'``, ``'m'`` or ``'px'``; by default as
        the names of the columns say.
    time_unit
        Of the times: ``'s'``, ``'ms'``, ``'µs'``, ``'min'``, ``'h'`` or ``'frame'``; by default as
        their name says.
    """
    described, found, table = _understood(path, columns, length_unit, time_unit)
    return described.localizations(found, table)


def _pieces(
    path: Path,
    columns: Mapping[str, str] | None = None,
    length_unit: str | None = None,
    time_unit: str | None = None,
) -> Iterator[Localizations]:
    described, found, table = _understood(path, columns, length_unit, time_unit)
    return described.localizations_in_pieces(found, table)


def _understood(
    path: Path, columns: Mapping[str, str] | None, length_unit: str | None, time_unit: str | None
) -> tuple[TableFormat, dict[str, str], TextTable]:
    """Tell the format of a table, which of its columns are for what, and the table."""
    start = FileStart(path)
    if not _is_table(start) and columns is None:
        start = _below_preamble(start) or start
    table = TextTable(start, header_lines=1 if start.header else 0)
    found = chosen(table.names, columns, str(path))
    check_purposes(found, table)
    length, time = units_of(found, length_unit, time_unit)
    taken = ", ".join(f"{purpose} from {name}" for purpose, name in found.items())
    notes = (f"columns: {taken}",)
    other = other_units(found, length, str(path)) if length_unit is None else {}
    described = TableFormat(
        frozenset(), {}, length_unit=length, other_units=other, time_unit=time, notes=notes
    )
    return described, found, table


READER = Reader("csv", "any table of text with a header", _recognises, _read, _pieces)
