"""Tables of trajectories: columns ``n x y [z] t``, one row per localization."""

import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS

from .columns import assemble
from .plausibility import check_motion, check_precision
from .row_numbers import read_numbered_rows
from .translocations import (
    CUT_WHERE_STEPS_BEGIN,
    DESTINATION_PRECISION_COLUMN,
    PRECISION_COLUMN,
    trajectories_of,
)

_REQUIRED_COLUMNS = ("n", "x", "y", "t")
_OWN_COLUMNS = ("n", *SPACE_COLUMNS, "t")
_DELTA_COLUMNS = ("dx", "dy", "dz", "dt", DESTINATION_PRECISION_COLUMN)

_LARGEST_NUMBER = 1e12
"""µm or s: a thousand km, thirty thousand years. What is below can be squared and summed."""

_LARGEST_FLOAT = float(np.finfo(np.float64).max)

_LARGEST_TRACK_NUMBER = 2**53
"""Beyond, not every integer is a 64-bit float, as which tracks are counted in many files."""


@checked
def read_trajectories(
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    coordinate_scale: float = 1.0,
    precision_column: str | None = None,
    time_scale: float = 1.0,
) -> pd.DataFrame:
    r"""Read trajectories from a text file with columns separated by blanks or tabs.

    A first line with anything but numbers is a header. Without one, and without `columns`, the file
    has the four columns ``n x y t``. Blank lines and comments (from ``#`` on) are skipped. Row
    numbers in front, without a name, as pandas writes its index, are left out.

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
    time_scale
        Factor from the file's unit of time to s: ``1e-3`` for ms, the frame interval for numbers of
        frames.

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
        If it is a folder, a pipe or a device; if a line is not what the others are or longer than
        1 MiB, if a coordinate, time or track number is missing or not finite (with the number of
        the line), or if there is no row; if a column is missing, a coordinate or time is beyond
        10¹² or a track number beyond 2⁵³, a precision is negative or not finite, or two
        localizations of a track have the same time.
    InvalidInputError
        If `coordinate_scale`, `time_scale` or `columns` make no sense.

    Warns
    -----
    DataQualityWarning
        If tracks go back in time (they are sorted), or if displacements, their durations or
        precisions are not what molecules and microscopes can do, as of numbers in nm, pixels,
        metres, ms or frames.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("cell1.txt").write_text("0 1 500 250\n20 1 600 250\n")
    >>> columns = ["t", "n", "x", "y"]  # ms, nm
    >>> read_trajectories("cell1.txt", columns, coordinate_scale=1e-3, time_scale=1e-3)
       n    x     y     t
    0  1  0.5  0.25  0.00
    1  1  0.6  0.25  0.02
    """
    path, names = _checked(path, columns, coordinate_scale, time_scale)
    try:
        read = _core.read_table(path, names)
    except FileFormatError:
        numbered = read_numbered_rows(path, names, _REQUIRED_COLUMNS) if path.is_file() else None
        if numbered is None:
            raise
        read = numbered
    table = dict(zip(*read, strict=True))
    try:
        return in_trajectories(
            _scaled(table, coordinate_scale, precision_column, time_scale, str(path)), str(path)
        )
    except InvalidInputError as error:
        raise FileFormatError(str(error)) from None


def trajectory_pieces(
    path: str | os.PathLike[str],
    columns: Sequence[str] | None = None,
    coordinate_scale: float = 1.0,
    precision_column: str | None = None,
    time_scale: float = 1.0,
) -> Iterator[dict[Any, NDArray[Any]]]:
    """Read a text file as :func:`read_trajectories` does, some 60,000 rows at a time.

    Yields
    ------
    dict
        Columns of successive rows of the file, in µm and s; neither sorted nor checked further.
    """
    path, names = _checked(path, columns, coordinate_scale, time_scale)
    for piece in _core.TablePieces(path, names):
        table = dict(zip(*piece, strict=True))
        try:
            table = _scaled(table, coordinate_scale, precision_column, time_scale, str(path))
            if "n" in table:
                _check_names(table, str(path))
                table["n"] = _track_numbers(table["n"], str(path))
        except InvalidInputError as error:
            raise FileFormatError(str(error)) from None
        yield table


