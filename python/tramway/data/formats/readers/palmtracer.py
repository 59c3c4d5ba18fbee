"""PALMTracer: two lines about the movie, then ``Track Plane CentroidX(px) …``, frames from 1."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart, fields_of
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable
from tramway.errors import FileFormatError

_PIXEL, _INTERVAL = "Pixel_Size(um)", "Frame_Duration(s)"
_LINES_ABOVE = 2
_FORMAT = TableFormat(
    marks=frozenset({"nb_Planes", _PIXEL, _INTERVAL}),
    columns={
        "n": ["Track"],
        "frame": ["Plane"],
        "x": ["CentroidX(px)"],
        "y": ["CentroidY(px)"],
        "z": ["CentroidZ(um)"],
    },
    length_unit="px",
    other_units={"z": "µm"},
    first_frame=1,
)


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    values = fields_of(start.lines[1], start.delimiter) if len(start.lines) > 1 else []
    said = dict(zip(start.header, values, strict=False))
    table = TextTable(FileStart(path, skipped=_LINES_ABOVE))
    read = _FORMAT.localizations(_FORMAT.found(table), table)
    read.pixel_size = _positive(path, _PIXEL, said)
    read.frame_interval = _positive(path, _INTERVAL, said)
    read.notes.append("the size of pixels and the time between frames are those of its first lines")
    return read


def _positive(path: Path, name: str, said: dict[str, str]) -> float | None:
    """Give the number of that name above the table; None if it is 0, which nobody set."""
    try:
        value = float(said.get(name, "").replace(",", "."))
    except ValueError:
        raise FileFormatError(
            f"{path}, line 2: {name} is {said.get(name, '')!r}, expected a number"
        ) from None
    return value if value > 0 else None


READER = Reader("palmtracer", "PALMTracer, tracks or localizations", _FORMAT.recognises, _read)
