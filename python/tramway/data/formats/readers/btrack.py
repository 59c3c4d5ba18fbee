"""btrack: ``t x y z states label``, or its tracks ``ID t x y z parent root … dummy``."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable

_OBJECTS = frozenset({"t", "x", "y", "label"})
_TRACKS = frozenset({"ID", "t", "x", "y", "parent", "root"})
_FORMAT = TableFormat(
    marks=frozenset(),
    columns={"n": ["ID", "label"], "frame": ["t"], "x": ["x"], "y": ["y"], "z": ["z"]},
)


def _recognises(start: FileStart) -> bool:
    names = set(start.header)
    return names >= _TRACKS or (names >= _OBJECTS and "states" in names)


def _read(path: Path) -> Localizations:
    read = _FORMAT.read(path)
    table = TextTable(FileStart(path))
    if "dummy" in table.names:
        is_seen = ~_is_true(table.read_text("dummy"))
        read.columns = {name: values[is_seen] for name, values in read.columns.items()}
        if not is_seen.all():
            read.notes.append(
                f"{int((~is_seen).sum())} positions that btrack filled in, where nothing was seen, "
                "were left out"
            )
    return read


def _is_true(words: NDArray[Any]) -> NDArray[np.bool_]:
    return np.isin(np.char.lower(words.astype(str)), ["true", "1", "1.0"])


READER = Reader("btrack", "btrack, objects or tracks", _recognises, _read)
