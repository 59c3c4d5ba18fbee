"""What is in files and ought not to be, each thing handled once for all formats, and told."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.translocations import PRECISION_COLUMN
from tramway.errors import FileFormatError
from tramway.units import SPACE_COLUMNS, UNITS

from .facts import FileFacts
from .reader import NO_TRACK

_LARGEST = 1e12
"""µm and s; far above what is possible, far below where squares and sums lose their meaning."""


def _rows(columns: Mapping[str, NDArray[Any]], kept: Any) -> dict[str, NDArray[Any]]:
    return {name: values[kept] for name, values in columns.items()}


def finite_rows(columns: dict[str, NDArray[Any]], facts: FileFacts) -> dict[str, NDArray[Any]]:
    """Leave out localizations without finite coordinates and time.

    Raises
    ------
    FileFormatError
        If none is left, or a number is far beyond what is possible.
    """
    names = [name for name in (*SPACE_COLUMNS, "t") if name in columns]
    if "z" in names and not np.isfinite(columns["z"]).any():
        names.remove("z")
        columns = {name: values for name, values in columns.items() if name != "z"}
    finite = np.logical_and.reduce([np.isfinite(columns[name]) for name in names])
    is_whole = bool(finite.all())
    for name in names:
        values = columns[name] if is_whole else columns[name][finite]
        largest = max(values.max(), -values.min()) if values.size else 0.0
        if largest > _LARGEST:
            raise FileFormatError(
                f"{facts.path}: {name} is {largest:.3g} {UNITS[name]} somewhere, which nothing in "
                "a microscope is: the number or its unit is wrong"
            )
    if is_whole:
        return columns
    dropped = int((~finite).sum())
    if dropped == facts.localizations:
        raise FileFormatError(f"{facts.path}: no localization has finite coordinates and time")
    facts.problems.append(
        f"{dropped} localizations without finite coordinates and time were left out"
    )
    return _rows(columns, finite)


def check_depth(
    columns: dict[str, NDArray[Any]], facts: FileFacts, depth: float | None = None
) -> None:
    """Take a z that is the same everywhere for none; `depth`: its range, if that is known."""
    if "z" in columns and (np.ptp(columns["z"]) if depth is None else depth) == 0:
        del columns["z"]
        facts.notes.append("z is the same everywhere: the tracks are taken as two-dimensional")


def check_precision(columns: dict[str, NDArray[Any]], facts: FileFacts) -> None:
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


def in_tracks(columns: dict[str, NDArray[Any]], facts: FileFacts) -> dict[str, NDArray[Any]]:
    """Leave out localizations that belong to no track.

    Raises
    ------
    FileFormatError
        If none is left.
    """
    has_track = columns["n"] != NO_TRACK
    if not has_track.any():
        raise FileFormatError(f"{facts.path}: no localization belongs to a track")
    return columns if has_track.all() else _rows(columns, has_track)


def in_order(
    columns: Mapping[str, NDArray[Any]], time: str
) -> tuple[dict[str, NDArray[Any]], bool]:
    """Sort by track and time, or frame; and tell whether rows of a track went back in time.

    Linear where they are sorted already.
    """
    if not {"n", time} <= columns.keys():
        return dict(columns), False
    number, when = columns["n"], columns[time]
    same_track = number[1:] == number[:-1]
    is_later = when[1:] >= when[:-1]
    if ((number[1:] > number[:-1]) | (same_track & is_later)).all():
        return dict(columns), False
    order = np.lexsort((when, number))
    return _rows(columns, order), bool((same_track & (when[1:] < when[:-1])).any())


def one_per_time(columns: dict[str, NDArray[Any]], facts: FileFacts) -> dict[str, NDArray[Any]]:
    """Sort by track and time, and keep the first localization of a track at each time."""
    columns, _ = in_order(columns, "t")
    number, time = columns["n"], columns["t"]
    repeats = np.zeros(len(time), dtype=bool)
    repeats[1:] = (number[1:] == number[:-1]) & (time[1:] == time[:-1])
    if repeats.any():
        tracks = np.unique(number[repeats]).size
        facts.problems.append(
            f"{int(repeats.sum())} localizations of {tracks} tracks share track and time with "
            "another one: the first of each was kept; see whether the track numbers are the right "
            "column"
        )
        columns = _rows(columns, ~repeats)
    return columns
