"""From what a file says to trajectories in µm and s: the traps of all formats, handled once."""

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data.trajectories import check_trajectories
from tramway.data.translocations import PRECISION_COLUMN
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS, UNITS

from .damage import understood
from .linking import Linking
from .reader import NO_TRACK, Localizations, Reader
from .registry import reader_of
from .units import MICROMETERS, SECONDS

_LARGEST = 1e12
"""µm and s; far above what is possible, far below where squares and sums lose their meaning."""


@dataclass
class FileFacts:
    """What there is in a file, and how it was understood.

    Attributes
    ----------
    path, format
        The file and the name of its reader.
    localizations
        Rows of the file, those that were dropped included.
    tracks
        Number of tracks; 0 if the file has none.
    without_track
        Localizations of no track.
    first_frame, last_frame
        As numbered in the file; None where it has times only.
    gaps
        Steps of tracks over missing frames.
    length_unit, time_unit
        In the file: ``µm nm m px`` and ``s ms frame``; None: it does not say.
    pixel_size
        µm, if it was needed or is in the file.
    frame_interval
        s, if it was needed or is in the file.
    notes
        How the file was understood.
    problems
        What was done about things that ought not to be there.
    """

    path: str
    format: str
    localizations: int
    tracks: int
    without_track: int
    first_frame: int | None
    last_frame: int | None
    gaps: int
    length_unit: str | None
    time_unit: str | None
    pixel_size: float | None
    frame_interval: float | None
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


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
    reader = reader_of(path, format)
    options = options or {}
    names = list(inspect.signature(reader.read).parameters)[1:]
    unknown = [name for name in options if name not in names]
    if unknown:
        raise InvalidInputError(
            f"{path}: the reader '{reader.name}' has no option `{unknown[0]}`, expected one of: "
            f"{', '.join(names) or 'none'}"
        )
    # What is not finite is told, not warned of, once all columns are there.
    with understood(path, f"a file of {reader.title}"), np.errstate(all="ignore"):
        read = reader.read(path, **options)
    return reader, read, _facts(path, reader, read)


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
    columns = dict(read.columns)
    scale = _micrometers(read, facts, pixel_size, coordinate_scale)
    for name in {*SPACE_COLUMNS, PRECISION_COLUMN} & columns.keys():
        with np.errstate(all="ignore"):
            columns[name] = columns[name].astype(np.float64) * scale
    columns["t"] = _seconds(read, facts, columns, frame_interval)
    columns = _finite_rows(columns, facts)
    _check_depth(columns, facts)
    _check_precision(columns, facts)
    if "n" in columns:
        columns = _in_tracks(columns, facts)
    elif linking is None:
        raise InvalidInputError(
            f"{path}: {reader.title} has localizations, no tracks: link them, "
            "a.tracker.from_trackpy(search_range=…) with the longest step between frames in µm"
        )
    else:
        columns = linking.link(columns, str(path), facts)
    columns = _one_per_time(columns, facts)
    kept = ("n", *SPACE_COLUMNS, "t", PRECISION_COLUMN)
    table = pd.DataFrame({name: columns[name] for name in kept if name in columns})
    if facts.problems:
        warnings.warn(f"{path}: {'; '.join(facts.problems)}", DataQualityWarning, stacklevel=2)
    try:
        return Reading(check_trajectories(table, str(path)), facts)
    except InvalidInputError as error:
        raise FileFormatError(str(error)) from None


