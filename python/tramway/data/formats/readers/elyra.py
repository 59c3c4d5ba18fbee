"""Zeiss Elyra: a table of localizations, then a zero and the description of the image."""

from pathlib import Path

from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat

_BLOCK = 1 << 20

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
    length = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            zero = block.find(b"\0")
            if zero >= 0:
                return _FORMAT.read(path, length=length + zero)
            length += len(block)
    return _FORMAT.read(path)


READER = Reader("elyra", "Zeiss Elyra, localizations", _FORMAT.recognises, _read)
