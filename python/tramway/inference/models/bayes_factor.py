"""Whether a force acts in a cell, or its displacements look as if, for the gradient of D."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.inference.localization_precision import single_precision
from tramway.inference.maps import Maps
from tramway.inference.model import model
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

from . import diffusivity, signal_to_noise

_MOST_DOUBLINGS = 40
_ORDER = 128  # of the quadrature
_UNDERFLOW = 1e-290


@model("bayes_factor", parameters=("B_threshold", *diffusivity.PARAMETERS), likelihood="d")
def infer_bayes_factor(
    partition: Partition,
    *,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    B_threshold: float,  # noqa: N803, the name that users know
    mode: str,
    **parameters: Any,
) -> Maps:
    r"""Map the Bayes factor of a force against none, in 2 dimensions.

    Without a force, a gradient of the diffusivity drives molecules by λ∇D, with λ from 0 to 1 for
    the convention of the stochastic integral that holds, which is not known. With the ratios
    :math:`ζ_t` and :math:`ζ_{sp}` of :func:`infer_signal_to_noise` and the prior of
    :func:`infer_conjugate_prior`, the Bayes factor is [1]_

    .. math:: B = η^d \frac{\int_0^1 q_u^{-p} P(p, ρ q_u) dλ}{\int_0^1 q_d^{-p} P(p, ρ q_d) dλ},
        \quad q_d = v + |ζ_t - λ ζ_{sp}|², \quad q_u = v + η² |ζ_t - λ ζ_{sp}|²,

    where P is the regularised lower incomplete gamma function, :math:`v = 1 + n_π V_π / nV`,
    :math:`η² = n_π / (n + n_π)` and :math:`ρ = nV/4σ²`.

    {parameters}

    Returns
    -------
    Maps
        Features ``lg_B``, the decimal logarithm of B, and ``genuine force``: 1 where B is at least
        `B_threshold`, -1 where 1/B is, 0 between; ``min_n``, the number of displacements from which
        on there would be a decision, were V and the ratios what they are (n where there is one
        already, infinite where no number would do); ``group``, a number for each connected set of
        cells whose lg_B has one sign, ``group lg_B``, its sum over them, and ``group genuine
        force``, the decision by this sum; then those of :func:`infer_signal_to_noise`. NaN where
        one of the ratios is: in cells of one displacement, or on the border of the data.

    Raises
    ------
    InvalidInputError
        If the data are in 3 dimensions, lags differ by more than a thousandth, or a parameter is
        out of its domain.
    InsufficientDataError
        If no cell holds a translocation.

    References
    ----------
    .. [1] Serov et al., Sci. Rep. 10, 3783 (2020).

    Examples
    --------
    >>> found = infer_bayes_factor(
    ...     partition, localization_precision=0.01
    ... )
    >>> found.features[:3]
    ['lg_B', 'genuine force', 'min_n']
    """
    if partition.tessellation.dim != 2:
        raise InvalidInputError(
            "the Bayes factor of a force is known in 2 dimensions only: map columns x and y"
        )
    if not (B_threshold > 1 and np.isfinite(B_threshold)):
        raise InvalidInputError(f"`B_threshold` is {B_threshold}, expected a number above 1")
    del parameters["model"]  # the one that gives D is another
    sigma = single_precision(localization_precision, "bayes_factor")
    maps = signal_to_noise.infer_signal_to_noise(
        partition, localization_precision=sigma, exposure_time=exposure_time, **parameters
    )
    table = maps.maps

    def vector(name: str) -> NDArray[np.float64]:
        columns = [f"{name} {axis}" for axis in SPACE_COLUMNS[:2]]
        values: NDArray[np.float64] = table[columns].to_numpy()
        return values

    total, spurious = vector("zeta_total"), vector("zeta_spurious")
    variance, prior_variance = table["V"].to_numpy(), table["V_prior"].to_numpy()
    noise = sigma**2

    def lg_b_with(n: NDArray[np.float64], some: slice | NDArray[np.int64]) -> NDArray[np.float64]:
        """Give lg B of some cells, if they held n displacements."""
        ratios = (total[some], spurious[some], n, variance[some], prior_variance[some])
        found: NDArray[np.float64] = log_bayes_factor(*ratios, noise) / np.log(10)
        return found

    n, least = table["n"].to_numpy(), float(np.log10(B_threshold))
    lg_b = lg_b_with(n, slice(None))
    group = _groups(partition, table.index.to_numpy(), np.sign(lg_b))
    is_known = group >= 0
    group_lg_b = np.full(len(lg_b), np.nan)
    group_lg_b[is_known] = np.bincount(group[is_known], lg_b[is_known])[group[is_known]]
    columns = {
        "lg_B": lg_b,
        "genuine force": _decided(lg_b, least),
        "min_n": _least_counts(lg_b_with, n, lg_b, least),
        "group": np.where(is_known, group, np.nan),
        "group lg_B": group_lg_b,
        "group genuine force": _decided(group_lg_b, least),
    }
    table = pd.DataFrame(columns, index=table.index).join(table)
    return Maps(table, mode, partition=partition, B_threshold=B_threshold, **maps.attributes)


def _decided(lg_b: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    decided = np.where(abs(lg_b) >= least, np.sign(lg_b), 0.0)
    return np.where(np.isnan(lg_b), np.nan, decided)


def _groups(
    partition: Partition, cells: NDArray[np.int64], sign: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Put the connected sets of cells of one sign into order; -1 where the sign is NaN."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = partition.tessellation.cell_adjacency[cells][:, cells].tocoo()
    alike = sign[links.row] == sign[links.col]
    pairs = (links.row[alike], links.col[alike])
    linked = coo_array((np.ones(alike.sum()), pairs), shape=links.shape)
    _, label = connected_components(linked, directed=False)
    is_known = np.isfinite(sign)
    _, group = np.unique(label[is_known], return_inverse=True)
    numbers = np.full(len(cells), -1)
    numbers[is_known] = group
    return numbers


def _least_counts(
    lg_b_with: Callable[[NDArray[np.float64], NDArray[np.int64]], NDArray[np.float64]],
    n: NDArray[np.float64],
    lg_b: NDArray[np.float64],
    least: float,
) -> NDArray[np.float64]:
    """Fewest displacements with which each cell would be decided, by doubling and bisection."""
    undecided = pending = np.flatnonzero(abs(lg_b) < least)
    low, high = n.copy(), np.where(np.isnan(lg_b), np.nan, n)
    for power in range(_MOST_DOUBLINGS):
        high[pending] = n[pending] - 1 + 2.0 ** (power + 1)
        is_decided = abs(lg_b_with(high[pending], pending)) >= least
        pending = pending[~is_decided]
        low[pending] = high[pending]
    high[pending] = np.inf
    found = undecided[np.isfinite(high[undecided])]
    while len(found := found[high[found] - low[found] > 1]):
        middle = np.floor((low[found] + high[found]) / 2)
        is_decided = abs(lg_b_with(middle, found)) >= least
        high[found[is_decided]] = middle[is_decided]
        low[found[~is_decided]] = middle[~is_decided]
    return high


def log_bayes_factor(
    total: NDArray[np.float64],
    spurious: NDArray[np.float64],
    n: NDArray[np.float64],
    variance: NDArray[np.float64],
    prior_variance: NDArray[np.float64],
    noise: float,
) -> NDArray[np.float64]:
    """Natural logarithm of the Bayes factor of each cell: see :func:`infer_bayes_factor`.

    Parameters
    ----------
    total, spurious
        Signal-to-noise ratios, (n_cells, 2).
    n, variance, prior_variance
        Number of displacements, V and V_prior (µm²), (n_cells,).
    noise
        σ², µm².
    """
    dimension, worth = 2, 3
    p = (0.5 * dimension * (n + worth - 1) - 1)[:, None]
    eta2 = worth / (n + worth)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = (1 + worth * prior_variance / (n * variance))[:, None]
        rho = (n * variance / (4 * noise) if noise > 0 else np.full_like(n, np.inf))[:, None]
        nodes, weights = _quadrature(total, spurious, v, p)
        squared = _squared_rest(total, spurious, nodes)

        def log_integral(q: NDArray[np.float64]) -> NDArray[np.float64]:
            logs = -p * np.log(q) + _log_gamma_p(p, rho * q)
            largest = logs.max(axis=1)
            scaled = (np.exp(logs - largest[:, None]) * weights).sum(axis=1)
            result: NDArray[np.float64] = largest + np.log(scaled)
            return result

        up = log_integral(v + eta2[:, None] * squared)
        down = log_integral(v + squared)
        log_b: NDArray[np.float64] = up - down + 0.5 * dimension * np.log(eta2)
    return log_b


def _squared_rest(
    total: NDArray[np.float64], spurious: NDArray[np.float64], nodes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute |ζ_t − λ ζ_sp|² for each cell and each λ of its own."""
    rest = total[:, None] - nodes[:, :, None] * spurious[:, None]
    squared: NDArray[np.float64] = (rest**2).sum(axis=2)
    return squared


