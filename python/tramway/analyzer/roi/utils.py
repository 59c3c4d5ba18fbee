"""What scripts of the original use to find and to compare regions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.files import Analysis
from tramway.tessellation import Partition, TimeSegments

from .dense_places import density_based_roi, epanechnikov_density

if TYPE_CHECKING:
    from tramway.analyzer.region import Region

__all__ = [
    "density_based_roi",
    "distance_to_roi_center",
    "epanechnikov_density",
    "group_roi",
    "set_contiguous_time_support_by_count",
]

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Lower and upper corner."""


def group_roi(
    boxes: Sequence[tuple[ArrayLike, ArrayLike]],
    others: Sequence[tuple[ArrayLike, ArrayLike]] | None = None,
    *,
    overlap: float = 0.75,
    return_matches_only: bool = False,
) -> list[Bounds]:
    """Join each box with those that it has much in common with.

    Parameters
    ----------
    boxes
        Lower and upper corner of each.
    others
        What they are joined with; by default each other, and one that was joined to an earlier one
        is not there by itself.
    overlap
        Least part of the smaller of two boxes that the other has, too.
    return_matches_only
        Whether to leave out those that are joined with none.

    Returns
    -------
    list of (lower, upper)
        The least box around each, and around what it is joined with.
    """
    ours = [np.asarray(box, dtype=np.float64) for box in boxes]
    theirs = ours if others is None else [np.asarray(box, dtype=np.float64) for box in others]
    joined: set[int] = set()
    grouped = []
    for rank, box in enumerate(ours):
        if others is None and rank in joined:
            continue
        found = [
            other
            for other in range(len(theirs))
            if (others is not None or other != rank) and _overlap(box, theirs[other]) >= overlap
        ]
        joined.update(found)
        if found or not return_matches_only:
            together = np.stack([box, *(theirs[other] for other in found)])
            grouped.append((together[:, 0].min(axis=0), together[:, 1].max(axis=0)))
    return grouped


def _overlap(box: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Tell what two boxes share, as a part of the smaller one; -1 for nothing."""
    common = np.minimum(box[1], other[1]) - np.maximum(box[0], other[0])
    if not (common > 0).all():
        return -1.0
    return float(np.prod(common) / min(np.prod(box[1] - box[0]), np.prod(other[1] - other[0])))


def distance_to_roi_center(
    roi_obj: "Region", sampling: Partition | Analysis
) -> NDArray[np.float64]:
    """Distance of the center of each cell of space from that of the region's bounding box, µm."""
    partition = sampling.data if isinstance(sampling, Analysis) else sampling
    cells = partition.tessellation
    centers = (cells.spatial if isinstance(cells, TimeSegments) else cells).cell_centers
    box = roi_obj.bounding_box
    if box is None:
        raise InvalidInputError("`roi_obj` is a whole source, which has no center")
    middle = np.mean([box.lower, box.upper], axis=0)[: centers.shape[1]]
    distances: NDArray[np.float64] = np.linalg.norm(centers - middle, axis=1)
    return distances


def set_contiguous_time_support_by_count(*_: object, **__: object) -> NoReturn:
    """Refuse: in the original it fails for some of its arguments."""
    raise UnknownAttributeError(
        "`set_contiguous_time_support_by_count` is not there: count what is in each window, "
        "[len(s.points) for _, s in a.time.as_time_segments(sampling)], and give bounds of time to "
        "the regions"
    )
