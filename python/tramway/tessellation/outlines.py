"""The border of a set of cells."""

import numpy as np
from numpy.typing import NDArray

from tramway.arguments import checked

_SAME = 1e-6  # µm between corners of two cells that are one: roundings are far less, cells far more


@checked
def border_of(polygons: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Edges that one of some polygons has alone, or parts of edges.

    Parameters
    ----------
    polygons
        Outlines of cells, arrays (k, 2) of corners, µm, as :meth:`Tessellation.polygons` gives
        them. An edge of one may be that of several smaller others.

    Returns
    -------
    array (n, 2, 2)
        Both ends of each edge, µm, in the sense of rotation of the polygons.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> len(border_of([square, square + [1, 0]]))
    6
    """
    if not polygons:
        return np.empty((0, 2, 2))
    corners, number = _corners(np.concatenate(polygons))
    counts = [len(polygon) for polygon in polygons]
    last = np.cumsum(counts) - 1
    following = np.arange(len(number)) + 1
    following[last] -= counts
    edges = _alone(np.stack([number, number[following]], axis=1))
    # A corner of a smaller cell may lie on an edge that is left.
    pieces = [_split(edge, np.unique(edges), corners) for edge in edges]
    edges = _alone(np.concatenate(pieces)) if pieces else edges
    return np.asarray(corners[edges])


def _corners(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Corners that are apart, and which of them each of some points is."""
    from scipy.spatial import KDTree

    unique, number = np.unique(points, axis=0, return_inverse=True)
    same = np.arange(len(unique))
    for pair in sorted(KDTree(unique).query_pairs(_SAME)):
        same[max(pair)] = same[min(pair)]
    return unique, same[number.ravel()]


def _alone(edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges (n, 2) without those that are there more than once, in either direction."""
    edges = edges[edges[:, 0] != edges[:, 1]]
    _, which, count = np.unique(
        np.sort(edges, axis=1), axis=0, return_index=True, return_counts=True
    )
    return np.asarray(edges[np.sort(which[count == 1])])


def _split(
    edge: NDArray[np.int64], others: NDArray[np.int64], corners: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Parts (k, 2) of an edge between those of some corners that lie on it."""
    start, end = corners[edge]
    length = np.linalg.norm(end - start)
    along = (end - start) / length
    offset = corners[others] - start
    place = offset @ along
    is_on = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0]) < _SAME
    between = is_on & (place > _SAME) & (place < length - _SAME)
    middle = others[between][np.argsort(place[between])]
    chain = np.concatenate([edge[:1], middle, edge[1:]])
    return np.stack([chain[:-1], chain[1:]], axis=1)


@checked
def outlines_of(polygons: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Draw closed lines around a set of cells: one around each part of it and each hole.

    Parameters
    ----------
    polygons
        See :func:`border_of`.

    Returns
    -------
    list of arrays (k, 2)
        Corners in order, µm, each line once around; the longest first.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> len(outlines_of([square, square + [1, 0]]))
    1
    """
    following: dict[tuple[float, ...], list[tuple[float, ...]]] = {}
    for start, end in border_of(polygons).tolist():
        following.setdefault(tuple(start), []).append(tuple(end))
    lines = []
    while following:
        first = next(iter(following))
        line = [first]
        while True:
            ways = following[line[-1]]
            after = ways.pop()
            if not ways:
                del following[line[-1]]
            if after == first or after not in following:
                break
            line.append(after)
        lines.append(np.array(line))
    return sorted(lines, key=len, reverse=True)
