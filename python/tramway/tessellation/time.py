"""Where scripts of the original look for segments of time."""

from typing import Any

from numpy.typing import ArrayLike

from tramway.arguments import checked

from .partition import Partition
from .sampling import sample_nearest
from .time_segments import TimeSegments, time_segments

TimeLattice = TimeSegments

__all__ = ["TimeLattice", "with_time_lattice"]


@checked
def with_time_lattice(cells: Partition, frames: ArrayLike, **options: Any) -> Partition:
    """File the points of a partition in the same cells in each of some segments of time.

    Parameters
    ----------
    cells
        The partition, whose points have a time ``t``, s.
    frames
        First and last time of each segment, (n_segments, 2), s.
    options
        Without effect.

    Examples
    --------
    >>> partition = sample_nearest(steps, cells)
    >>> with_time_lattice(partition, [[0, 0.2], [0.2, 0.4]]).tessellation.n_segments
    2
    """
    found = sample_nearest(cells.points, time_segments(cells.tessellation, frames))
    found.param, found.find_trajectories = dict(cells.param), cells.find_trajectories
    return found
