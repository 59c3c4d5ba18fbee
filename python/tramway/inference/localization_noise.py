"""What localization noise does to displacements, beside widening them: the spurious drift."""

import math
import warnings
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.data.columns import array_of
from tramway.data.translocations import order_of
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.tessellation import (
    Partition,
    SummedPartition,
    Tessellation,
    TimeSegments,
)
from tramway.tessellation.midpoints import file_at_midpoints
from tramway.tessellation.summed_partition import MidpointSums
from tramway.units import SPACE_COLUMNS

from .localization_precision import Noise, noise_of

AT_MIDPOINT = (1.0, 0.5)
"""Share of the drift of displacements assigned by their origin, and by the midpoint before it."""

_MUCH_NOISE = 0.1
"""Ratio of σ² to D Δt above which the spurious drift of noise is worth a warning."""


@checked
def noise_drift(
    partition: Partition,
    localization_precision: float | Literal["column"],
    exposure_time: float = 0.0,
) -> NDArray[np.float64]:
    r"""Mean displacement that is due to the error of an origin alone, by translocation.

    A displacement is assigned to the cell of its *observed* origin, and an observed origin is more
    often than not displaced away from where molecules are dense: given the origin y, the noise in
    it has the mean :math:`-σ² ∇ \ln p(y)` (Tweedie's formula [1]_), so that every displacement from
    there carries :math:`+σ² ∇ \ln p(y)`, whatever its lag. This holds for the localizations of each
    precision by themselves; summed over those of a cell, it is :math:`∫ ∇w`, with the density w of
    the sum of their σ², which for a cell i of area a is a sum over its edges,

    .. math:: \sum_{k \text{ in } i} c_k = \frac 1 2 \sum_j l_{ij} (w_j - w_i) u_{ij},
        \qquad w_i = \frac 1 {a_i} \sum_{k \text{ in } i} σ_k²,

    with the length l and the unit normal u of the edge to j. Each displacement has a share in
    proportion to its σ². Averages over an exposure :math:`t_E` shift origins in the same way, by
    the covariance of successive displacements, which is :math:`D t_E/3 - σ²`:
    :math:`σ_k² - D t_E/3` takes the place of :math:`σ_k²`, with the D of the cell by itself.

    An edge without a neighbour counts as if the density went on beyond it: the border of a region
    is where the data were cut off, not where the molecules end. In three dimensions ∇w is that of
    the values in the neighbouring cells.

    Parameters
    ----------
    partition
        Translocations assigned to cells.
    localization_precision
        Standard deviation σ of one coordinate, µm; ``'column'``: each localization has its own.
    exposure_time
        Time :math:`t_E` that a localization averages over, s.

    Returns
    -------
    array (N, d)
        The mean spurious displacement, µm; zero where a translocation is in no cell.

    References
    ----------
    .. [1] Efron, J. Am. Stat. Assoc. 106, 1602 (2011), eq. 1.4.

    Examples
    --------
    >>> noise_drift(partition, localization_precision=0.01).shape
    (3800, 2)
    """
    check_assigned_once(partition)
    noise = noise_of(partition, localization_precision)
    return _drift(partition, partition.cells, (1.0,), noise, exposure_time)


