"""btrack: ``t x y z states label``, or its tracks ``ID t x y z parent root … dummy``."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable

_OBJECTS = frozenset({"t", "x", "y", "label"})
_TRACKS = frozenset({"ID", "t", "x", "y", "parent", "root"})
_DUMMY = "dummy"
_FORMAT = TableFormat(
    marks=frozenset(),
    columns={"n": ["ID", "label"], "frame": ["t"], "x": ["x"], "y": ["y"], "z": ["z"]},
)


def _recognises(start: FileStart) -> bool:
    names = set(start.header)
    return names >= _TRACKS or (names >= _OBJECTS and "states" in names)


def _read(path: Path) -> Localizations:
    table = TextTable(FileStart(path))
    words = {_DUMMY: ["true", "1", "1.0"]} if _DUMMY in table.names else {}
    read = _FORMAT.localizations(_FORMAT.found(table), table, words)
    is_dummy = read.columns.pop(_DUMMY, None)
    if is_dummy is not None and is_dummy.any():
        read.columns = {name: values[~is_dummy] for name, values in read.columns.items()}
        read.notes.append(
            f"{int(is_dummy.sum())} positions that btrack filled in, where nothing was seen, "
            "were left out"
        )
    return read


READER = Reader("btrack", "btrack, objects or tracks", _recognises, _read)
