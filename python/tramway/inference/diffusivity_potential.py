"""The DV model: diffusivity and effective potential, with the force that follows from it."""

import logging
import math
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd

from tramway import _core
from tramway.errors import ConvergenceWarning, InvalidInputError
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

from .maps import Maps

PARAMETERS: dict[str, Any] = {
    "diffusivity_prior": None,
    "potential_prior": None,
    "min_diffusivity": None,
    "max_iter": None,
    "max_runtime": None,
    "worker_count": None,
    "verbose": False,
}
"""Names of the model's parameters, each with its default."""

_TOLERANCE = 1e-8  # nats: the last step moves nothing by more than 1e-4 of its standard deviation
_MAX_ITERATIONS = 200

_logger = logging.getLogger(__name__)


def infer_diffusivity_potential(
    partition: Partition,
    *,
    localization_precision: float,
    diffusivity_prior: float | None = None,
    potential_prior: float | None = None,
    min_diffusivity: float | None = None,
    max_iter: int | None = None,
    max_runtime: float | None = None,
    worker_count: int | None = None,
    verbose: bool = False,
    mode: str = "dv",
) -> Maps:
    r"""Map diffusivity, potential and force as the maximum of their posterior.

    In a cell, a displacement over a lag Δt is Gaussian with mean :math:`-D Δt ∇V` and variance
    :math:`2 (D Δt + σ²)` along each axis [1]_. The negative log posterior is

    .. math:: \sum_{\text{displacements}} \left[ \frac{d}{2} \ln 4π(DΔt + σ²)
        + \frac{|Δr + DΔt∇V|²}{4 (DΔt + σ²)} \right] + λ_D S(D) + λ_V S(V)

    where :math:`S(x)` sums, over the cells, area times mean squared slope of x towards the
    neighbours. Its minimum is found by Newton's method from the exact Hessian.

    Parameters
    ----------
    partition
        Translocations filed under the cells of a tessellation, in 2 or 3 dimensions.
    localization_precision
        Standard deviation σ of one localised coordinate, µm, ≥ 0.
    diffusivity_prior
        Weight :math:`λ_D` ≥ 0 of the smoothness of D, s²/µm⁴; none: 0.
    potential_prior
        Weight :math:`λ_V` ≥ 0 of the smoothness of V, kT⁻²; none: 0.
    min_diffusivity
        Lower bound on D ≥ 0, µm²/s; none: 0.
    max_iter
        Most Newton steps; none: 200 (4 to 10 are usual).
    max_runtime
        Most time in s, looked at after each step; none: no limit.
    worker_count
        Accepted and without effect: one region is a matter of milliseconds on one thread.
    verbose
        Whether to log what the solver did.
    mode
        Name that the maps carry.

    Returns
    -------
    Maps
        Features ``diffusivity`` (µm²/s), ``potential`` (kT, least value 0 in each connected set of
        cells) and ``force`` (kT/µm); a row for each cell that holds a translocation. The potential
        is NaN in a cell without neighbours, a component of the force where no neighbour lies on
        either side. Attributes: the parameters; ``resolution`` (how the solver ended), ``niter``,
        ``objective`` (the least negative log posterior), ``runtime`` (s).

    Raises
    ------
    InvalidInputError
        If a parameter is out of its domain.
    InsufficientDataError
        If no two neighbouring cells hold translocations.

    Warns
    -----
    ConvergenceWarning
        If the solver stopped early; the maps are those of its best point.

    References
    ----------
    .. [1] El Beheiry, Dahan & Masson, Nat. Methods 12, 594 (2015).
    """
    if max_iter is None:
        max_iter = _MAX_ITERATIONS
    if max_iter < 1:
        raise InvalidInputError(f"`max_iter` is {max_iter}, expected at least 1")
    if max_runtime is not None and not (max_runtime > 0 and math.isfinite(max_runtime)):
        raise InvalidInputError(f"`max_runtime` is {max_runtime}, expected seconds > 0, or None")
    started = time.perf_counter()
    tessellation = partition.tessellation
    posterior = _core.DiffusivityPotential(
        tessellation.cell_centers,
        tessellation.adjacency_starts,
        tessellation.adjacency,
        tessellation.cell_volume,
        partition.cell_index,
        partition.displacements,
        partition.lags,
        float(localization_precision),
        float(diffusivity_prior or 0.0),
        float(potential_prior or 0.0),
        float(min_diffusivity or 0.0),
    )
    diffusivity, potential, objective, status, iterations, _ = posterior.maximize(
        None, None, _TOLERANCE, max_iter, max_runtime
    )
    runtime = time.perf_counter() - started
    if verbose:
        _logger.info(
            "%s: %d cells, %d iterations, %.3g s: %s",
            mode, len(diffusivity), iterations, runtime, status,
        )  # fmt: skip
    if status != "converged":
        warnings.warn(
            f"{mode}: {status} after {iterations} iterations and {runtime:.3g} s; the maps are "
            "those of the best point so far",
            ConvergenceWarning,
            stacklevel=2,
        )
    columns = {"diffusivity": diffusivity, "potential": potential}
    for axis, force in zip(SPACE_COLUMNS, posterior.force(potential).T, strict=False):
        columns[f"force {axis}"] = np.ascontiguousarray(force)
    return Maps(
        pd.DataFrame(columns, index=posterior.cells),
        mode,
        sigma=localization_precision,
        diffusivity_prior=diffusivity_prior,
        potential_prior=potential_prior,
        min_diffusivity=min_diffusivity,
        max_iter=max_iter,
        max_runtime=max_runtime,
        resolution=status,
        niter=iterations,
        objective=objective,
        runtime=runtime,
    )
