"""ONI Nanoimager: ``Channel Frame X (nm) Y (nm) …``; localizations without tracks."""

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.usual_names import by_usual_names

_FORMAT = TableFormat(
    marks=frozenset({"Channel", "Frame", "X (nm)", "Y (nm)"}),
    columns={
        "frame": ["Frame"],
        "x": ["X (nm)"],
        "y": ["Y (nm)"],
        "z": ["Z (nm)"],
        "localization_precision": ["X precision (nm)+Y precision (nm)", "Precision (nm)"],
    },
    length_unit="nm",
    channel="Channel",
)


def _recognises(start: FileStart) -> bool:
    # Tracks in columns like these are another program's.
    return _FORMAT.recognises(start) and "n" not in by_usual_names(start.header)


READER = Reader("oni", "ONI Nanoimager, localizations", _recognises, _FORMAT.read)
