"""The D model: free diffusion."""

from typing import Any, Literal

from tramway.tessellation import Partition

from . import cellwise
from .maps import Maps

PARAMETERS: dict[str, Any] = {
    "diffusivity_prior": None,
    "diffusivity_time_prior": None,
    "smoothness": 1,
    **cellwise.PARAMETERS,
}
"""Names of the model's parameters, each with its default."""


def infer_diffusivity(
    partition: Partition,
    *,
    localization_precision: float | Literal["column"],
    exposure_time: float = 0.0,
    diffusivity_prior: float | None = None,
    diffusivity_time_prior: float | None = None,
    smoothness: Literal[1, 2] = 1,
    min_diffusivity: float | None = None,
    jeffreys_prior: bool = False,
    max_iter: int | None = None,
    max_runtime: float | None = None,
    worker_count: int | None = None,
    verbose: bool = False,
    mode: str = "d",
) -> Maps:
    r"""Map diffusivity as the maximum of its posterior.

    In a cell, a displacement over a lag Δt is Gaussian with mean 0 and variance
    :math:`2 (D Δt + σ²)` along each axis. The negative log posterior is

    .. math:: \sum_{\text{displacements}} \left[ \frac{d}{2} \ln 4π(DΔt + σ²)
        + \frac{|Δr|²}{4 (DΔt + σ²)} \right] + λ_D S(D)

    where :math:`S(D)` sums, over the cells, area times mean squared slope of D towards the
    neighbours. Without a prior and with one lag, :math:`D = ⟨|Δr|²⟩ / 2dΔt - σ²/Δt`.

    Parameters
    ----------
    partition
        Translocations filed under the cells of a tessellation, in d = 2 or 3 dimensions.
    localization_precision
        Standard deviation σ of one localised coordinate, µm, ≥ 0; ``'column'``: each localization
        has its own, and σ² is the mean of those of the two ends.
    exposure_time
        Time that a localization averages over, s, at most the shortest lag; a third of it is not
        seen in the variance (Berglund, Phys. Rev. E 82, 011917, 2010).
    diffusivity_prior
        Weight :math:`λ_D` ≥ 0 of the smoothness of D, s²/µm⁴; none: 0.
    diffusivity_time_prior
        Weight ≥ 0 of the rate at which D changes, s⁴/µm⁶ in 2-D, in time segments; none: 0. See
        :func:`infer_diffusivity_potential`.
    smoothness
        What S penalises: slopes (1), or their change (2), as in the DV model.
    min_diffusivity
        Lower bound on D ≥ 0, µm²/s; none: 0.
    jeffreys_prior
        Whether each cell has Jeffreys' prior on D; it leaves the evidence undefined.
    max_iter
        Most Newton steps; none: 200 (1 to 10 are usual).
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
        Features ``diffusivity`` and ``diffusivity std``, its posterior standard deviation (µm²/s;
        for a cell on the bound, the root mean square distance from it); a row for each cell that
        holds a translocation, neighbours or not. The standard deviation is NaN where nothing moves
        and σ is 0, since the likelihood has no maximum there. Attributes: the parameters;
        ``resolution`` (how the solver ended), ``niter``, ``objective`` (the least negative log
        posterior), ``log_evidence`` (by Laplace's method, as a density with respect to the mean D
        of each connected set of cells; NaN without a prior), ``runtime`` (s).

    Raises
    ------
    InvalidInputError
        If a parameter is out of its domain.
    InsufficientDataError
        If no cell holds a translocation.

    Warns
    -----
    ConvergenceWarning
        If the solver stopped early; the maps are those of its best point.
    """
    return cellwise.map_cellwise(
        "d",
        partition,
        localization_precision=localization_precision,
        exposure_time=exposure_time,
        priors={
            "diffusivity_prior": diffusivity_prior,
            "diffusivity_time_prior": diffusivity_time_prior,
        },
        smoothness=smoothness,
        min_diffusivity=min_diffusivity,
        jeffreys_prior=jeffreys_prior,
        noise_correction=False,
        max_iter=max_iter,
        max_runtime=max_runtime,
        verbose=verbose,
        mode=mode,
    )
