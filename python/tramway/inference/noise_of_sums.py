"""The spurious drift of noise that all localizations share, from sums over translocations."""

from tramway import _core
from tramway.tessellation import Partition
from tramway.tessellation.midpoints import sum_at_midpoints
from tramway.tessellation.summed_partition import SummedPartition, Sums

from .localization_noise import (
    AT_MIDPOINT,
    borders,
    check_assigned_once,
    midpoint_sums,
)


def sums_without_noise_drift(
    partition: Partition, localization_precision: float, exposure_time: float
) -> Sums:
    """Take the spurious drift out of sums, as :func:`without_noise_drift` does of displacements.

    What is subtracted is the same for all translocations of a cell that have, or have not, a
    localization before. So sums after the subtraction follow from those before it: rounding apart,
    they are those of the displacements without the drift.

    Parameters
    ----------
    partition
        Translocations assigned to cells, or the sums over them.
    localization_precision
        Standard deviation σ of one coordinate, µm.
    exposure_time
        Time that a localization averages over, s.

    Returns
    -------
    Sums
        Of each cell; with two rows for each lag, where there are translocations of both kinds.
    """
    sums = _at_midpoints(partition)
    return Sums(
        *_core.sums_without_noise_drift(
            (sums.starts, sums.groups),
            borders(partition.tessellation),
            localization_precision**2,
            exposure_time,
            AT_MIDPOINT,
        )
    )


def _at_midpoints(partition: Partition) -> Sums:
    """Get the sums that :class:`~tramway.tessellation.summed_partition.MidpointSums` have."""
    if isinstance(partition, SummedPartition):
        return midpoint_sums(partition).sums
    check_assigned_once(partition)
    return Sums(*sum_at_midpoints(partition.points, partition.cells, partition.tessellation))
