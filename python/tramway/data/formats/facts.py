"""What there is in a file, and how it was understood."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from .reader import NO_TRACK, Localizations, Reader


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


def facts_of(path: Path, reader: Reader, read: Localizations) -> FileFacts:
    """Count what was read, and refuse columns that are none.

    Raises
    ------
    FileFormatError
        If columns differ in length, are not of real numbers, or are empty.
    """
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
