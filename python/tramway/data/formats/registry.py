"""The readers there are, in the order in which they are asked whether a file is theirs."""

from pathlib import Path

from tramway.errors import FileFormatError, InvalidInputError

from .file_start import FileStart
from .reader import Reader
from .readers import (
    btrack,
    csv,
    decode,
    diatrack,
    elyra,
    evalspt,
    geff,
    icy,
    isbi,
    minflux,
    mosaic,
    napari,
    oni,
    parquet,
    picasso,
    rapidstorm,
    saspt,
    smap,
    smlm,
    spoton,
    swift,
    text,
    thunderstorm,
    tracked_par,
    trackmate,
    trackmate_csv,
    trackmate_tracks,
    trackpy,
    trackpy_store,
    utrack,
)

READERS: tuple[Reader, ...] = (
    trackmate.READER,
    trackmate_tracks.READER,
    trackmate_csv.READER,
    trackpy.READER,
    trackpy_store.READER,
    thunderstorm.READER,
    swift.READER,
    mosaic.READER,
    spoton.READER,
    saspt.READER,
    btrack.READER,
    napari.READER,
    evalspt.READER,
    tracked_par.READER,
    utrack.READER,
    diatrack.READER,
    smap.READER,
    picasso.READER,
    decode.READER,
    rapidstorm.READER,
    elyra.READER,
    oni.READER,
    smlm.READER,
    icy.READER,
    isbi.READER,
    geff.READER,
    minflux.READER,
    parquet.READER,
    text.READER,
    csv.READER,  # takes what none of the others does
)


def reader_of(path: Path, name: str | None = None) -> Reader:
    """Give the reader of a file, by its name or by the content.

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
    if found is None:
        seen = start.lines[0][:80] if start.lines else start.bytes[:16]
        raise FileFormatError(
            f"{path} begins with {seen!r}, which no reader knows; formats: {names}; name one with "
            "`format`, for another table format='csv' and its `columns`"
        )
    return found