def _facts(path: Path, reader: Reader, read: Localizations) -> FileFacts:
    columns = read.columns
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise FileFormatError(f"{path}: columns of different lengths, {sorted(lengths)}")
    if lengths == {0}:
        raise FileFormatError(f"{path}: no localization, expected at least one")
    bad = [name for name, values in columns.items() if values.dtype.kind not in "iuf"]
    if bad or any(values.ndim != 1 for values in columns.values()):
        raise FileFormatError(f"{path}: {' '.join(bad) or 'a column'} is no column of real numbers")
    number = columns.get("n")
    frame = columns.get("frame")
    finite = frame[np.isfinite(frame)] if frame is not None else np.empty(0)
    facts = FileFacts(
        str(path),
        reader.name,
        localizations=lengths.pop(),
        tracks=0 if number is None else int(np.unique(number[number != NO_TRACK]).size),
        without_track=0 if number is None else int((number == NO_TRACK).sum()),
        first_frame=int(finite.min()) if finite.size else None,
        last_frame=int(finite.max()) if finite.size else None,
        gaps=0 if number is None or frame is None else _gaps(number, frame),
        length_unit=read.length_unit,
        time_unit=read.time_unit if "t" in columns else "frame",
        pixel_size=read.pixel_size,
        frame_interval=read.frame_interval,
        notes=list(read.notes),
        problems=list(read.problems),
    )
    if number is None:
        facts.without_track = facts.localizations
    elif facts.without_track:
        facts.notes.append(f"{facts.without_track} localizations belong to no track: left out")
    return facts


def _gaps(number: NDArray[Any], frame: NDArray[Any]) -> int:
    """Count the steps of tracks over frames in between."""
    with np.errstate(invalid="ignore"):
        order = np.lexsort((frame, number))
        same = np.diff(number[order]) == 0
        step = np.diff(frame[order].astype(np.float64))
    return int((same & (step > 1) & (number[order][1:] != NO_TRACK)).sum())


def _micrometers(
    read: Localizations, facts: FileFacts, pixel_size: float | None, coordinate_scale: float | None
) -> float:
    """Give the µm per unit of length."""
    if coordinate_scale is not None:
        facts.notes.append(f"positions times {coordinate_scale:g}, as coord_scale says")
        return coordinate_scale
    unit = read.length_unit
    if unit in MICROMETERS:
        scale = MICROMETERS[unit]
        if pixel_size is None:
            return scale
        if read.pixel_size is None:
            facts.problems.append(
                f"pixel_size is not used: positions are in {unit} and the file has no pixel size; "
                "to scale them nevertheless, set coord_scale"
            )
            return scale
        if pixel_size != read.pixel_size:
            facts.notes.append(
                f"pixels of {pixel_size:g} µm instead of the {read.pixel_size:g} µm of the file"
            )
        facts.pixel_size = pixel_size
        return scale * pixel_size / read.pixel_size
    if pixel_size is not None:
        facts.pixel_size = pixel_size
        if read.pixel_size not in (None, pixel_size):
            facts.notes.append(
                f"pixels of {pixel_size:g} µm instead of the {read.pixel_size:g} µm of the file"
            )
        return pixel_size
    if unit == "px" and read.pixel_size is not None:
        return read.pixel_size
    if unit == "px":
        raise InvalidInputError(
            f"{facts.path}: positions are in pixels and the file does not say their size"
            f"{f' ({read.unit_source})' if read.unit_source else ''}: set a.spt_data.pixel_size, "
            "in µm"
        )
    raise InvalidInputError(
        f"{facts.path}: the file does not say the unit of positions: set a.spt_data.pixel_size, in "
        "µm, if they are in pixels, or a.spt_data.coord_scale, the µm per unit: 1 for µm, 1e-3 for "
        "nm"
    )


def _seconds(
    read: Localizations,
    facts: FileFacts,
    columns: Mapping[str, NDArray[Any]],
    frame_interval: float | None,
) -> NDArray[np.float64]:
    """Give the times of localizations, s."""
    time, frame = columns.get("t"), columns.get("frame")
    if time is not None and read.time_unit == "frame" and frame is None:
        frame, time = time, None
    is_known = time is not None and read.time_unit in SECONDS
    if frame is not None and (frame_interval is not None or not is_known):
        own = read.frame_interval
        interval = frame_interval if frame_interval is not None else own
        if interval is None:
            raise InvalidInputError(
                f"{facts.path}: times are numbers of frames and the file does not say the time "
                "between frames: set a.spt_data.frame_interval, in s"
            )
        if own is not None and interval != own:
            facts.notes.append(f"frames every {interval:g} s instead of the {own:g} s of the file")
        facts.frame_interval = interval
        with np.errstate(all="ignore"):
            return (frame.astype(np.float64) - read.first_frame) * interval
    if time is None:
        raise FileFormatError(f"{facts.path}: neither times nor numbers of frames")
    if not is_known:
        raise InvalidInputError(
            f"{facts.path}: the file does not say the unit of times: give it, "
            "from_files(…, time_unit='s'), or 'ms' or 'frame'"
        )
    return time.astype(np.float64) * SECONDS[str(read.time_unit)]


