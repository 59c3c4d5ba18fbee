"""Regions that overlap, taken together."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tramway.data import Area, Box, as_polygon, overlap
from tramway.errors import InvalidInputError

_AT_ONCE = 128
"""Boxes that are compared at once with those beside them: few where thousands may be."""


def groups_of_overlapping(areas: Sequence[Area]) -> list[list[int]]:
    """Group areas that overlap or touch, also through others.

    Parameters
    ----------
    areas
        All with as many bounds.

    Returns
    -------
    list of lists of int
        Numbers of the areas of each group, ascending; groups in the order of their first.

    Raises
    ------
    InvalidInputError
        If they have different numbers of bounds.
    """
    if not areas:
        return []
    if len({len(area.lower) for area in areas}) > 1:
        raise InvalidInputError(
            "some regions are limited in z or time, and some are not: they cannot be grouped, "
            "expected as many bounds for each, and boxes only where there are more than two"
        )
    lower, upper = (np.array([getattr(area, end) for area in areas]) for end in ("lower", "upper"))
    groups = [[number] for number in range(len(areas))]
    for one, other in _meeting(lower, upper):
        joined, moved = groups[one], groups[other]
        if joined is moved or not _overlap(areas[one], areas[other]):
            continue
        if len(joined) < len(moved):
            joined, moved = moved, joined
        joined += moved
        for number in moved:
            groups[number] = joined
    different = {id(group): group for group in groups}.values()
    return sorted(map(sorted, different))


def _overlap(one: Area, other: Area) -> bool:
    """Whether two areas overlap or touch, whose bounds do."""
    if isinstance(one, Box) and isinstance(other, Box):
        return True
    return overlap(as_polygon(one), as_polygon(other))


def _meeting(lower: NDArray[np.float64], upper: NDArray[np.float64]) -> Iterable[tuple[int, int]]:
    """Find pairs of boxes that overlap or touch, by their bounds (n, d)."""
    order = np.argsort(lower[:, 0])
    ends = np.searchsorted(lower[order, 0], upper[order, 0], side="right")
    for begin in range(0, len(order), _AT_ONCE):
        place = np.arange(begin, min(begin + _AT_ONCE, len(order)))
        counts = ends[place] - place - 1
        rank = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        first = np.repeat(place, counts)
        one, other = order[first], order[first + 1 + rank]
        meet = np.all((lower[other] <= upper[one]) & (lower[one] <= upper[other]), axis=1)
        yield from zip(one[meet].tolist(), other[meet].tolist(), strict=True)
