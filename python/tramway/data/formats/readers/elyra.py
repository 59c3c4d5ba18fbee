"""Zeiss Elyra: a table of localizations, then a zero and the description of the image."""

from pathlib import Path

from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.errors import FileFormatError

_LARGEST = 1 << 32

_FORMAT = TableFormat(
    marks=frozenset({"First Frame", "Frames Missing", "Position X [nm]", "Position Y [nm]"}),
    columns={
        "frame": ["First Frame"],
        "x": ["Position X [nm]"],
        "y": ["Position Y [nm]"],
        "z": ["Position Z [nm]"],
        "localization_precision": ["Precision [nm]"],
    },
    length_unit="nm",
    first_frame=1,
)


def _read(path: Path) -> Localizations:
    if path.stat().st_size > _LARGEST:
        raise FileFormatError(f"{path} is larger than 4 GiB, expected a table of localizations")
    with path.open("rb") as file:
        content = file.read().split(b"\0")[0]
    return _FORMAT.read(path, content=content)


READER = Reader("elyra", "Zeiss Elyra, localizations", _FORMAT.recognises, _read)
