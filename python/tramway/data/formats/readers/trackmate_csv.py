"""TrackMate's table of spots: ``… TRACK_ID … POSITION_X … FRAME …``, with 1 to 4 header lines."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart, fields_of, is_number
from tramway.data.formats.reader import NO_TRACK, Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable
from tramway.data.formats.units import length_unit, time_unit

_VISIBLE = "TRACK_VISIBLE"
_FORMAT = TableFormat(
    marks=frozenset({"POSITION_X", "POSITION_Y"}),
    columns={
        "n": ["TRACK_ID"],
        "frame": ["FRAME"],
        "t": ["POSITION_T"],
        "x": ["POSITION_X"],
        "y": ["POSITION_Y"],
        "z": ["POSITION_Z"],
    },
)


def _recognises(start: FileStart) -> bool:
    # Spots that were not linked have no track, as others' tables have no quality.
    return _FORMAT.recognises(start) and bool({"TRACK_ID", "QUALITY"} & set(start.header))


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    rows = [fields_of(line, start.delimiter) for line in start.lines]
    x = rows[0].index("POSITION_X") if rows and "POSITION_X" in rows[0] else 0
    count = 1
    while count < min(len(rows), 4) and not (
        # With a comma for the decimal point, too, where that does not separate columns.
        len(rows[count]) > x and is_number(rows[count][x].replace(",", "."))
    ):
        count += 1
    table = TextTable(start, header_lines=count)
    words = {_VISIBLE: ["0"]} if _VISIBLE in table.names else {}
    read = _FORMAT.localizations(_FORMAT.found(table), table, words)
    _leave_out_hidden(read)
    units = dict(zip(rows[0], rows[count - 1], strict=False)) if count > 1 else {}
    read.length_unit = length_unit(units.get("POSITION_X"))
    said = units.get("POSITION_X", "").strip()
    if read.length_unit is None and said.startswith("("):  # other lines of the header have names
        read.unit_source = said.strip("()")
    read.time_unit = time_unit(units.get("POSITION_T"))
    frame, time = read.columns.get("frame"), read.columns.get("t")
    if (
        read.length_unit == "px"
        and frame is not None
        and time is not None
        and np.array_equal(frame, time, equal_nan=True)
    ):
        # Of an image that was not calibrated, ImageJ says that frames are 1 sec apart.
        read.time_unit = "frame"
        read.notes.append("the times in the file are those of no calibration, one frame each")
    return read


def _leave_out_hidden(read: Localizations) -> None:
    """Leave out the tracks that TrackMate's filters dropped, which version 8 can write too."""
    is_hidden = read.columns.pop(_VISIBLE, None)
    if is_hidden is None or "n" not in read.columns:
        return
    is_dropped = is_hidden & (read.columns["n"] != NO_TRACK)
    if is_dropped.any():
        read.columns = {name: values[~is_dropped] for name, values in read.columns.items()}
        read.notes.append(
            f"{int(is_dropped.sum())} spots of tracks that TrackMate's filters dropped were left "
            "out"
        )


READER = Reader("trackmate-csv", "TrackMate, table of spots", _recognises, _read)
