"""All tracks of a file of any format that can be read in pieces, some at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.streaming import has_tracks
from tramway.data.track_blocks import telling_once, whole_tracks
from tramway.errors import FileFormatError
from tramway.units import SPACE_COLUMNS

from .facts import check_columns
from .reader import NO_TRACK, Localizations
from .reading import Reading, in_units, made_of, put_in_order, reader_for
from .streaming import pieces_of
from .unpacking import unpacked


def read_track_blocks(
    path: str | Path,
    *,
    format: str | None = None,
    pixel_size: float | None = None,
    frame_interval: float | None = None,
    coordinate_scale: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> Iterator[Reading]:
    """Read a file some tracks at a time; see :func:`tramway.data.track_blocks`.

    Parameters
    ----------
    path, format, pixel_size, frame_interval, coordinate_scale, options
        Those of :func:`read_file`.

    Yields
    ------
    Reading
        Trajectories of whole tracks, and the facts about these.

    Raises
    ------
    InvalidInputError
        If files of the format cannot be read in pieces, or have no tracks, or some that come
        again after they were given.
    FileFormatError
        As :func:`read_file`.

    Warns
    -----
    DataQualityWarning
        As there; of what is in several blocks, with the numbers of the first of these.
    """
    path, options = Path(path).expanduser(), options or {}
    with unpacked(path) as plain:
        reader = reader_for(plain, format, options)
        first: Localizations | None = None
        is_in_depth = None

        def tracked() -> Iterator[dict[str, NDArray[Any]]]:
            nonlocal first, is_in_depth
            for piece in pieces_of(reader, plain, options):
                check_columns(plain, piece)
                if first is None:
                    first = piece
                    z = (one.columns["z"] for one in pieces_of(reader, plain, options))
                    is_in_depth = "z" in piece.columns and _is_extended(z)
                [columns] = has_tracks([piece.columns], str(path))
                rows = columns["n"] != NO_TRACK
                names = [name for name in columns if name != "z" or is_in_depth]
                yield {name: columns[name][rows] for name in names}

        told: set[str] = set()
        is_empty = True
        for columns in whole_tracks(tracked(), str(path)):
            assert first is not None
            if not _is_any_finite(columns):
                continue
            with telling_once(told):
                read = replace(first, columns=columns, notes=list(first.notes))
                facts = put_in_order(path, reader, read)
                converted = in_units(read, facts, pixel_size, coordinate_scale, frame_interval)
                # A block may lie in a plane though the file does not.
                reading = made_of(reader, converted, facts, None, float(bool(is_in_depth)))
            is_empty = False
            yield reading
        if is_empty:
            raise FileFormatError(f"{path}: no localization of a track has a place and a time")


def _is_any_finite(columns: Mapping[str, NDArray[Any]]) -> bool:
    places = [values for name, values in columns.items() if name in (*SPACE_COLUMNS, "t", "frame")]
    return bool(np.logical_and.reduce([np.isfinite(values) for values in places]).any())


def _is_extended(pieces: Iterator[NDArray[Any]]) -> bool:
    """Whether z is not the same everywhere."""
    least, greatest = np.inf, -np.inf
    for z in pieces:
        least, greatest = np.fmin.reduce(z, initial=least), np.fmax.reduce(z, initial=greatest)
    return bool(greatest > least)
