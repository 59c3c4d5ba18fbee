"""Tables of trajectories: columns ``n x y [z] t``, one row per localization."""

import math
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS

_REQUIRED_COLUMNS = ("n", "x", "y", "t")
_OWN_COLUMNS = ("n", *SPACE_COLUMNS, "t")
_DELTA_COLUMNS = ("dx", "dy", "dz", "dt")

_LONGEST_USUAL_STEP = 5.0
"""µm; molecules do not move that far between two frames, numbers in nm or pixels do."""

_ROWS_FOR_UNIT = 10_000


def read_trajectories(
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    coordinate_scale: float = 1.0,
) -> pd.DataFrame:
    """Read trajectories from a text file with columns separated by blanks or tabs.

    A first line with anything but numbers is a header. Without one, and without `columns`, the file
    has the four columns ``n x y t``. Blank lines and comments (from ``#`` on) are skipped.

    Parameters
    ----------
    path
        The file; ``~`` is the home directory.
    columns
        Names of all columns of the file, in order; they replace those of a header.
    coordinate_scale
        Factor from the file's unit of length to µm, applied to ``x``, ``y`` and ``z``: ``1e-3`` for
        a file in nm.

    Returns
    -------
    pandas.DataFrame
        Columns ``n`` (track number, int64), ``x``, ``y``, [``z``,] (µm), ``t`` (s) and any others
        of the file; sorted by ``n`` and ``t``, index 0, 1, ….

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    FileFormatError
        If a line is not what the others are, if a coordinate, time or track number is missing or
        not finite (with the number of the line), or if there is no row; if a column is missing, or
        two localizations of a track have the same time.
    InvalidInputError
        If `coordinate_scale` or `columns` make no sense.

    Warns
    -----
    DataQualityWarning
        If tracks go back in time (they are sorted), or if the displacements look like nm or pixels.

    Examples
    --------
    >>> read_trajectories("cell1.txt", columns=["t", "n", "x", "y"])  # doctest: +SKIP
    """
    if not (math.isfinite(coordinate_scale) and coordinate_scale > 0):
        raise InvalidInputError(
            f"`coordinate_scale` is {coordinate_scale}, expected a positive factor to µm"
        )
    if isinstance(columns, str):
        raise InvalidInputError(
            f"`columns` is the text {columns!r}, expected a list of names: {columns.split()}"
        )
    path = Path(path).expanduser()
    names, values = _core.read_table(path, None if columns is None else list(columns))
    table: dict[Any, Any] = dict(zip(names, values, strict=True))
    if coordinate_scale != 1.0:
        table |= {
            column: table[column] * coordinate_scale for column in SPACE_COLUMNS & table.keys()
        }
    try:
        return _in_order(table, str(path))
    except InvalidInputError as error:
        raise FileFormatError(str(error)) from None


def check_trajectories(
    trajectories: pd.DataFrame, source: str = "the table of trajectories"
) -> pd.DataFrame:
    """Check a table of trajectories and put it in order.

    Parameters
    ----------
    trajectories
        Columns ``n``, ``x``, ``y``, [``z``,] ``t`` and any others, in any order of columns and
        rows. Not modified.
    source
        What messages call the table.

    Returns
    -------
    pandas.DataFrame
        As :func:`read_trajectories` returns it.

    Raises
    ------
    InvalidInputError
        If a column is missing, is not of numbers or not finite, if ``n`` is not an integer, if a
        track has two localizations at the same time, or if there is no row.

    Warns
    -----
    DataQualityWarning
        If tracks go back in time (they are sorted), or if the displacements look like nm or pixels.
    """
    names = list(trajectories.columns)
    if len(set(names)) < len(names):
        seen = " ".join(map(str, names))
        raise InvalidInputError(f"{source}: two columns have one name ({seen})")
    return _in_order({name: column.array for name, column in trajectories.items()}, source)


def _in_order(table: Mapping[Any, Any], source: str) -> pd.DataFrame:
    """Check the columns of a table, numpy or pandas arrays, and sort its rows."""
    _check_names(table, source)
    measured = {
        column: _finite(table[column], column, source)
        for column in (*SPACE_COLUMNS, "t")
        if column in table
    }
    track = _track_numbers(table["n"], source)
    try:
        rows, disordered = _core.order_tracks(track, measured["t"])
    except InvalidInputError as error:
        raise InvalidInputError(f"{source}: {error}") from None
    if disordered:
        warnings.warn(
            f"{source}: {disordered} tracks go back in time; their localizations were sorted",
            DataQualityWarning,
            stacklevel=3,
        )
    others = {column: values for column, values in table.items() if column not in _OWN_COLUMNS}
    columns = {"n": track} | measured | others
    if not np.array_equal(rows, np.arange(len(rows))):
        columns = {column: values[rows] for column, values in columns.items()}
    _check_unit(columns, source)
    return pd.DataFrame(columns)


def _check_names(table: Mapping[Any, Any], source: str) -> None:
    seen = " ".join(map(str, table))
    missing = [column for column in _REQUIRED_COLUMNS if column not in table]
    if missing:
        raise InvalidInputError(
            f"{source}: no column {' '.join(missing)} among those there are ({seen}), expected "
            "n x y [z] t; pass the right names, for a file as `columns`"
        )
    deltas = [column for column in _DELTA_COLUMNS if column in table]
    if deltas:
        raise InvalidInputError(
            f"{source}: column {deltas[0]} is the name of a displacement, which is computed from "
            "the localizations; drop the column or rename it"
        )
    if not len(table["n"]):
        raise InvalidInputError(f"{source}: no row, expected at least one localization")


def _finite(values: Any, column: str, source: str) -> NDArray[np.float64]:
    if values.dtype.kind not in "iuf":
        raise InvalidInputError(
            f"{source}: column {column} is of type {values.dtype}, expected real numbers"
        )
    numbers = np.asarray(values, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise InvalidInputError(
            f"{source}: column {column} is {numbers[bad[0]]} at row {bad[0]} ({bad.size} such "
            "rows), expected finite numbers; drop the rows"
        )
    return np.ascontiguousarray(numbers)


def _track_numbers(values: Any, source: str) -> NDArray[np.int64]:
    if values.dtype == np.int64 and not getattr(values, "hasnans", False):
        return np.ascontiguousarray(values, dtype=np.int64)
    numbers = _finite(values, "n", source)
    bad = np.flatnonzero((numbers != np.trunc(numbers)) | (np.abs(numbers) > 2**53))
    if bad.size:
        raise InvalidInputError(
            f"{source}: track number n is {numbers[bad[0]]} at row {bad[0]}, expected an integer"
        )
    return numbers.astype(np.int64)


def _check_unit(columns: Mapping[Any, Any], source: str) -> None:
    """Warn of displacements that cannot be in µm, seen on the first rows."""
    seen = slice(_ROWS_FOR_UNIT)
    steps = [np.diff(columns[column][seen]) for column in SPACE_COLUMNS if column in columns]
    squares = np.square(steps).sum(axis=0)[np.diff(columns["n"][seen]) == 0]
    if not squares.size:
        return
    typical = math.sqrt(np.median(squares))
    if typical > _LONGEST_USUAL_STEP:
        warnings.warn(
            f"{source}: half of the displacements are longer than {typical:.3g} µm; if the "
            "coordinates are in nm or pixels, convert them to µm, for a file with "
            "`coordinate_scale`",
            DataQualityWarning,
            stacklevel=4,
        )
