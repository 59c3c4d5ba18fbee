"""Regions of interest: boxes in space, or in space and time, and the text files that list them."""

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.arguments import check_kind, checked
from tramway.errors import FileFormatError, InvalidInputError
from tramway.units import SPACE_COLUMNS

from .text_columns import write_text_columns

_BOUND_COLUMNS = [f"{axis} {end}" for axis in (*SPACE_COLUMNS, "t") for end in ("min", "max")]
_KNOWN_COLUMNS = (*_BOUND_COLUMNS, *SPACE_COLUMNS)
_EXPECTED_COLUMNS = (
    "tab-separated names: 'x min', 'x max', 'y min', 'y max' and so on for z and t, or the centers "
    "x, y, [z] and possibly 't min', 't max'"
)

_LONGEST_LINE = 1 << 16
"""Characters; eight names or numbers have some hundred."""


@dataclass(frozen=True)
class Box:
    """A box with sides along the axes; its borders belong to it.

    Attributes
    ----------
    lower, upper
        Bounds in µm, one per space coordinate, and a last one in s if the box is limited in time;
        infinite where it is not bounded.

    Raises
    ------
    InvalidInputError
        If the bounds are not as many numbers each, or a lower one is above its upper one.

    Examples
    --------
    >>> lower, upper = Box((0, 0), (1, 2))
    >>> upper
    array([1., 2.])
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            check_kind(name, getattr(self, name), Iterable[float])
            object.__setattr__(self, name, tuple(float(bound) for bound in getattr(self, name)))
        if len(self.lower) != len(self.upper) or not 2 <= len(self.lower) <= 4:
            raise InvalidInputError(
                f"a box has {len(self.lower)} lower and {len(self.upper)} upper bounds, expected "
                "one each per space coordinate, and one for time if wanted"
            )
        for low, high in zip(self.lower, self.upper, strict=True):
            if not low <= high:
                raise InvalidInputError(
                    f"a box goes from {low} to {high}, expected a lower bound that is not above "
                    "the upper one"
                )

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        """Give the lower bounds, then the upper ones."""
        return iter([np.array(self.lower), np.array(self.upper)])


@checked
def squares(centers: ArrayLike, side: float) -> list[Box]:
    """Make squares, or cubes, of equal size.

    Parameters
    ----------
    centers
        Array (n, d) of centers, µm.
    side
        Length of a side, µm.

    Returns
    -------
    list of Box
        In the order of the centers.

    Raises
    ------
    InvalidInputError
        If `side` is not positive, or the centers are not finite (n, 2) or (n, 3) numbers.

    Examples
    --------
    >>> squares([[1.0, 2.0]], side=3.0)
    [Box(lower=(-0.5, 0.5), upper=(2.5, 3.5))]
    """
    if not (math.isfinite(side) and side > 0):
        raise InvalidInputError(f"`side` is {side}, expected a positive length in µm")
    points = np.asarray(centers, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        raise InvalidInputError(
            f"`centers` is an array of shape {points.shape}, expected (n, 2) or (n, 3), all finite"
        )
    return [Box(tuple(point - side / 2), tuple(point + side / 2)) for point in points]


@checked
def read_regions(path: str | os.PathLike[str], size: float | None = None) -> list[Box]:
    """Read regions of interest from a tab-separated file with a header line.

    The columns are either bounds, ``x min``, ``x max``, ``y min``, ``y max`` and possibly the same
    for ``z`` and ``t``; or centers ``x``, ``y`` [, ``z``] of squares with side `size`, possibly
    with bounds ``t min``, ``t max`` on time. Blank lines are skipped.

    Parameters
    ----------
    path
        The file; ``~`` is the home directory.
    size
        Side of the squares or cubes around centers, µm; only for files of centers.

    Returns
    -------
    list of Box
        In the order of the file; bounds in the order x, y, [z,] [t]. Empty if the file has a header
        only.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    FileFormatError
        If it is a folder, a pipe or a device, or if the header or a line is not as described; the
        message has the number of the line.
    InvalidInputError
        If `size` is missing for centers, given with bounds, or not positive.

    Examples
    --------
    >>> write_regions("regions.txt", [Box((0, 0), (1, 2))])
    >>> read_regions("regions.txt")
    [Box(lower=(0.0, 0.0), upper=(1.0, 2.0))]
    """
    path = Path(path).expanduser()
    lines = [(n, line) for n, line in enumerate(_lines(path), start=1) if line.strip()]
    if not lines:
        raise FileFormatError(f"{path} is empty, expected a header line with {_EXPECTED_COLUMNS}")
    (header_number, header), *rows = lines
    place = f"{path}, line {header_number}"
    names = [name.strip().strip("\"'").strip() for name in header.split("\t")]
    axes, has_centers = _axes(names, place)
    _check_size(size, has_centers, path)
    boxes = []
    for number, line in rows:
        values = _numbers(line, names, f"{path}, line {number}")
        try:
            lower, upper = zip(*(_bounds(axis, values, size) for axis in axes), strict=True)
            boxes.append(Box(lower, upper))
        except InvalidInputError as error:
            raise FileFormatError(f"{path}, line {number}: {error}") from None
    return boxes


@checked
def write_regions(
    path: str | os.PathLike[str],
    boxes: Iterable[Box],
    dimension: int = 2,
    *,
    columns: Sequence[str] | None = None,
    header: bool = True,
    float_format: str | None = None,
    **options: Any,
) -> None:
    """Write regions of interest as bounds, in a file that :func:`read_regions` reads.

    Parameters
    ----------
    path
        The file; replaced if it exists.
    boxes
        The regions, all with as many bounds.
    dimension
        Number of space coordinates, 2 or 3; one bound more is time.
    columns
        Names of the bounds; ``x y [z] [t]`` by default.
    header
        Whether the first line has their names, each with ``min`` and with ``max``.
    float_format
        How numbers are written, as ``%.4f``; all digits by default.
    options
        More of :meth:`pandas.DataFrame.to_csv`.

    Raises
    ------
    InvalidInputError
        If the boxes have not all `dimension` or all `dimension` + 1 bounds, or not one for each
        of `columns`; if an option is unknown, or wrong.

    Examples
    --------
    >>> write_regions("cell1-roi.txt", [Box((0.0, 0.0), (3.0, 2.0))])
    >>> read_regions("cell1-roi.txt")
    [Box(lower=(0.0, 0.0), upper=(3.0, 2.0))]
    """
    boxes = list(boxes)
    counts = sorted({len(box.lower) for box in boxes}) or [dimension]
    if dimension not in (2, 3) or counts not in ([dimension], [dimension + 1]):
        raise InvalidInputError(
            f"`boxes` have {counts} bounds in `dimension` {dimension}, expected as many each: one "
            "per space coordinate (2 or 3), and one for time if wanted"
        )
    axes = [*SPACE_COLUMNS[:dimension], "t"][: counts[0]] if columns is None else list(columns)
    if len(axes) != counts[0]:
        raise InvalidInputError(
            f"`columns` has {len(axes)} names, {axes}, expected one for each of {counts[0]} "
            "bounds, as ['x', 'y']: each is written with `min` and with `max`"
        )
    names = [f"{axis} {end}" for end in ("min", "max") for axis in axes]
    bounds = np.array([[*box.lower, *box.upper] for box in boxes], dtype=np.float64)
    table = pd.DataFrame(bounds.reshape(-1, len(names)), columns=names)
    write_text_columns(table, path, options, header=header, float_format=float_format)


def _lines(path: Path) -> Iterator[str]:
    """Lines of a file of regions, without their ends."""
    _core.check_regular_file(path)
    with path.open(encoding="utf-8-sig") as file:
        try:
            for number in count(1):
                line = file.readline(_LONGEST_LINE + 1)
                if not line:
                    return
                if len(line) > _LONGEST_LINE:
                    raise FileFormatError(
                        f"{path}, line {number}: a line of more than {_LONGEST_LINE} characters; "
                        f"expected {_EXPECTED_COLUMNS}"
                    )
                yield line.rstrip("\n")
        except UnicodeDecodeError:
            raise FileFormatError(
                f"{path} is not text in UTF-8, expected regions of interest"
            ) from None


def _axes(names: Sequence[str], place: str) -> tuple[list[str], bool]:
    """Axes that the columns bound, in the order x, y, z, t; whether they are centers."""
    seen = ", ".join(repr(name) for name in names)
    problem = None
    if unknown := [name for name in names if name not in _KNOWN_COLUMNS]:
        problem = f"column {unknown[0]!r} is not one of a region's"
    elif len(set(names)) < len(names):
        problem = "two columns have one name"
    centers = [axis for axis in SPACE_COLUMNS if axis in names]
    bounded = [axis for axis in (*SPACE_COLUMNS, "t") if {f"{axis} min", f"{axis} max"} & {*names}]
    for axis in bounded:
        if not {f"{axis} min", f"{axis} max"} <= {*names}:
            problem = problem or f"{axis} has only one of '{axis} min' and '{axis} max'"
    if centers and bounded not in ([], ["t"]):
        problem = problem or "there are both centers and bounds in space"
    axes = centers + bounded
    if axes[:2] != ["x", "y"]:
        problem = problem or "x or y is missing"
    if problem:
        raise FileFormatError(f"{place}: {problem} ({seen}); expected {_EXPECTED_COLUMNS}")
    return axes, bool(centers)


def _check_size(size: float | None, has_centers: bool, path: Path) -> None:
    if has_centers and size is None:
        raise InvalidInputError(
            f"{path} lists centers: pass the side of the squares, `size`, in µm"
        )
    if size is None:
        return
    if not has_centers:
        raise InvalidInputError(f"{path} lists bounds: `size` is for centers only, leave it out")
    if not (math.isfinite(size) and size > 0):
        raise InvalidInputError(f"`size` is {size}, expected a positive length in µm")


def _numbers(line: str, names: Sequence[str], place: str) -> dict[str, float]:
    fields = line.split("\t")
    if len(fields) != len(names):
        raise FileFormatError(
            f"{place}: {len(fields)} fields separated by tabs, expected {len(names)} "
            f"({', '.join(names)}) as in the header"
        )
    values = {}
    for name, field in zip(names, fields, strict=True):
        try:
            values[name] = float(field)
        except ValueError:
            hint = ": a decimal point, not a comma" if "," in field else ""
            raise FileFormatError(
                f"{place}: {field.strip()!r} is not a number, expected the {name} in "
                f"{'s' if name.startswith('t') else 'µm'}{hint}"
            ) from None
    return values


def _bounds(axis: str, values: Mapping[str, float], size: float | None) -> tuple[float, float]:
    if axis in values and size is not None:
        if not math.isfinite(values[axis]):
            raise InvalidInputError(f"center {axis} is {values[axis]}, expected a finite number")
        return values[axis] - size / 2, values[axis] + size / 2
    return values[f"{axis} min"], values[f"{axis} max"]
