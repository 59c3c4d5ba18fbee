"""Regions that overlap, taken together."""

from collections.abc import Sequence

import numpy as np

from tramway.data import Area, Polygon, as_polygon, overlap
from tramway.errors import InvalidInputError


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
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if len({len(area.lower) for area in areas}) > 1:
        raise InvalidInputError(
            "some regions are limited in z or time, and some are not: they cannot be grouped, "
            "expected as many bounds for each, and boxes only where there are more than two"
        )
    lower, upper = (np.array([getattr(area, end) for area in areas]) for end in ("lower", "upper"))
    below = np.all(lower[:, None] <= upper[None], axis=2)
    meets = below & below.T
    for one, other in np.argwhere(np.triu(meets, 1)).tolist():
        pair = areas[one], areas[other]
        if any(isinstance(area, Polygon) for area in pair):
            meets[one, other] = overlap(*map(as_polygon, pair))
    _, group = connected_components(csr_array(np.triu(meets).astype(np.int8)), directed=False)
    members: dict[int, list[int]] = {}
    for number, name in enumerate(group.tolist()):
        members.setdefault(name, []).append(number)
    return list(members.values())
