"""evalSPT and SLIMfast: ``x y frame trajectory …``, without header, in pixels, frames from 1."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart, fields_of, is_number
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable

_WIDTH = 8
_FORMAT = TableFormat(frozenset(), {}, length_unit="px", first_frame=1)


def _recognises(start: FileStart) -> bool:
    rows = [fields_of(line, start.delimiter) for line in start.lines[:5]]
    return bool(rows) and all(
        len(row) == _WIDTH
        and all(map(is_number, row))
        and float(row[2]).is_integer()
        and float(row[3]).is_integer()
        for row in rows
    )


def _read(path: Path) -> Localizations:
    table = TextTable(FileStart(path), header_lines=0)
    return _FORMAT.localizations({"x": "0", "y": "1", "frame": "2", "n": "3"}, table)


READER = Reader("evalspt", "evalSPT or SLIMfast, tracks as text", _recognises, _read)
