"""The D model in closed form: a conjugate prior whose center is the rest of the data."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.inference.localization_precision import single_precision
from tramway.inference.maps import Maps
from tramway.inference.model import model
from tramway.inference.overlap import overlap
from tramway.tessellation import Partition

from .signal_to_noise import LAG_TOLERANCE, common_lag, signal_to_noise


@model("d.conj_prior", parameters=("alpha", "worker_count", "verbose"))
def infer_conjugate_prior(
    partition: Partition,
    *,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    alpha: float,
    mode: str,
    **_: Any,
) -> Maps:
    r"""Map diffusivity with credible intervals, in closed form.

    The displacements of a cell, n of mean m and total variance V, are Gaussian with a variance
    2w = 2(DΔt + σ²) along each axis and any mean. A conjugate prior, worth
    :math:`n_π = 5 - d` displacements of mean zero and of the variance :math:`V_π` of those in other
    cells, makes the posterior of w an inverse gamma distribution above σ² [1]_,

    .. math:: p(w) ∝ w^{-p-1} e^{-s/w}, \quad p = \frac{d (n + n_π - 1)}{2} - 1, \quad
        s = \frac 1 4 \left( nV + n_π V_π + \frac{n n_π}{n + n_π} |m|² \right),

    with its maximum at :math:`w = s/(p + 1)`.

    {parameters}

    Returns
    -------
    Maps
        Features ``diffusivity`` (the maximum), ``ci low`` and ``ci high`` (the interval that leaves
        (1 - `alpha`)/2 on either side), µm²/s, without the noise; then those of
        :func:`infer_signal_to_noise`, but for its D. A row for each cell that holds a
        translocation; NaN if all others together hold fewer than two, and so give no prior, and no
        interval where the data rule out any w above σ².

    Raises
    ------
    InvalidInputError
        If lags differ by more than a thousandth, or a parameter is out of its domain.

    References
    ----------
    .. [1] Serov et al., Sci. Rep. 10, 3783 (2020).

    Examples
    --------
    >>> found = infer_conjugate_prior(
    ...     partition, localization_precision=0.01
    ... )
    >>> found.features[:3]
    ['diffusivity', 'ci low', 'ci high']
    """
    from scipy.special import gammainc, gammaincinv

    sigma = single_precision(localization_precision, "d.conj_prior")
    lag = common_lag(partition)
    if not exposure_time >= 0 or exposure_time > (1 + LAG_TOLERANCE) * lag:
        raise InvalidInputError(
            f"`exposure_time` is {exposure_time} s, with a lag of {lag:.6g} s; expected a time "
            "from 0 to the lag"
        )
    noise = sigma**2
    cells = np.flatnonzero(partition.location_count)
    p, s = _posterior(partition, cells)

    def without_noise(w: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(
            np.isfinite(w), (w - noise).clip(min=0.0) / (lag - exposure_time / 3), np.nan
        )

    with np.errstate(divide="ignore", invalid="ignore"):
        # Of 1/w, a gamma distribution, below 1/σ².
        total = gammainc(p, s / noise) if noise > 0 else np.ones_like(s)
        low, high = (
            without_noise(s / gammaincinv(p, 0.5 * (1 + sign * alpha) * total)) for sign in (1, -1)
        )
        diffusivity = pd.Series(without_noise(s / (p + 1)), index=cells)
    table = pd.DataFrame({"diffusivity": diffusivity, "ci low": low, "ci high": high}, index=cells)
    ratios = signal_to_noise(partition, diffusivity, lag)
    facts = {"sigma": sigma, "exposure_time": exposure_time, "alpha": alpha, **overlap(partition)}
    return Maps(table.join(ratios), mode, partition=partition, **facts)


def _posterior(
    partition: Partition, cells: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Exponent p and scale s of the posterior of w, in each of some cells."""
    dimension = partition.tessellation.dim
    worth = 5 - dimension
    n, sums, squares = partition.moments
    rest = n.sum() - n
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (squares - (sums**2).sum(axis=1) / n).clip(min=0.0)  # nV
        others, others_squares = sums.sum(axis=0) - sums, squares.sum() - squares
        prior = (others_squares - (others**2).sum(axis=1) / rest) / rest
        prior = np.where(rest > 1, prior, np.nan)
        shift = worth / (n + worth) * (sums**2).sum(axis=1) / n
    p = 0.5 * dimension * (n + worth - 1) - 1
    s = 0.25 * (spread + worth * prior + shift)
    return p[cells], s[cells]
