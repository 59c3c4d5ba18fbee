"""Polygons in the plane, and which points lie in them, exactly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .regions import Box

Corner: TypeAlias = Sequence[float]
Ring: TypeAlias = Sequence[Corner]

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Polygon:
    """A region of the plane with straight sides, maybe with holes, maybe in several parts.

    Its borders belong to it, those of holes, too. What is inside of a line that crosses itself is
    by the even-odd rule. Whether a point is inside is exact: no rounding moves one across a side.

    Attributes
    ----------
    parts
        For each part its outline, then its holes; each a sequence of corners (x, y), µm, in either
        sense of rotation. A last corner that repeats the first one is dropped.
    name
        Label of the region; None: it gets a number.

    Raises
    ------
    InvalidInputError
        If there is no part, a line has less than three corners or all of them on one straight line,
        a coordinate is not finite, or the name cannot be a label in a ``.rwa`` file.

    Examples
    --------
    >>> triangle = Polygon([[[(0, 0), (2, 0), (0, 2)]]])
    >>> triangle.contains(np.array([[0.5, 0.5], [1, 1], [1, 1.1]])).tolist()
    [True, True, False]
    """

    parts: Sequence[Sequence[Ring]]
    name: str | None = None

    def __post_init__(self) -> None:
        try:
            parts = tuple(tuple(_ring(ring) for ring in part) for part in self.parts)
        except InvalidInputError:
            raise
        except (TypeError, ValueError, OverflowError):
            raise InvalidInputError(
                "the parts of a polygon are no lists of outlines, expected for each an outline and "
                "its holes, lists of corners (x, y) in µm"
            ) from None
        if not parts or not all(parts):
            raise InvalidInputError("a polygon has no outline, expected at least three corners")
        if self.name is not None:
            _check_name(self.name)
        object.__setattr__(self, "parts", parts)

    @property
    def lower(self) -> tuple[float, ...]:
        """Least x and y, µm."""
        return tuple(self._corners().min(axis=0).tolist())

    @property
    def upper(self) -> tuple[float, ...]:
        """Largest x and y, µm."""
        return tuple(self._corners().max(axis=0).tolist())

    @property
    def geometry(self) -> dict[str, Any]:
        """Its parts as GeoJSON has them, coordinates in µm."""
        coordinates = [
            [[list(corner) for corner in (*ring, ring[0])] for ring in part] for part in self.parts
        ]
        if len(coordinates) == 1:
            return {"type": "Polygon", "coordinates": coordinates[0]}
        return {"type": "MultiPolygon", "coordinates": coordinates}

    @classmethod
    def of_geometry(cls, geometry: Mapping[str, Any], name: str | None = None) -> "Polygon":
        """Take what :attr:`geometry` gives."""
        coordinates = geometry["coordinates"]
        return cls([coordinates] if geometry["type"] == "Polygon" else coordinates, name)

    def contains(self, positions: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which positions (n, 2), µm, lie in the polygon or on its border; never a NaN."""
        places = np.asarray(positions, dtype=np.float64)
        found = np.zeros(len(places), dtype=np.bool_)
        is_near = np.all((places >= self.lower) & (places <= self.upper), axis=1)
        near = np.flatnonzero(is_near)
        # In the order of y, the points beside a side are neighbours.
        near = near[np.argsort(places[near, 1], kind="stable")]
        x, y = places[near].T
        for part in self.parts:
            found[near] |= _in_part(part, x, y)
        return found

    def sides(self) -> Iterator[tuple[Corner, Corner]]:
        """Iterate over both ends of each side."""
        for part in self.parts:
            for ring in part:
                yield from pairwise((*ring, ring[0]))

    def _corners(self) -> NDArray[np.float64]:
        return np.array([corner for part in self.parts for ring in part for corner in ring])


Area: TypeAlias = Box | Polygon
"""What a region of interest can be."""


@checked
def as_polygon(area: Area) -> Polygon:
    """Take the rectangle that a box limits in the plane for a polygon.

    Raises
    ------
    InvalidInputError
        If it is limited in other ways, too, or not on all sides, or has no area.

    Examples
    --------
    >>> as_polygon(Box((0, 0), (2, 1))).contains(np.array([[1.5, 1.0]])).tolist()
    [True]
    """
    if isinstance(area, Polygon):
        return area
    if len(area.lower) != 2:
        raise InvalidInputError(f"{area} is limited in z or time, expected one in the plane")
    (left, bottom), (right, top) = area.lower, area.upper
    return Polygon(((((left, bottom), (right, bottom), (right, top), (left, top)),),))


