"""The readers there are, in the order in which they are asked whether a file is theirs."""

import importlib
from pathlib import Path

from tramway.errors import FileFormatError, InvalidInputError

from .file_start import FileStart
from .reader import Reader

_MODULES = (
    "trackmate",
    "trackmate_tracks",
    "trackmate_csv",
    "trackpy",
    "trackpy_store",
    "thunderstorm",
    "swift",
    "mosaic",
    "spoton",
    "palmtracer",
    "saspt",
    "btrack",
    "napari",
    "evalspt",
    "tracked_par",
    "utrack",
    "diatrack",
    "smap",
    "plist",
    "picasso",
    "decode",
    "rapidstorm",
    "elyra",
    "oni",
    "smlm",
    "icy",
    "isbi",
    "geff",
    "minflux",
    "parquet",
    "text",
    "csv",  # takes what none of the others does
)
"""Files of the folder ``readers``, each with its ``READER``."""

READERS: tuple[Reader, ...] = tuple(
    importlib.import_module(f"{__package__}.readers.{name}").READER for name in _MODULES
)


def reader_of(path: Path, name: str | None = None, names_columns: bool = False) -> Reader:
    """Give the reader of a file, by its name or by the content.

    A table that is of no program's is read as any table if its columns are named.

    Raises
    ------
    InvalidInputError
        If there is no reader of that name.
    FileFormatError
        If no reader knows the file.
    OSError
        If it cannot be read.
    """
    start = FileStart(path)
    names = ", ".join(sorted(reader.name for reader in READERS))
    if name is not None:
        named = next((reader for reader in READERS if reader.name == name), None)
        if named is None:
            raise InvalidInputError(f"`format` is {name!r}, expected one of {names}")
        return named
    found = next((reader for reader in READERS if reader.recognises(start)), None)
    if found is None and names_columns and start.lines and not start.is_no_table:
        return READERS[-1]
    if found is None:
        reason = start.is_no_table
        if reason:
            raise FileFormatError(f"{path} {reason}")
        seen = start.lines[0][:80] if start.lines else start.bytes[:16]
        raise FileFormatError(
            f"{path} begins with {seen!r}, which no reader knows; formats: {names}; name one with "
            "`format`: 'text' for n x y t in µm and s; of another table, name the `columns`"
        )
    return found
