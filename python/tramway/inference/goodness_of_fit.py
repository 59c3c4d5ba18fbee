"""Whether displacements look like what the maps say of them."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.data.columns import array_of, values_of
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.tessellation import Partition
from tramway.units import DEVIATION, SPACE_COLUMNS

from .localization_noise import without_noise_drift
from .localization_precision import noise_of
from .maps import Maps

_LEAST_FREEDOM = 0.02
"""Share of the variance of a residual below which there is nothing to test: the map follows it."""

_MANY_CELLS = 0.05
"""Share of the cells in which steps may be too long before that is worth a warning."""


@checked
def goodness_of_fit(maps: Maps) -> Maps:
    r"""Compare the displacements of each cell with what the maps say of them.

    A displacement less its mean under the model, over its standard deviation
    :math:`\sqrt{2(DΔt + σ²)}`, is a standardised residual r (with the noise of its own ends, and an
    exposure, where the model has them). Of the n in a cell, in d dimensions:

    .. math:: z_x = \frac{\sum w r_x}{\sqrt{\sum w² - p_x}}, \quad q = \frac{\sum |r|²}{nd}, \quad
        z_q = \frac{q^{1/3} - 1 + 2/9nd}{\sqrt{2/9nd - p_q/9}},

    with weights w in proportion to what a drift adds to r. p is what the map has already taken from
    the residuals: the posterior variance of what is subtracted [1]_. q is a χ² over its degrees of
    freedom; its cube root is nearly normal [2]_. Where the model holds, both z are standard normal,
    and q is near 1.

    Parameters
    ----------
    maps
        Maps of the models D, DD, DF or DV that know their partition.

    Returns
    -------
    Maps
        Features ``residual`` (:math:`z_x`, :math:`z_y`: an unexplained drift), ``variance ratio``
        (q: above 1 where D is too low or mixed) and ``variance residual`` (:math:`z_q`); a row for
        each cell of `maps`. NaN where the map follows the cell's own mean, or variance, too closely
        to be tested by it, and where standard deviations are missing.

    Raises
    ------
    InvalidInputError
        If the maps are not of one of these models.
    MissingResultError
        If they do not know their partition.

    References
    ----------
    .. [1] Desroziers et al., Q. J. R. Meteorol. Soc. 131, 3385 (2005), eq. 3.
    .. [2] Wilson & Hilferty, PNAS 17, 684 (1931).

    Examples
    --------
    >>> goodness_of_fit(maps).features
    ['residual', 'variance ratio', 'variance residual']
    """
    partition = maps.inferred_from()
    if maps.model is None or maps.model.likelihood is None:
        raise InvalidInputError(
            f"`maps` are those of '{maps.mode}' ({', '.join(maps.features)}), expected those of "
            "the models D, DD, DF or DV"
        )
    table = maps.maps
    sigma: Any = maps.attributes["sigma"]
    exposure_time: Any = maps.attributes.get("exposure_time") or 0.0
    row = np.full(partition.tessellation.n_cells + 1, -1)
    row[table.index] = np.arange(len(table))
    cell, displacements = partition.cells, partition.displacements
    if maps.attributes.get("noise_correction"):
        cell, displacements = without_noise_drift(partition, sigma, exposure_time)
    row = row[cell]
    of = row[row >= 0]
    displacements, lags = displacements[row >= 0], partition.lags[row >= 0]
    times = lags - exposure_time / 3

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(of, values, len(table)).astype(np.float64)

    def free(share: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(share > _LEAST_FREEDOM, share, np.nan)

    n, dim = total(np.ones(len(of))), displacements.shape[1]
    diffusivity, deviation = table["diffusivity"].to_numpy(), table["diffusivity std"].to_numpy()
    velocity, velocity_std, mobility = _drift(maps, dim)
    variance = noise_of(partition, sigma).half_variance
    width = np.sqrt(2 * (diffusivity[of] * times + variance[row >= 0]))
    residual = (displacements - velocity[of] * lags[:, None]) / width[:, None]
    columns = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = total((lags / width) ** 2)
        taken = (mobility**2 * weight)[:, None] * velocity_std**2
        for axis, name in enumerate(SPACE_COLUMNS[:dim]):
            share = weight * free(1 - taken[:, axis])
            columns[f"residual {name}"] = total(lags / width * residual[:, axis]) / np.sqrt(share)
        ratio = total((residual**2).sum(axis=1)) / (n * dim)
        columns["variance ratio"] = ratio
        relative = deviation * total(2 * times / width**2) / n
        share = free(1 - relative**2 * n * dim / 2)
        unit = 2 / (9 * n * dim)
        columns["variance residual"] = (np.cbrt(ratio) - 1 + unit) / np.sqrt(unit * share)
    return Maps(pd.DataFrame(columns, index=table.index), "goodness of fit", partition=partition)


def _drift(
    maps: Maps, dim: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean velocity under the model; standard deviation of its vector, and what multiplies that."""
    table = maps.maps
    model = maps.model
    if model is None or model.vector is None:
        nothing = np.zeros((len(table), dim))
        return nothing, nothing, np.ones(len(table))
    name = model.vector.name
    axes = SPACE_COLUMNS[:dim]
    vector, deviation = (
        np.stack([array_of(table, f"{kind} {axis}") for axis in axes], axis=1)
        for kind in (name, f"{name}{DEVIATION}")
    )
    mobility = _core.mobility(model.likelihood or "", array_of(table, "diffusivity").copy())
    if model.has_potential:  # force-free where a component is undefined
        is_free = np.isnan(vector).any(axis=1)[:, None]
        vector, deviation = np.where(is_free, 0.0, vector), np.where(is_free, 0.0, deviation)
    return mobility[:, None] * vector, deviation, mobility


