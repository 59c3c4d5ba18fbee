"""What there is in a file, and how it was understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from .reader import NO_TRACK, Localizations, Reader

_SHORTEST = 0.01
"""Quantile of the durations of steps that is taken for that of one frame."""
_ROUNDING = 0.35
"""Of a frame: times that are rounded to a third of it, as 33 ms to 0.03 and 0.04 s."""
_IRREGULAR = 0.05
"""Share of steps in between numbers of frames from which on times are irregular."""
_LONGER = 0.75
"""Share of steps over several frames from which on these are none, but ticks of a clock."""


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
        Steps of tracks over missing frames; of times that are multiples of the shortest step, those
        of more than one. None: the times are irregular.
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
    gaps: int | None
    length_unit: str | None
    time_unit: str | None
    pixel_size: float | None
    frame_interval: float | None
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def check_columns(path: Path, read: Localizations) -> None:
    """Refuse columns that are none.

    Raises
    ------
    FileFormatError
        If columns differ in length, are not of real numbers, or are empty.
    """
    columns = read.columns
    bad = [name for name, values in columns.items() if values.dtype.kind not in "iuf"]
    if bad or any(values.ndim != 1 for values in columns.values()):
        raise FileFormatError(f"{path}: {' '.join(bad) or 'a column'} is no column of real numbers")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise FileFormatError(f"{path}: columns of different lengths, {sorted(lengths)}")
    if lengths == {0}:
        raise FileFormatError(f"{path}: no localization, expected at least one")


def facts_of(path: Path, reader: Reader, read: Localizations) -> FileFacts:
    """Count what was read, sorted by track and frame.

    Raises
    ------
    FileFormatError
        If a number of a frame is not whole.
    """
    columns = read.columns
    number = columns.get("n")
    frame = columns.get("frame")
    finite = np.empty(0) if frame is None else _finite_frames(frame, path)
    is_new = np.empty(0, dtype=bool) if number is None else np.diff(number) != 0
    facts = FileFacts(
        str(path),
        reader.name,
        localizations=len(columns["x"]),
        tracks=0 if number is None else int(is_new.sum() + (number[0] != NO_TRACK)),
        without_track=0 if number is None else int(np.searchsorted(number, NO_TRACK, "right")),
        first_frame=int(finite.min()) if finite.size else None,
        last_frame=int(finite.max()) if finite.size else None,
        gaps=0 if number is None else _gaps(number, columns, is_new),
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


def _finite_frames(frame: NDArray[Any], path: Path) -> NDArray[Any]:
    """Give the numbers of frames that there are, all of them whole."""
    if frame.dtype.kind in "iu":
        return frame
    finite: NDArray[Any] = frame[np.isfinite(frame)]
    bad = finite[finite != np.trunc(finite)]
    if bad.size:
        raise FileFormatError(
            f"{path}: a number of a frame is {bad[0]:g}, expected whole numbers; if these are "
            "times, name the column as such, from_files(…, format='csv', columns={'t': …})"
        )
    return finite


def _gaps(
    number: NDArray[Any], columns: Mapping[str, NDArray[Any]], is_new: NDArray[np.bool_]
) -> int | None:
    """Count the steps of tracks over frames in between; None where there are no frames."""
    is_step = ~is_new & (number[1:] != NO_TRACK)
    with np.errstate(all="ignore"):
        steps = np.diff(columns["frame" if "frame" in columns else "t"])[is_step]
        if "frame" in columns:
            return int((steps > 1).sum())
        steps = steps[steps > 0]
        if not steps.size:
            return 0
        # A few steps that are too short, as of clocks that were set, are not what frames are.
        frames = steps / np.quantile(steps, _SHORTEST, method="lower")
        is_between = abs(frames - np.round(frames)) > _ROUNDING
        is_gap = frames > 1.5
    is_regular = is_between.mean() <= _IRREGULAR and is_gap.mean() <= _LONGER
    return int(is_gap.sum()) if is_regular else None
