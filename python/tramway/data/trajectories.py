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

from .translocations import DESTINATION_PRECISION_COLUMN, PRECISION_COLUMN, trajectories_of

_REQUIRED_COLUMNS = ("n", "x", "y", "t")
_OWN_COLUMNS = ("n", *SPACE_COLUMNS, "t")
_DELTA_COLUMNS = ("dx", "dy", "dz", "dt", DESTINATION_PRECISION_COLUMN)

_LONGEST_USUAL_STEP = 5.0
"""µm; molecules do not move that far between two frames, numbers in nm or pixels do."""

_LARGEST_USUAL_PRECISION = 0.25
"""µm; the image of a molecule is not wider than that, and a precision in nm always is."""

_ROWS_FOR_UNIT = 10_000


def read_trajectories(
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    coordinate_scale: float = 1.0,
    precision_column: str | None = None,
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
        Factor from the file's unit of length to µm, applied to ``x``, ``y``, ``z`` and the
        precision: ``1e-3`` for a file in nm.
    precision_column
        Name of the column with the precision of each localization, the standard deviation σ of a
        coordinate in the file's unit of length; it becomes ``localization_precision``, in µm. By
        default that is its name in the file, too, if it is there.

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
        not finite (with the number of the line), or if there is no row; if a column is missing, a
        precision is negative or not finite, or two localizations of a track have the same time.
    InvalidInputError
        If `coordinate_scale` or `columns` make no sense.

    Warns
    -----
    DataQualityWarning
        If tracks go back in time (they are sorted), or if the displacements or the precisions look
        like nm or pixels.

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
    try:
        table = _with_precision(table, precision_column, str(path))
        if coordinate_scale != 1.0:
            lengths = {*SPACE_COLUMNS, PRECISION_COLUMN} & table.keys()
            table |= {column: table[column] * coordinate_scale for column in lengths}
        return _in_order(table, str(path))
    except InvalidInputError as error:
        raise FileFormatError(str(error)) from None


def check_trajectories(
    trajectories: pd.DataFrame,
    source: str = "the table of trajectories",
    precision_column: str | None = None,
) -> pd.DataFrame:
    """Check a table of trajectories and put it in order.

    Parameters
    ----------
    trajectories
        Columns ``n``, ``x``, ``y``, [``z``,] ``t`` and any others, in any order of columns and
        rows. Not modified.
    source
        What messages call the table.
    precision_column
        Name of the column with the precision σ of each localization, µm; it becomes
        ``localization_precision``, which is its name by default.

    Returns
    -------
    pandas.DataFrame
        As :func:`read_trajectories` returns it.

    Raises
    ------
    InvalidInputError
        If a column is missing, is not of numbers or not finite, if a precision is negative, if
        ``n`` is not an integer, if a track has two localizations at the same time, or if there is
        no row.

    Warns
    -----
    DataQualityWarning
        If tracks go back in time (they are sorted), or if the displacements or the precisions look
        like nm or pixels.
    """
    names = list(trajectories.columns)
    if len(set(names)) < len(names):
        seen = " ".join(map(str, names))
        raise InvalidInputError(f"{source}: two columns have one name ({seen})")
    table = {name: column.array for name, column in trajectories.items()}
    return _in_order(_with_precision(table, precision_column, source), source)


def _with_precision(table: dict[Any, Any], column: str | None, source: str) -> dict[Any, Any]:
    """Give the column of precisions its name."""
    if column is None or column == PRECISION_COLUMN:
        return table
    if column not in table:
        raise InvalidInputError(
            f"{source}: no column {column} among those there are ({' '.join(map(str, table))}), "
            "where the localization precision is said to be"
        )
    if column in _OWN_COLUMNS:
        raise InvalidInputError(f"{source}: column {column} cannot be the localization precision")
    # It takes the place of a column that has the name already.
    others = {name: values for name, values in table.items() if name != PRECISION_COLUMN}
    return {(PRECISION_COLUMN if name == column else name): v for name, v in others.items()}


def _in_order(table: Mapping[Any, Any], source: str) -> pd.DataFrame:
    """Check the columns of a table, numpy or pandas arrays, and sort its rows."""
    table = _completed(table, source)
    _check_names(table, source)
    measured = {
        column: _finite(table[column], column, source)
        for column in (*SPACE_COLUMNS, "t", PRECISION_COLUMN)
        if column in table
    }
    _check_precision(measured.get(PRECISION_COLUMN), source)
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
    others = {
        column: measured.pop(column, values)
        for column, values in table.items()
        if column not in _OWN_COLUMNS
    }
    columns = {"n": track} | measured | others
    if not np.array_equal(rows, np.arange(len(rows))):
        columns = {column: values[rows] for column, values in columns.items()}
    _check_unit(columns, source)
    return pd.DataFrame(columns)


def _completed(table: Mapping[Any, Any], source: str) -> Mapping[Any, Any]:
    """Take tables of translocations, and of localizations that were not tracked, for tracks."""
    deltas = {f"d{column}" for column in (*SPACE_COLUMNS, "t") if column in table}
    if {"dx", "dy", "dt"} <= deltas <= table.keys() and len(table["x"]):
        tracks = trajectories_of(pd.DataFrame(dict(table)))
        return {name: tracks[name].array for name in tracks}
    if not {"x", "y"} <= table.keys() or "n" in table or deltas & table.keys():
        return table
    warnings.warn(
        f"{source}: no column n among those there are ({' '.join(map(str, table))}): the "
        "localizations are taken as not tracked; they have no displacements",
        DataQualityWarning,
        stacklevel=4,
    )
    count = len(table["x"])
    times = {} if "t" in table else {"t": np.zeros(count)}
    return {"n": np.arange(1, count + 1), **table, **times}


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
            "the localizations; drop the column, rename it, or give dx, dy and dt"
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


def _check_precision(precision: NDArray[np.float64] | None, source: str) -> None:
    if precision is None:
        return
    bad = np.flatnonzero(precision < 0)
    if bad.size:
        raise InvalidInputError(
            f"{source}: the localization precision is {precision[bad[0]]} at row {bad[0]} "
            f"({bad.size} such rows), expected standard deviations in µm; drop the rows"
        )
    typical = float(np.median(precision))
    if typical > _LARGEST_USUAL_PRECISION:
        warnings.warn(
            f"{source}: half of the localization precisions are above {typical:.3g} µm; if they "
            "are in nm or pixels, convert them to µm",
            DataQualityWarning,
            stacklevel=4,
        )


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