def count_long_steps(maps: Maps, partition: Partition, lag: float) -> int:
    """Count the cells that molecules leave within one lag, as maps that are there tell.

    A step is too long if diffusion alone takes it, along an axis, further than a cell is wide,
    √(2 D Δt), or drift further than half of that, in what is certain by two standard deviations.

    Parameters
    ----------
    maps
        Maps with their standard deviations.
    partition
        Translocations assigned to cells.
    lag
        Their median lag, s.
    """
    table, mesh, model = maps.maps, partition.tessellation, maps.model
    diffusivity = [array_of(table, f"diffusivity{kind}") for kind in ("", DEVIATION)]
    vector = [np.zeros((len(table), mesh.dim))] * 2
    if model is not None and model.vector is not None:
        axes, name = SPACE_COLUMNS[: mesh.dim], model.vector.name
        vector = [
            values_of(table, [f"{name}{kind} {axis}" for axis in axes]) for kind in ("", DEVIATION)
        ]
    return _core.long_steps(
        (None if model is None else model.likelihood) or "d",
        mesh.cell_volume[table.index.to_numpy()] ** (1 / mesh.dim),
        lag,
        [np.ascontiguousarray(values, np.float64) for values in diffusivity],
        vector,
    )


def warn_of_long_steps(too_long: int, cell_count: int, lag: float) -> None:
    """Say so where molecules leave the cells within one lag: maps are blurred by that.

    Parameters
    ----------
    too_long
        In how many cells they do; see :func:`count_long_steps`.
    cell_count
        Number of cells that hold translocations.
    lag
        Their median lag, s.

    Warns
    -----
    DataQualityWarning
        If that is so in more than a twentieth of the cells.
    """
    if too_long > _MANY_CELLS * cell_count:
        warnings.warn(
            f"long steps: in {too_long} of {cell_count} cells molecules move further within "
            f"{lag:.3g} s than the cells are wide, which blurs the maps; make the cells larger, or "
            "the lag shorter",
            DataQualityWarning,
            stacklevel=4,
        )
