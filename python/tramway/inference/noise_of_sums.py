"""The spurious drift of localization noise, where only sums over translocations are known."""

import numpy as np

from tramway.tessellation.summed_partition import SummedPartition, Sums

from .localization_noise import AT_MIDPOINT, midpoint_sums, relative_change


def sums_without_noise_drift(
    partition: SummedPartition, localization_precision: float, exposure_time: float
) -> Sums:
    """Take the spurious drift out of sums, as :func:`without_noise_drift` does of displacements.

    What is subtracted is the same for all translocations of a cell that have, or have not, a
    localization before. So sums after the subtraction follow from those before it: rounding apart,
    they are those of the displacements without the drift.

    Parameters
    ----------
    partition
        The sums.
    localization_precision
        Standard deviation σ of one coordinate, µm.
    exposure_time
        Time that a localization averages over, s.

    Returns
    -------
    Sums
        Of each cell; with two rows for each lag, where there are translocations of both kinds.
    """
    if exposure_time == 0 and localization_precision == 0:
        return partition.sums
    sums, cells = midpoint_sums(partition).sums, partition.tessellation
    lag, count, square = sums.groups[:, :3].T
    counts = sums.by_cell(count)
    variance = np.full(sums.n_cells, localization_precision**2)
    if exposure_time > 0:
        spread = sums.by_cell(square) / (2 * cells.dim) - counts * variance
        times = sums.by_cell(count * (lag - exposure_time / 3))
        diffusivity = np.maximum(spread, 0.0) / np.where(times > 0, times, np.inf)
        variance -= diffusivity * exposure_time / 3
    change = relative_change(cells, counts.reshape(2, cells.n_cells), AT_MIDPOINT)
    drift = (variance[:, None] * change)[sums.cells]
    groups = sums.groups.copy()
    groups[:, 2] += (drift * (count[:, None] * drift - 2 * sums.groups[:, 3:])).sum(axis=1)
    groups[:, 2] = np.maximum(groups[:, 2], 0.0)
    groups[:, 3:] -= count[:, None] * drift
    cell = sums.cells % cells.n_cells
    order = np.argsort(cell, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells.n_cells))])
    return Sums(starts.astype(np.int64), np.ascontiguousarray(groups[order]))
