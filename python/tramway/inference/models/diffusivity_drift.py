"""The DD model: diffusion with a drift."""

from typing import Any

from tramway.inference.maps import Maps
from tramway.inference.model import Vector, model
from tramway.inference.parameters import OF_CELLS
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition


@model(
    "dd", "standard.dd", "smooth.dd", "ddrift", "standard.ddrift", "smooth.ddrift",
    unsmoothed=("unsmooth.dd", "degraded.dd", "unsmooth.ddrift", "degraded.ddrift"),
    parameters=(
        "diffusivity_prior", "diffusivity_time_prior", "drift_prior", "smoothness", "scales",
        "noise_correction", *OF_CELLS,
    ),
    likelihood="dd",
    vector=Vector("drift", "µm/s"),
)  # fmt: skip
def infer_diffusivity_drift(partition: Partition, **given: Any) -> Maps:
    r"""Map diffusivity and drift as the maximum of their posterior.

    In a cell, a displacement over a lag Δt is Gaussian with mean :math:`vΔt` and variance
    :math:`2 (D Δt + σ²)` along each axis. The negative log posterior is

    .. math:: \sum_{\text{displacements}} \left[ \frac{d}{2} \ln 4π(DΔt + σ²)
        + \frac{|Δr - vΔt|²}{4 (DΔt + σ²)} \right] + λ_D S(D) + λ_v \sum_{\text{cells}} a |v|²

    where :math:`S(D)` sums, over the cells, area times mean squared slope of D towards the
    neighbours, and a is a cell's area (or volume). Without priors and with one lag,
    :math:`v = ⟨Δr⟩/Δt` and :math:`D = ⟨|Δr - vΔt|²⟩ / 2dΔt - σ²/Δt`.

    {parameters}

    Returns
    -------
    Maps
        Features ``diffusivity`` (µm²/s), ``drift`` (µm/s), and their posterior standard deviations
        ``diffusivity std`` and ``drift std``; a row for each cell that holds a translocation,
        neighbours or not. A single translocation without σ is all drift: D is then zero, and the
        standard deviations are NaN.
        {attributes}

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

    Examples
    --------
    >>> found = infer_diffusivity_drift(
    ...     partition, localization_precision=0.01, diffusivity_prior=20, drift_prior=1
    ... )
    >>> found.features
    ['diffusivity', 'drift', 'diffusivity std', 'drift std']
    """
    return maximum(partition, **given)