@checked
def union(areas: Sequence[Area]) -> Polygon:
    """Take what is in any of some areas for one polygon.

    Examples
    --------
    >>> len(union([Box((0, 0), (2, 1)), Box((1, 0), (3, 1))]).parts)
    2
    """
    return Polygon(tuple(part for area in areas for part in as_polygon(area).parts))


@checked
def overlap(one: Polygon, other: Polygon) -> bool:
    """Whether two polygons have a point in common, be it on their borders.

    Examples
    --------
    >>> square = as_polygon(Box((0, 0), (1, 1)))
    >>> overlap(square, as_polygon(Box((1, 1), (2, 2))))
    True
    """
    # A corner of one is in the other, or two sides cross between their ends.
    if one.contains(other._corners()).any() or other.contains(one._corners()).any():
        return True
    starts, ends = (np.array(corners) for corners in zip(*other.sides(), strict=True))
    for start, end in one.sides():
        crossed = _side_of(start, end, *starts.T) * _side_of(start, end, *ends.T) < 0
        x, y = np.array([start, end]).T
        for number in np.flatnonzero(crossed):
            first, second = _side_of(starts[number], ends[number], x, y)
            if first * second < 0:
                return True
    return False


def _ring(corners: Sequence[Any]) -> Ring:
    """Check a closed line."""
    ring = tuple((float(x), float(y)) for x, y in corners)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring = ring[:-1]
    points = np.array(ring).reshape(-1, 2)
    if not np.isfinite(points).all():
        raise InvalidInputError("a corner of a polygon is not finite, expected numbers in µm")
    others = [corner for corner in ring if corner != ring[0]]
    if not others or not _side_of(ring[0], others[0], *points.T).any():
        raise InvalidInputError(
            f"a polygon has {len(set(ring))} different corners, all on one straight line: "
            "expected at least three that span an area"
        )
    return ring


def _check_name(name: object) -> None:
    is_label = isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and name.isprintable()
    if not is_label or name in (".", "..") or "/" in str(name):
        raise InvalidInputError(
            f"the name of a polygon is {str(name)[:_LONGEST_NAME]!r}, expected one to "
            f"{_LONGEST_NAME} printable characters without a slash: it is the label of the region"
        )


def _in_part(
    part: Sequence[Ring], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether points, in the order of y, are inside of an outline and not of its holes."""
    is_odd, is_on_border = np.zeros((2, len(x)), dtype=np.bool_)
    for ring in part:
        for side in pairwise((*ring, ring[0])):
            low, high = sorted(side, key=lambda corner: corner[1])
            first = int(np.searchsorted(y, low[1], "left"))
            last = int(np.searchsorted(y, high[1], "right"))
            if first == last:
                continue
            if low[1] == high[1]:
                left, right = sorted((low[0], high[0]))
                is_on_border[first:last] |= (left <= x[first:last]) & (x[first:last] <= right)
                continue
            where = _side_of(low, high, x[first:last], y[first:last])
            is_on_border[first:last] |= where == 0
            # A ray to the right crosses the side, whose upper end is that of the next one.
            end = int(np.searchsorted(y, high[1], "left"))
            is_odd[first:end] ^= where[: end - first] > 0
    return is_odd | is_on_border


def _side_of(
    start: Sequence[float], end: Sequence[float], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sign of where points are, seen from `start` to `end`: 1 left, 0 on the line, -1 right."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        rise = (end[0] - start[0]) * (y - start[1])
        run = (end[1] - start[1]) * (x - start[0])
        turn = rise - run
        # Roundings are at most four of these; what is closer, or too large, is done in fractions.
        bound = 4 * np.finfo(np.float64).eps * (np.abs(rise) + np.abs(run))
        is_sure = np.abs(turn) > bound + np.finfo(np.float64).tiny
    sign = np.sign(np.where(is_sure, turn, 0.0))
    if not is_sure.all():
        x0, y0, x1, y1 = map(Fraction, (*map(float, start), *map(float, end)))
        for number in np.flatnonzero(~is_sure):
            there = Fraction(float(x[number])), Fraction(float(y[number]))
            exact = (x1 - x0) * (there[1] - y0) - (y1 - y0) * (there[0] - x0)
            sign[number] = (exact > 0) - (exact < 0)
    return sign
