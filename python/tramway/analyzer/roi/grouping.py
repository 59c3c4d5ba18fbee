"""Regions that overlap, taken together."""

from collections.abc import Sequence

import numpy as np

from tramway.data import Box


def groups_of_overlapping(boxes: Sequence[Box]) -> list[list[int]]:
    """Group boxes that overlap or touch, also through others.

    Parameters
    ----------
    boxes
        All with as many bounds.

    Returns
    -------
    list of lists of int
        Numbers of the boxes of each group, ascending; groups in the order of their first.
    """
    if not boxes:
        return []
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    lower, upper = (np.array([getattr(box, end) for box in boxes]) for end in ("lower", "upper"))
    meets = np.all(lower[:, None] <= upper[None], axis=2).astype(np.int8)
    _, group = connected_components(csr_array(meets * meets.T), directed=False)
    members: dict[int, list[int]] = {}
    for number, name in enumerate(group.tolist()):
        members.setdefault(name, []).append(number)
    return list(members.values())