def _quadrature(
    total: NDArray[np.float64],
    spurious: NDArray[np.float64],
    v: NDArray[np.float64],
    p: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes λ and weights on (0, 1) for each cell.

    The integrands fall off from λ* = ζ_t·ζ_sp / |ζ_sp|², or the border next to it, at scales that
    may be far below 1 and differ by a factor √n: Gauss-Legendre nodes in t, λ = λ* + w sinh(t).
    """
    squared_spurious = (spurious**2).sum(axis=1, keepdims=True)
    peak = (total * spurious).sum(axis=1, keepdims=True) / squared_spurious
    peak = np.where(squared_spurious > 0, peak, 0.5)
    origin = peak.clip(0.0, 1.0)
    q = v + _squared_rest(total, spurious, origin)
    width = np.sqrt(q / (2 * p * squared_spurious)).clip(max=1.0)
    width = width**2 / (width + abs(peak - origin))
    low, high = np.arcsinh(-origin / width), np.arcsinh((1 - origin) / width)
    x, w = np.polynomial.legendre.leggauss(_ORDER)
    t = 0.5 * (low + high + (high - low) * x)
    return origin + width * np.sinh(t), 0.5 * (high - low) * w * width * np.cosh(t)


def _log_gamma_p(p: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the regularised lower incomplete gamma function."""
    from scipy.special import gammainc, gammaln, hyp1f1

    value = gammainc(p, x)
    p = np.broadcast_to(p, x.shape)
    small = value < _UNDERFLOW
    logs = np.log(np.where(small, 1.0, value))
    # DLMF 8.5.1 and 13.2.39: Kummer's function, all of whose terms are positive.
    ps, xs = p[small], x[small]
    logs[small] = ps * np.log(xs) - xs - gammaln(ps + 1) + np.log(hyp1f1(1.0, ps + 1, xs))
    return logs
