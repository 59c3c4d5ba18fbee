"""Tracks that visit regions, out of a file of any format that can be read in pieces."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.polygon import Area
from tramway.data.streaming import Survey, check_known_precision, has_tracks, kept, moved
from tramway.data.translocations import PRECISION_COLUMN
from tramway.errors import FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS

from .damage import understood
from .facts import check_columns, facts_of
from .reader import NO_TRACK, Localizations, Reader
from .reading import Reading, in_units, made_of, put_in_order, reader_for
from .unpacking import unpacked


class StreamedReading(NamedTuple):
    """What is kept of a file that was read in pieces.

    Attributes
    ----------
    reading
        The trajectories that visit regions, and the facts about them.
    bounds
        Rows ``min`` and ``max`` of each column, of the whole file.
    """

    reading: Reading
    bounds: pd.DataFrame


def stream_file(
    path: str | Path,
    regions: Iterable[Sequence[Area]],
    origin: Mapping[str, float] | None = None,
    *,
    format: str | None = None,
    pixel_size: float | None = None,
    frame_interval: float | None = None,
    coordinate_scale: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> StreamedReading:
    """Read tracks that visit regions from a file, which may be larger than the memory.

    See :func:`tramway.data.streaming.stream_trajectories`.

    Parameters
    ----------
    path, format, pixel_size, frame_interval, coordinate_scale, options
        Those of :func:`read_file`.
    regions
        The areas of each region, µm (and s).
    origin
        What is subtracted from columns, by name, before they are compared with the regions.

    Returns
    -------
    StreamedReading
        Facts are those of the tracks that are kept; a note says how many localizations there are.

    Raises
    ------
    InvalidInputError
        If files of the format cannot be read in pieces, have no tracks, or need the median of the
        file in place of missing precisions; the message says what to do.
    FileFormatError
        As :func:`read_file`.

    Warns
    -----
    DataQualityWarning
        As there, of the tracks that are kept.
    """
    path = Path(path).expanduser()
    survey = Survey(regions)
    with unpacked(path) as plain:
        reader = reader_for(plain, format, options or {})

        def pieces() -> Iterator[Localizations]:
            return pieces_of(reader, plain, options or {})

        first: Localizations | None = None
        for piece in pieces():
            check_columns(plain, piece)
            first = first or piece
            facts = facts_of(plain, reader, piece)  # of no use but for the units
            columns = in_units(piece, facts, pixel_size, coordinate_scale, frame_interval)
            for tracked in has_tracks([columns], str(path)):
                survey.add(moved(_usable(tracked), origin))
        if first is None or not survey.count:
            raise FileFormatError(f"{path}: no localization belongs to a track")
        read = replace(first, columns=kept((piece.columns for piece in pieces()), survey.tracks))
    facts = put_in_order(path, reader, read)
    facts.notes.append(
        f"read in pieces: {survey.count} localizations, of which {facts.localizations} are of "
        "tracks that visit the regions"
    )
    columns = in_units(read, facts, pixel_size, coordinate_scale, frame_interval)
    bounds = survey.bounds
    if PRECISION_COLUMN in bounds:
        check_known_precision(columns, bounds[PRECISION_COLUMN]["max"], str(path))
    depth = float(bounds["z"]["max"] - bounds["z"]["min"]) if "z" in bounds else None
    reading = made_of(reader, columns, facts, None, depth)
    return StreamedReading(reading, bounds[list(reading.trajectories)])


def pieces_of(reader: Reader, path: Path, options: Mapping[str, Any]) -> Iterator[Localizations]:
    """Read what a file says in pieces.

    Raises
    ------
    InvalidInputError
        If files of its format are not read so.
    """
    if reader.pieces is None:
        raise InvalidInputError(
            f"{path}: files of {reader.title} are not read in pieces: set a.spt_data.streaming = "
            "False, or convert them to a table of text or Parquet"
        )
    kind = f"a file of {reader.title}"
    with understood(path, kind):
        pieces = iter(reader.pieces(path, **options))
    while True:
        with understood(path, kind), np.errstate(all="ignore"):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _usable(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Leave out localizations of no track, or without finite coordinates and time."""
    is_used = columns["n"] != NO_TRACK
    for name in (*SPACE_COLUMNS, "t"):
        if name in columns and (name != "z" or np.isfinite(columns["z"]).any()):
            is_used &= np.isfinite(columns[name])
    return {name: values[is_used] for name, values in columns.items()}
