"""Cells within cells, as the option ``-L`` of the original's command asks for."""

from tramway.analyzer import RWAnalyzer
from tramway.data.columns import values_of
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, TimeSegments, nesting, time_segments
from tramway.units import SPACE_COLUMNS


def nested(a: RWAnalyzer, outer: Partition) -> Partition:
    """Refine the cells of a partition, in each of its segments of time, if it has some.

    Parameters
    ----------
    a
        Its tesseller cuts each cell of space, or all points where there is one; its window of time
        cuts the cells where it is set; its sampler fills them.
    outer
        The partition.
    """
    points, cells = outer.points, outer.tessellation
    spatial = cells.spatial if isinstance(cells, TimeSegments) else cells
    if a.tesseller.initialized:
        cut = a.tesseller.tessellate
        if spatial.n_cells == 1:
            refined = cut(points)
        else:
            origins = values_of(points, SPACE_COLUMNS[: spatial.dim])
            refined = nesting(origins, outer=spatial, inner=lambda rows: cut(points.iloc[rows]))
    else:
        refined = spatial
    if isinstance(cells, TimeSegments):
        if a.time.initialized:
            raise InvalidInputError("the cells to refine have segments of time already")
        refined = time_segments(refined, cells.intervals)
    elif a.time.initialized:
        refined = a.time.segment(points, refined)
    partition: Partition = a.sampler.sample(points, refined)
    return partition
