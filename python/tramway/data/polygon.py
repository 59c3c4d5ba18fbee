"""Polygons in the plane, and which points lie in them, exactly."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway import _core
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

    @cached_property
    def lower(self) -> tuple[float, ...]:
        """Least x and y, µm."""
        return tuple(map(min, zip(*self._corners(), strict=True)))

    @cached_property
    def upper(self) -> tuple[float, ...]:
        """Largest x and y, µm."""
        return tuple(map(max, zip(*self._corners(), strict=True)))

    @property
    def geometry(self) -> dict[str, Any]:
        """Its parts as GeoJSON has them, coordinates in µm."""
        coordinates = [
            [[list(corner) for corner in (*ring, ring[0])] for ring in part] for part in self.parts
        ]
        if len(coordinates) == 1:
            return {"type": "Polygon", "coordinates": coordinates[0]}
        return {"type": "MultiPolygon", "coordinates": coordinates}

    @cached_property
    def text(self) -> str:
        """Its geometry as GeoJSON writes it."""
        return text_of_union([self])

    @cached_property
    def _part_texts(self) -> tuple[str, ...]:
        return tuple(json.dumps([(*ring, ring[0]) for ring in part]) for part in self.parts)

    @classmethod
    def of_text(cls, text: str, name: str | None = None) -> "Polygon":
        """Take what :attr:`text` gives."""
        geometry = json.loads(text)
        coordinates = geometry["coordinates"]
        return cls([coordinates] if geometry["type"] == "Polygon" else coordinates, name)

    def contains(self, positions: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which positions (n, 2), µm, lie in the polygon or on its border; never a NaN."""
        places = np.ascontiguousarray(positions, dtype=np.float64)
        return _core.are_in_polygon(self.parts, places)

    def _corners(self) -> list[Corner]:
        return [corner for part in self.parts for ring in part for corner in ring]


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
    """Take what is in any of some areas for one polygon, without a name.

    Examples
    --------
    >>> len(union([Box((0, 0), (2, 1)), Box((1, 0), (3, 1))]).parts)
    2
    """
    return Polygon([part for area in areas for part in as_polygon(area).parts])


def text_of_union(areas: Sequence[Area]) -> str:
    """Write what is in any of some areas as GeoJSON does: the text of their :func:`union`."""
    polygons = [area if isinstance(area, Polygon) else as_polygon(area) for area in areas]
    texts = [text for polygon in polygons for text in polygon._part_texts]
    if len(texts) == 1:
        return f'{{"type": "Polygon", "coordinates": {texts[0]}}}'
    return f'{{"type": "MultiPolygon", "coordinates": [{", ".join(texts)}]}}'


@checked
def overlap(one: Polygon, other: Polygon) -> bool:
    """Whether two polygons have a point in common, be it on their borders.

    Examples
    --------
    >>> square = as_polygon(Box((0, 0), (1, 1)))
    >>> overlap(square, as_polygon(Box((1, 1), (2, 2))))
    True
    """
    return _core.do_polygons_overlap(one.parts, other.parts)


def _ring(corners: Sequence[Any]) -> Ring:
    """Check a closed line."""
    ring = tuple((float(x), float(y)) for x, y in corners)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring = ring[:-1]
    if not all(isfinite(x) and isfinite(y) for x, y in ring):
        raise InvalidInputError("a corner of a polygon is not finite, expected numbers in µm")
    others = [corner for corner in ring if corner != ring[0]]
    if not others or not _core.sides_of(ring[0], others[0], np.array(ring)).any():
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
