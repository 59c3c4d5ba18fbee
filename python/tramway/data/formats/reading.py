"""From what a file says to trajectories in µm and s: the traps of all formats, handled once."""

import inspect
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.trajectories import in_trajectories
from tramway.data.translocations import PRECISION_COLUMN
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS

from .cleaning import (
    check_depth,
    check_precision,
    finite_rows,
    in_order,
    in_tracks,
    one_per_time,
)
from .damage import understood
from .facts import FileFacts, check_columns, facts_of
from .linking import Linking
from .reader import NO_TRACK, Localizations, Reader
from .registry import reader_of
from .scaling import micrometers, other_micrometers, seconds
from .unpacking import unpacked


class Reading(NamedTuple):
    """Trajectories of a file, and the facts about it."""

    trajectories: pd.DataFrame
    facts: FileFacts


def read_localizations(
    path: Path, format: str | None = None, options: Mapping[str, Any] | None = None
) -> tuple[Reader, Localizations, FileFacts]:
    """Read what a file says, in its own units.

    Parameters
    ----------
    path
        The file, or the folder where the format is one.
    format
        Name of the reader; None: as the content says.
    options
        Options of that reader.

    Returns
    -------
    tuple
        The reader, what it read, and the facts about it.

    Raises
    ------
    FileFormatError
        If no reader knows the file, or it is damaged.
    InvalidInputError
        If there is no reader or option of that name.
    """
    with unpacked(path) as plain:
        reader, read = _read(plain, format, options or {})
    return reader, read, put_in_order(path, reader, read)


def put_in_order(path: Path, reader: Reader, read: Localizations) -> FileFacts:
    """Sort what was read by track and frame, and give the facts about it.

    Raises
    ------
    FileFormatError
        If columns are none, or a number of a frame is not whole.
    """
    check_columns(path, read)
    if "n" in read.columns and (read.columns["n"] == NO_TRACK).all():
        del read.columns["n"]
        read.notes.append("no localization belongs to a track")
    read.columns, went_back = in_order(read.columns, "frame" if "frame" in read.columns else "t")
    if went_back:
        read.notes.append("rows are not in order of time: they were sorted")
    return facts_of(path, reader, read)


def _read(
    path: Path, format: str | None, options: Mapping[str, Any]
) -> tuple[Reader, Localizations]:
    reader = reader_for(path, format, options)
    # What is not finite is told, not warned of, once all columns are there.
    with understood(path, f"a file of {reader.title}"), np.errstate(all="ignore"):
        return reader, reader.read(path, **options)


def reader_for(path: Path, format: str | None, options: Mapping[str, Any]) -> Reader:
    """Choose the reader of a file, and see to it that it has the options."""
    reader = reader_of(path, format, "columns" in options)
    names = list(inspect.signature(reader.read).parameters)[1:]
    unknown = [name for name in options if name not in names]
    if unknown:
        raise InvalidInputError(
            f"{path}: the reader '{reader.name}' has no option `{unknown[0]}`, expected one of: "
            f"{', '.join(names) or 'none'}"
        )
    return reader


def read_file(
    path: str | Path,
    *,
    format: str | None = None,
    pixel_size: float | None = None,
    frame_interval: float | None = None,
    coordinate_scale: float | None = None,
    linking: Linking | None = None,
    options: Mapping[str, Any] | None = None,
) -> Reading:
    """Read the trajectories of a file of any format that there is a reader for.

    Parameters
    ----------
    path
        The file, or the folder where the format is one; ``~`` is the home directory.
    format
        Name of the reader; None: as the content says.
    pixel_size
        µm per pixel, for positions in pixels; it takes the place of one that the file says.
    frame_interval
        s between frames, for times in frames; it takes the place of one that the file says.
    coordinate_scale
        µm per unit of length of the file, whatever that says.
    linking
        How localizations are linked where the file has no tracks.
    options
        Options of the reader.

    Returns
    -------
    Reading
        Trajectories as :func:`check_trajectories` returns them, columns ``n x y [z] t`` and, where
        the file says it, ``localization_precision``, in µm and s; and the facts.

    Raises
    ------
    FileFormatError
        If no reader knows the file, it is damaged, or has no localization.
    InvalidInputError
        If a unit is not known, or there are no tracks and no linking; the message names the
        setting.
    MissingPackageError
        If the format, or the linking, needs a package that is not installed.

    Warns
    -----
    DataQualityWarning
        Of what had to be dropped or cut.
    """
    path = Path(path).expanduser()
    reader, read, facts = read_localizations(path, format, options)
    columns = in_units(read, facts, pixel_size, coordinate_scale, frame_interval)
    read.columns.clear()  # what is converted takes the place of what was read, not beside it
    return made_of(reader, columns, facts, linking)


def in_units(
    read: Localizations,
    facts: FileFacts,
    pixel_size: float | None,
    coordinate_scale: float | None,
    frame_interval: float | None,
) -> dict[str, NDArray[Any]]:
    """Convert columns to µm and s; parameters are those of :func:`read_file`."""
    columns = dict(read.columns)
    usual = micrometers(read, facts, pixel_size, coordinate_scale)
    for name in {*SPACE_COLUMNS, PRECISION_COLUMN} & columns.keys():
        scale = usual
        if name in read.other_units:
            scale = other_micrometers(name, read, facts, pixel_size)
        with np.errstate(all="ignore"):
            columns[name] = columns[name].astype(np.float64, copy=False)
            if scale != 1:
                columns[name] = columns[name] * scale
    columns["t"] = seconds(read, facts, columns, frame_interval)
    return columns


def made_of(
    reader: Reader,
    columns: dict[str, NDArray[Any]],
    facts: FileFacts,
    linking: Linking | None,
    depth: float | None = None,
) -> Reading:
    """Make trajectories of columns in µm and s, as :func:`read_file` does.

    `depth` is the range of z, µm, where there are more localizations than these.
    """
    path = facts.path
    columns = finite_rows(columns, facts)
    check_depth(columns, facts, depth)
    check_precision(columns, facts)
    if "n" in columns:
        columns = in_tracks(columns, facts)
    elif linking is None:
        raise InvalidInputError(
            f"{path}: {reader.title} has localizations, no tracks: link them, "
            "a.tracker.from_trackpy(search_range=…) with the longest step between frames in µm"
        )
    else:
        columns = linking.link(columns, path, facts)
    for name in columns.keys() - {"n", *SPACE_COLUMNS, "t", PRECISION_COLUMN}:
        del columns[name]
    columns = one_per_time(columns, facts)
    if facts.problems:
        warnings.warn(f"{path}: {'; '.join(facts.problems)}", DataQualityWarning, stacklevel=3)
    try:
        return Reading(in_trajectories(columns, path), facts)
    except InvalidInputError as error:
        raise FileFormatError(str(error)) from None
