"""The spurious drift of noise that all localizations share, from sums over translocations."""

import numpy as np

from tramway import _core
from tramway.tessellation import Partition
from tramway.tessellation.midpoints import file_at_midpoints
from tramway.tessellation.summed_partition import SummedPartition, Sums

from .localization_noise import (
    AT_MIDPOINT,
    check_assigned_once,
    midpoint_sums,
    relative_change,
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
    sums, cells = _at_midpoints(partition), partition.tessellation
    bins = sums.cells
    groups = sums.groups.copy()
    lag, count, square, *axes = groups.T
    counts = sums.by_cell(count)
    variance = np.full(sums.n_cells, localization_precision**2)
    if exposure_time > 0:
        spread = sums.by_cell(square) / (2 * cells.dim) - counts * variance
        times = sums.by_cell(count * (lag - exposure_time / 3))
        diffusivity = np.maximum(spread, 0.0) / np.where(times > 0, times, np.inf)
        variance -= diffusivity * exposure_time / 3
    change = relative_change(cells, counts.reshape(2, cells.n_cells), AT_MIDPOINT)
    for axis, drift_of_bin in zip(axes, change.T, strict=True):
        drift = np.take(variance * drift_of_bin, bins)
        taken = count * drift
        square += drift * (taken - 2 * axis)
        axis -= taken  # in place, of the copy
    np.maximum(square, 0.0, out=square)
    cell = bins % cells.n_cells
    order = np.argsort(cell, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells.n_cells))])
    return Sums(starts.astype(np.int64), np.take(groups, order, axis=0))


def _at_midpoints(partition: Partition) -> Sums:
    """Get the sums that :class:`~tramway.tessellation.summed_partition.MidpointSums` have."""
    if isinstance(partition, SummedPartition):
        return midpoint_sums(partition).sums
    check_assigned_once(partition)
    cells = partition.tessellation
    bins = file_at_midpoints(partition.points, partition.cells, cells)
    sums = _core.sum_cells(2 * cells.n_cells, bins, partition.displacements, partition.lags)
    return Sums(*sums)
