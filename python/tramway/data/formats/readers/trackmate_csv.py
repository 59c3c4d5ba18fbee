"""TrackMate's table of spots: ``… TRACK_ID … POSITION_X … FRAME …``, with 1 to 4 header lines."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart, fields_of, is_number
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.units import length_unit, time_unit

_FORMAT = TableFormat(
    marks=frozenset({"TRACK_ID", "POSITION_X", "POSITION_Y"}),
    columns={
        "n": ["TRACK_ID"],
        "frame": ["FRAME"],
        "t": ["POSITION_T"],
        "x": ["POSITION_X"],
        "y": ["POSITION_Y"],
        "z": ["POSITION_Z"],
    },
)


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    rows = [fields_of(line, start.delimiter) for line in start.lines]
    x = rows[0].index("POSITION_X") if rows and "POSITION_X" in rows[0] else 0
    count = 1
    while count < min(len(rows), 4) and not (len(rows[count]) > x and is_number(rows[count][x])):
        count += 1
    read = _FORMAT.read(path, header_lines=count)
    units = dict(zip(rows[0], rows[count - 1], strict=False)) if count > 1 else {}
    read.length_unit = length_unit(units.get("POSITION_X"))
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


READER = Reader("trackmate-csv", "TrackMate, table of spots", _FORMAT.recognises, _read)