def _rows(columns: Mapping[str, NDArray[Any]], kept: Any) -> dict[str, NDArray[Any]]:
    return {name: values[kept] for name, values in columns.items()}


def _finite_rows(columns: dict[str, NDArray[Any]], facts: FileFacts) -> dict[str, NDArray[Any]]:
    names = [name for name in (*SPACE_COLUMNS, "t") if name in columns]
    if "z" in names and not np.isfinite(columns["z"]).any():
        names.remove("z")
        columns = {name: values for name, values in columns.items() if name != "z"}
    finite = np.isfinite([columns[name] for name in names]).all(axis=0)
    for name in names:
        largest = float(np.max(np.abs(columns[name][finite]), initial=0))
        if largest > _LARGEST:
            raise FileFormatError(
                f"{facts.path}: {name} is {largest:.3g} {UNITS[name]} somewhere, which nothing in "
                "a microscope is: the number or its unit is wrong"
            )
    dropped = int((~finite).sum())
    if not dropped:
        return columns
    if dropped == facts.localizations:
        raise FileFormatError(f"{facts.path}: no localization has finite coordinates and time")
    facts.problems.append(
        f"{dropped} localizations without finite coordinates and time were left out"
    )
    return _rows(columns, finite)


def _check_depth(columns: dict[str, NDArray[Any]], facts: FileFacts) -> None:
    """Take a z that is the same everywhere for none."""
    if "z" in columns and np.ptp(columns["z"]) == 0:
        del columns["z"]
        facts.notes.append("z is the same everywhere: the tracks are taken as two-dimensional")


def _check_precision(columns: dict[str, NDArray[Any]], facts: FileFacts) -> None:
    """Give localizations without a precision the usual one of the file."""
    precision = columns.get(PRECISION_COLUMN)
    if precision is None:
        return
    is_good = np.isfinite(precision) & (precision > 0)
    if not is_good.any():
        del columns[PRECISION_COLUMN]
        facts.notes.append("the file has a column of precisions, but none in it")
        return
    typical = float(np.median(precision[is_good]))
    facts.notes.append(
        f"each localization has its own precision, the median is {typical:.3g} µm: "
        "a.spt_data.localization_precision, in µm, replaces them"
    )
    if not is_good.all():
        columns[PRECISION_COLUMN] = np.where(is_good, precision, typical)
        facts.problems.append(
            f"{int((~is_good).sum())} localizations have no precision above zero: they were given "
            f"the median, {typical:.3g} µm"
        )


def _in_tracks(columns: dict[str, NDArray[Any]], facts: FileFacts) -> dict[str, NDArray[Any]]:
    has_track = columns["n"] != NO_TRACK
    if not has_track.any():
        raise FileFormatError(f"{facts.path}: no localization belongs to a track")
    return columns if has_track.all() else _rows(columns, has_track)


def _one_per_time(columns: dict[str, NDArray[Any]], facts: FileFacts) -> dict[str, NDArray[Any]]:
    """Sort by track and time, and keep the first localization of a track at each time."""
    number, time = columns["n"], columns["t"]
    same_track = np.diff(number) == 0
    jumps_back = same_track & (np.diff(time) < 0)
    order = np.lexsort((time, number))
    if jumps_back.any():
        facts.notes.append("rows are not in order of time: they were sorted")
    columns = _rows(columns, order)
    repeats = np.zeros(len(order), dtype=bool)
    repeats[1:] = (np.diff(columns["n"]) == 0) & (np.diff(columns["t"]) == 0)
    if repeats.any():
        tracks = np.unique(columns["n"][repeats]).size
        facts.problems.append(
            f"{int(repeats.sum())} localizations of {tracks} tracks share track and time with "
            "another one: the first of each was kept; see whether the track numbers are the right "
            "column"
        )
        columns = _rows(columns, ~repeats)
    return columns