@checked
def without_noise_drift(
    partition: Partition,
    localization_precision: float | Literal["column"],
    exposure_time: float = 0.0,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """File displacements so that the noise of localizations makes no spurious drift.

    A displacement is assigned to a cell by the point midway between its origin and the localization
    before, whose noise, and exposure, are none of its own. The midpoint has half of the noise of
    the origin in it, which makes half of the spurious drift: that is computed from the densities of
    midpoints, and taken out. Where the track has no localization before, the displacement stays
    where it is, and what is taken out is the whole, computed among displacements of that kind only.

    Parameters
    ----------
    partition, localization_precision, exposure_time
        Those of :func:`noise_drift`.

    Returns
    -------
    cell_index : array (N,) of int64
        Cell of each translocation, -1 where there is none.
    displacements : array (N, d)
        Without the spurious drift, µm.

    Examples
    --------
    >>> len(without_noise_drift(partition, localization_precision=0.01))
    2
    """
    check_assigned_once(partition)
    displacements = partition.displacements
    noise = noise_of(partition, localization_precision)
    if exposure_time == 0 and not noise.origin_variance.any():
        return partition.cells.copy(), displacements
    bins = file_at_midpoints(partition.points, partition.cells, partition.tessellation)
    displacements -= _drift(partition, bins, AT_MIDPOINT, noise, exposure_time)
    n_cells = partition.tessellation.n_cells
    np.subtract(bins, n_cells, out=bins, where=bins >= n_cells)
    return bins, displacements


def is_corrected(
    noise_correction: bool | Literal["auto"],
    partition: Partition,
    localization_precision: float | Literal["column"],
    exposure_time: float,
) -> bool:
    """Decide whether to keep out the spurious drift of noise: as asked for, or as tracks say."""
    if noise_correction == "auto":
        return is_assigned_once(partition) and is_noise_of_localizations(
            partition, localization_precision, exposure_time
        )
    return noise_correction


@checked
def is_noise_of_localizations(
    partition: Partition,
    localization_precision: float | Literal["column"],
    exposure_time: float = 0.0,
) -> bool:
    """Whether displacements share the noise of the localization between them, as tracks tell.

    If so, the covariance of successive displacements along an axis is -σ² (and D/3 times the
    exposure time); if noise was drawn anew for each displacement, as in some simulations, it is 0.
    The nearer of both is taken for true; without successive displacements, the former, which is
    how microscopes work.

    Examples
    --------
    >>> is_noise_of_localizations(partition, localization_precision=0.01)
    False
    """
    noise = noise_of(partition, localization_precision)
    return bool(noise.origin_variance.any()) and _is_shared(partition, noise, exposure_time)


def _is_shared(partition: Partition, noise: Noise, exposure_time: float) -> bool:
    """Whether displacements share what noise there is."""
    covariance = _covariance(partition)
    if math.isnan(covariance):
        return True
    if exposure_time > 0:
        covariance -= _mean_diffusivity(partition, noise, exposure_time) * exposure_time / 3
    return bool(covariance < -0.5 * noise.mean_origin_variance)


def _covariance(partition: Partition) -> float:
    """Mean product of successive displacements along an axis, µm²; NaN where there are none."""
    if isinstance(partition, SummedPartition):
        return midpoint_sums(partition).covariance
    order = order_of(partition.points)
    if order is None:
        return math.nan
    axes = SPACE_COLUMNS[: partition.tessellation.dim]
    columns = (array_of(partition.points, f"d{axis}") for axis in axes)
    steps = [np.ascontiguousarray(column, np.float64) for column in columns]
    return _core.mean_successive_product(order, steps)


def _mean_diffusivity(partition: Partition, noise: Noise, exposure_time: float) -> float:
    if not isinstance(partition, SummedPartition):
        square, time = (values.sum() for values in _spread(partition, noise, exposure_time))
    else:
        number, _, squares = partition.moments
        variance = noise.localization_precision**2
        square = 0.5 * squares.sum() / partition.tessellation.dim - number.sum() * variance
        time = partition.sums.counts @ (partition.sums.lags - exposure_time / 3)
    return float(max(square, 0.0) / time)


def midpoint_sums(partition: SummedPartition) -> MidpointSums:
    """Get the sums that the correction is made of, where there are no single translocations.

    Raises
    ------
    InvalidInputError
        If there are none.
    """
    if partition.midpoints is None:
        raise InvalidInputError(
            "`noise_correction` is for all cells of a source that was streamed as a whole: leave "
            "`cell_label` as it was, or the correction off"
        )
    return partition.midpoints


def warn_of_noise(
    diffusivity: NDArray[np.float64],
    partition: Partition,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    lag: float,
    counts: NDArray[Any],
) -> None:
    """Say so where localization noise makes spurious forces and is not corrected for.

    Parameters
    ----------
    diffusivity
        D of each cell that holds translocations, µm²/s.
    partition
        Translocations assigned to cells.
    localization_precision, exposure_time
        Those of the model.
    lag
        Median lag of the translocations in cells, s.
    counts
        Number of translocations in each of these cells.

    Warns
    -----
    DataQualityWarning
        If σ² is more than a tenth of D Δt.
    """
    step = float((diffusivity * counts).sum() / counts.sum()) * lag
    noise = noise_of(partition, localization_precision)
    variance = noise.mean_origin_variance
    if variance > _MUCH_NOISE * step and _is_shared(partition, noise, exposure_time):
        ratio = variance / step if step > 0 else math.inf
        warnings.warn(
            f"localization noise is large: σ² is {ratio:.2g} D Δt, which makes spurious forces "
            "towards where molecules are dense; set noise_correction to True or 'auto'",
            DataQualityWarning,
            stacklevel=3,
        )


def is_assigned_once(partition: Partition) -> bool:
    """Whether each translocation is in one cell of space at most."""
    is_in_time = isinstance(partition.tessellation, TimeSegments)
    return not (is_in_time or partition.is_overlapping)


def check_assigned_once(partition: Partition) -> None:
    """Refuse cells that share translocations.

    Raises
    ------
    InvalidInputError
        If a translocation is in several cells, or may be.
    """
    if not is_assigned_once(partition):
        raise InvalidInputError(
            "`noise_correction` is for translocations that are in one cell of space each, not for "
            "time segments nor cells that overlap: leave it off there"
        )


Borders: TypeAlias = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]
]
"""Where the neighbours of each cell begin, the neighbours, the volume of each cell, and a row for
each neighbour: what the difference of two densities adds to the integral of the gradient."""


