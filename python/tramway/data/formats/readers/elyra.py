"""Zeiss Elyra: a table of localizations, then a zero and the description of the image."""

import re
from pathlib import Path

from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat

_BLOCK = 1 << 20
_END = re.compile(rb"\0|[\r\n]VoxelSizeX\b")
_LONGEST_END = 12

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
    channel="Channel",
    first_frame=1,
)


def _read(path: Path) -> Localizations:
    length, before = 0, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            end = _END.search(before + block)
            if end is not None:
                return _FORMAT.read(path, length=length - len(before) + end.start())
            length += len(block)
            before = block[-_LONGEST_END:]
    return _FORMAT.read(path)


READER = Reader("elyra", "Zeiss Elyra, localizations", _FORMAT.recognises, _read)
