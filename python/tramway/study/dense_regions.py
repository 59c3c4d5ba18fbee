"""Regions where there is something to map."""

import numpy as np
import pandas as pd

from tramway.arguments import checked
from tramway.data import Box
from tramway.data.columns import values_of
from tramway.errors import InsufficientDataError, InvalidInputError

_SMOOTHING = 1.0  # squares
_SHARE = 0.25  # of the density that the typical localization is at


@checked
def dense_regions(trajectories: pd.DataFrame, square: float, *, least: int = 1_000) -> list[Box]:
    """Find the regions of a movie that are dense in localizations.

    Localizations are counted in squares; a square is dense if its count, smoothed by a Gaussian of
    one square, is above a quarter of the density at the typical (median) localization. Dense
    squares that touch are one region: the box around them. Regions whose boxes overlap are one,
    too, so that no translocation is in two.

    Parameters
    ----------
    trajectories
        Columns ``x y``, µm.
    square
        Side of the squares, µm: a few times that of the cells of the maps.
    least
        Localizations that a region must have.

    Returns
    -------
    list of Box
        Boxes in the plane, µm, from left to right.

    Raises
    ------
    InvalidInputError
        If `square` is not positive.
    InsufficientDataError
        If no region has so many.

    Examples
    --------
    >>> import pandas as pd
    >>> elsewhere = movie.assign(x=movie["x"] + 20)  # µm
    >>> [box.lower[0] > 15 for box in dense_regions(pd.concat([movie, elsewhere]), 0.9)]
    [False, True]
    """
    from scipy import ndimage

    if not square > 0:
        raise InvalidInputError(f"`square` is {square}, expected a positive length in µm")
    points = values_of(trajectories, "xy")
    if len(points) < least:
        raise InsufficientDataError(
            f"there are {len(points)} localizations, a dense region needs {least} (`least`): give "
            "regions instead"
        )
    lower = points.min(axis=0)
    number = np.floor((points - lower) / square).astype(np.int64)
    counts = np.zeros(number.max(axis=0) + 1)
    np.add.at(counts, tuple(number.T), 1)
    smooth = ndimage.gaussian_filter(counts, _SMOOTHING, mode="constant")
    typical = float(np.median(smooth[tuple(number.T)]))
    labels, _ = ndimage.label(smooth > _SHARE * typical, structure=np.ones((3, 3)))
    dense = [
        [(axis.start, axis.stop) for axis in place]
        for rank, place in enumerate(ndimage.find_objects(labels), start=1)
        if counts[labels == rank].sum() >= least
    ]
    boxes = [
        Box(*(tuple(lower + np.array(end) * square) for end in zip(*box, strict=True)))
        for box in _disjoint(dense)
    ]
    if not boxes:
        raise InsufficientDataError(
            f"no dense region has {least} localizations (`least`): give regions instead"
        )
    return sorted(boxes, key=lambda box: box.lower)


def _disjoint(boxes: list[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """Unite boxes, first and last place along each axis, until none overlap."""
    apart: list[list[tuple[int, int]]] = []
    for box in boxes:
        while True:
            over = [
                other
                for other in apart
                if all(a[0] < b[1] and b[0] < a[1] for a, b in zip(box, other, strict=True))
            ]
            if not over:
                break
            apart = [other for other in apart if other not in over]
            box = [
                (min(a for a, _ in axis), max(b for _, b in axis))
                for axis in zip(box, *over, strict=True)
            ]
        apart.append(box)
    return apart