def _drift(
    partition: Partition,
    bins: NDArray[np.int64],
    shares: tuple[float, ...],
    noise: Noise,
    exposure_time: float,
) -> NDArray[np.float64]:
    """Mean displacement that is due to the error of origins; see :func:`noise_drift`.

    Parameters
    ----------
    partition
        The translocations.
    bins
        Cell of each, plus the number of cells times that of its kind; -1 where there is none. The
        drift is computed among those of one kind.
    shares
        Share of the drift that displacements of each kind have.
    noise
        That of the partition.
    exposure_time
        Time that a localization averages over, s.
    """
    tessellation = partition.tessellation
    n_cells, between = tessellation.n_cells, borders(tessellation)
    n_bins = len(shares) * n_cells
    place = np.where(bins >= 0, bins, n_bins)  # what is in no cell comes last

    def totals(values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Sum over each cell, for each kind, (kinds, n_cells)."""
        sums = np.bincount(place, values, n_bins + 1)[:n_bins]
        return sums.reshape(len(shares), n_cells).astype(np.float64, copy=False)

    def drift_of(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Relative change of a density, in all bins, one after the other, times the share."""
        kinds = zip(shares, amounts, strict=True)
        change = [share * _core.relative_change(between, amount) for share, amount in kinds]
        return np.concatenate([*change, np.zeros((1, tessellation.dim))])

    drift = drift_of(totals(noise.origin_variance))
    if noise.displacement_variance is None:  # one for all
        drift = np.take(drift * noise.localization_precision**2, place, axis=0)
    else:
        drift = noise.origin_variance[:, None] * np.take(drift, place, axis=0)
    if exposure_time > 0:
        squares, times = (totals(values) for values in _spread(partition, noise, exposure_time))
        diffusivity = np.maximum(squares, 0.0) / np.where(times > 0, times, np.inf)
        blur = np.append(diffusivity.ravel(), 0.0) * exposure_time / 3
        drift -= np.take(blur[:, None] * drift_of(totals()), place, axis=0)
    return drift


def borders(tessellation: Tessellation) -> Borders:
    """Find how densities change from cell to cell, as the numeric core takes it.

    In two dimensions by the edges that cells share; in three by the gradient of the values in the
    neighbouring cells.
    """
    starts, adjacency = tessellation.adjacency_starts, tessellation.adjacency
    volume = np.ascontiguousarray(tessellation.cell_volume)
    if tessellation.dim == 2:
        length, normal = tessellation.shared_edges()
        return starts, adjacency, volume, 0.5 * length[:, None] * normal
    cells = np.arange(tessellation.n_cells)
    first, near, weights = _core.gradient_operator(
        tessellation.cell_centers, starts, adjacency, cells
    )
    is_neighbour = near != np.repeat(cells, np.diff(first))
    of_neighbours = np.nan_to_num(weights[is_neighbour])
    return starts, adjacency, volume, np.repeat(volume, np.diff(starts))[:, None] * of_neighbours


def _spread(
    partition: Partition, noise: Noise, exposure_time: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell of each translocation what diffusion has added to its square, and the time it had.

    The ratio of their sums is the diffusivity, µm²/s.
    """
    square = 0.5 * (partition.displacements**2).mean(axis=1) - noise.half_variance
    return square, partition.lags - exposure_time / 3