def _checked(
    path: str | os.PathLike[str],
    columns: Sequence[str] | None,
    coordinate_scale: float,
    time_scale: float,
) -> tuple[Path, list[str] | None]:
    """Give the path and the names of columns of a text file, all settings checked."""
    for name, scale, unit in (
        ("coordinate_scale", coordinate_scale, "µm"),
        ("time_scale", time_scale, "s"),
    ):
        if not (math.isfinite(scale) and scale > 0):
            raise InvalidInputError(f"`{name}` is {scale}, expected a positive factor to {unit}")
    return Path(path).expanduser(), None if columns is None else list(columns)


def _scaled(
    table: dict[Any, Any],
    coordinate_scale: float,
    precision_column: str | None,
    time_scale: float,
    source: str,
) -> dict[Any, Any]:
    """Convert columns to µm and s, and give that of precisions its name."""
    table = _with_precision(table, precision_column, source)
    scales = dict.fromkeys((*SPACE_COLUMNS, PRECISION_COLUMN), coordinate_scale)
    with np.errstate(over="ignore"):  # what overflows is refused later
        for column, scale in (scales | {"t": time_scale}).items():
            if scale != 1.0 and column in table:
                table[column] = table[column] * scale
    return table


@checked
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
        If a column is missing, is not of numbers or not finite, if a coordinate or time is beyond
        10¹², if a precision is negative, if ``n`` is not an integer or beyond 2⁵³, if a track has
        two localizations at the same time, or if there is no row.

    Warns
    -----
    DataQualityWarning
        If tracks go back in time (they are sorted), or if displacements, their durations or
        precisions are not what molecules and microscopes can do, as of numbers in nm, pixels,
        metres, ms or frames.

    Examples
    --------
    >>> check_trajectories(movie[["t", "n", "y", "x"]]).columns.tolist()
    ['n', 'x', 'y', 't']
    """
    names = list(trajectories.columns)
    if len(set(names)) < len(names):
        raise InvalidInputError(f"{source}: two columns have one name ({_listed(names)})")
    table = {name: column.array.copy() for name, column in trajectories.items()}
    return in_trajectories(_with_precision(table, precision_column, source), source)


def _with_precision(table: dict[Any, Any], column: str | None, source: str) -> dict[Any, Any]:
    """Give the column of precisions its name."""
    if column is None or column == PRECISION_COLUMN:
        return table
    if column not in table:
        raise InvalidInputError(
            f"{source}: no column {column} among those there are ({_listed(table)}), "
            "where the localization precision is said to be"
        )
    if column in _OWN_COLUMNS:
        raise InvalidInputError(f"{source}: column {column} cannot be the localization precision")
    # It takes the place of a column that has the name already.
    others = {name: values for name, values in table.items() if name != PRECISION_COLUMN}
    return {(PRECISION_COLUMN if name == column else name): v for name, v in others.items()}


def in_trajectories(table: Mapping[Any, Any], source: str) -> pd.DataFrame:
    """Check the columns of a table, numpy or pandas arrays, and sort its rows.

    As :func:`check_trajectories`, of columns by their names, which are nobody else's.
    """
    completed = _completed(table, source)
    was_of_translocations, table = "dx" in table and "dx" not in completed, completed
    _check_names(table, source)
    measured = {
        column: _finite(table[column], column, source, _LARGEST_NUMBER)
        for column in (*SPACE_COLUMNS, "t", PRECISION_COLUMN)
        if column in table
    }
    if (precision := measured.get(PRECISION_COLUMN)) is not None:
        _check_sign(precision, source)
        check_precision(float(np.median(precision)), f"{source}: the median precision")
    track = _track_numbers(table["n"], source)
    try:
        rows, disordered = _core.order_tracks(track, measured["t"])
    except InvalidInputError as error:
        raise InvalidInputError(f"{source}: {error}") from None
    if disordered:
        warnings.warn(
            f"{source}: {disordered} tracks go back in time; their localizations were sorted",
            DataQualityWarning,
            stacklevel=4,
        )
    others = {
        column: measured.pop(column, values)
        for column, values in table.items()
        if column not in _OWN_COLUMNS
    }
    columns = {"n": track} | measured | others
    if rows is not None:
        columns = {column: values[rows] for column, values in columns.items()}
    check_motion(columns, source)
    for column, values in columns.items():
        if isinstance(values, np.ndarray) and not values.flags.writeable:  # tables can be changed
            columns[column] = values.copy()
    made = assemble(columns)
    if was_of_translocations:
        made.attrs[CUT_WHERE_STEPS_BEGIN] = True
    return made


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
        stacklevel=5,
    )
    count = len(table["x"])
    times = {} if "t" in table else {"t": np.zeros(count)}
    return {"n": np.arange(1, count + 1), **table, **times}


def _check_names(table: Mapping[Any, Any], source: str) -> None:
    missing = [column for column in _REQUIRED_COLUMNS if column not in table]
    if missing:
        raise InvalidInputError(
            f"{source}: no column {' '.join(missing)} among those there are ({_listed(table)}), "
            "expected n x y [z] t; pass the right names, for a file as `columns`"
        )
    deltas = [column for column in _DELTA_COLUMNS if column in table]
    if deltas:
        raise InvalidInputError(
            f"{source}: column {deltas[0]} is the name of a displacement, which is computed from "
            "the localizations; drop the column, rename it, or give dx, dy and dt"
        )
    if not len(table["n"]):
        raise InvalidInputError(f"{source}: no row, expected at least one localization")


def _listed(names: Iterable[Any]) -> str:
    """Give names of columns, not all if there are very many."""
    text = " ".join(map(str, names))
    return text if len(text) <= 400 else f"{text[:400]}…"


def _finite(
    values: Any, column: str, source: str, largest: float = _LARGEST_FLOAT
) -> NDArray[np.float64]:
    if values.dtype.kind not in "iuf":
        raise InvalidInputError(
            f"{source}: column {column} is of type {values.dtype}, expected real numbers"
        )
    numbers = np.ascontiguousarray(values, dtype=np.float64)
    if _core.are_within(numbers, largest):
        return numbers
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise InvalidInputError(
            f"{source}: column {column} is {numbers[bad[0]]} at row {bad[0]} ({bad.size} such "
            "rows), expected finite numbers; drop the rows"
        )
    large = np.flatnonzero(np.abs(numbers) > largest)
    raise InvalidInputError(
        f"{source}: column {column} is {numbers[large[0]]:g} at row {large[0]} ({large.size} "
        f"such rows), expected numbers of at most {largest:g} in size; drop the rows, "
        "or convert the column to µm or s"
    )


def _track_numbers(values: Any, source: str) -> NDArray[np.int64]:
    largest = _LARGEST_TRACK_NUMBER
    is_whole = values.dtype.kind in "iu" and not (
        isinstance(values, pd.api.extensions.ExtensionArray) and pd.isna(values).any()
    )
    if is_whole:
        numbers = np.ascontiguousarray(values, dtype=values.dtype.type)
        if numbers.dtype == np.int64:
            are_within = _core.are_integers_within(numbers, largest)
        else:
            are_within = -largest <= numbers.min() and numbers.max() <= largest
        if are_within:
            return numbers.astype(np.int64, copy=False)
    else:
        numbers = _finite(values, "n", source)
    bad = np.flatnonzero(
        (numbers != np.trunc(numbers)) | (numbers > largest) | (numbers < -largest)
    )
    if bad.size:
        raise InvalidInputError(
            f"{source}: track number n is {numbers[bad[0]]} at row {bad[0]}, expected an integer "
            f"between -{largest} and {largest}"
        )
    return np.ascontiguousarray(numbers, dtype=np.int64)


def _check_sign(precision: NDArray[np.float64], source: str) -> None:
    bad = np.flatnonzero(precision < 0)
    if bad.size:
        raise InvalidInputError(
            f"{source}: the localization precision is {precision[bad[0]]} at row {bad[0]} "
            f"({bad.size} such rows), expected standard deviations in µm; drop the rows"
        )
