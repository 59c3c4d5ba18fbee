"""The signal-to-noise ratio of displacements, total and spurious."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import InvalidInputError
from tramway.inference.maps import Maps
from tramway.inference.model import model
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

from . import diffusivity

LAG_TOLERANCE = 1e-3  # relative; far above the rounding of times, far below a missed frame


@model("snr", "d.snr", parameters=diffusivity.PARAMETERS, likelihood="d")
def infer_signal_to_noise(partition: Partition, **given: Any) -> Maps:
    r"""Map diffusivity, and how displacements compare with their own spread.

    For n displacements of a cell, of mean m and of total variance V = ⟨\|Δr - m\|²⟩, the total
    signal-to-noise ratio is :math:`ζ_t = m/\sqrt{V}`; that of the drift which a gradient of the
    diffusivity alone would cause is :math:`ζ_{sp} = ∇D Δt/\sqrt{V}` [1]_.

    {parameters}

    Returns
    -------
    Maps
        Features of the D model, and: ``n``; ``V`` (µm²), NaN for a single displacement;
        ``V_prior``, the same of all displacements in other cells; ``zeta_total``, NaN where V is or
        is zero; ``zeta_spurious``, NaN also along an axis without neighbours on either side. A row
        for each cell that holds a translocation.

    Raises
    ------
    InvalidInputError
        If lags differ by more than a thousandth, or a parameter is out of its domain.
    InsufficientDataError
        If no cell holds a translocation.

    References
    ----------
    .. [1] Serov et al., Sci. Rep. 10, 3783 (2020).

    Examples
    --------
    >>> found = infer_signal_to_noise(
    ...     partition, localization_precision=0.01
    ... )
    >>> found.features[:3]
    ['diffusivity', 'diffusivity std', 'n']
    """
    lag = common_lag(partition)
    maps = maximum(partition, **given)
    ratios = signal_to_noise(partition, maps.maps["diffusivity"], lag)
    return Maps(maps.maps.join(ratios), maps.mode, partition=partition, **maps.attributes)


def common_lag(partition: Partition) -> float:
    """Lag of all translocations that a cell holds, s; an error if they differ."""
    cells, lags = partition.entries
    lags = lags[cells >= 0]
    if not len(lags):
        return float("nan")
    lag = partition.median_lag
    if (abs(lags - lag) > LAG_TOLERANCE * lag).any():
        raise InvalidInputError(
            f"lags run from {lags.min():.6g} to {lags.max():.6g} s, expected one lag: leave out "
            "the translocations across missed frames"
        )
    return lag


def signal_to_noise(
    partition: Partition, diffusivity: "pd.Series[float]", lag: float
) -> pd.DataFrame:
    """Ratios and what they are made of, in the columns that :func:`infer_signal_to_noise` tells.

    Parameters
    ----------
    partition
        Translocations assigned to cells.
    diffusivity
        D of each cell that holds a translocation, µm²/s, by cell number.
    lag
        That of all translocations, s.
    """
    cells = diffusivity.index.to_numpy()
    n, sums, squares = partition.moments
    rest = n.sum() - n
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = _variance(n, sums, squares)
        prior = _variance(rest, sums.sum(axis=0) - sums, squares.sum() - squares)
        total = (sums / n[:, None] / np.sqrt(variance)[:, None])[cells]
    tessellation = partition.tessellation
    gradient = _core.gradient(
        tessellation.cell_centers,
        tessellation.adjacency_starts,
        tessellation.adjacency,
        cells,
        np.asarray(diffusivity, dtype=np.float64),
    )
    columns = {"n": n, "V_prior": prior, "V": variance}
    table = pd.DataFrame({name: values[cells] for name, values in columns.items()}, index=cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        spurious = gradient * lag / np.sqrt(table["V"].to_numpy())[:, None]
    for name, ratio in (("zeta_total", total), ("zeta_spurious", spurious)):
        for axis, coordinate in enumerate(SPACE_COLUMNS[: tessellation.dim]):
            defined = np.isfinite(ratio[:, axis])
            table[f"{name} {coordinate}"] = np.where(defined, ratio[:, axis], np.nan)
    return table


def _variance(
    n: NDArray[np.float64], sums: NDArray[np.float64], squares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Variance about the mean, not corrected for it, summed over axes; NaN for fewer than two."""
    variance = (squares - (sums**2).sum(axis=1) / n) / n
    return np.where(n > 1, variance.clip(min=0.0), np.nan)
