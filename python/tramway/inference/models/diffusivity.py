"""The D model: free diffusion."""

from typing import Any

from tramway.inference.maps import Maps
from tramway.inference.model import model
from tramway.inference.parameters import OF_CELLS
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition

PARAMETERS = ("diffusivity_prior", "diffusivity_time_prior", "smoothness", "scales", *OF_CELLS)


@model(
    "d", "standard.d", "smooth.d", "regularized.d",
    unsmoothed=("unsmooth.d", "degraded.d"),
    parameters=PARAMETERS,
    likelihood="d",
)  # fmt: skip
def infer_diffusivity(partition: Partition, **given: Any) -> Maps:
    r"""Map diffusivity as the maximum of its posterior.

    In a cell, a displacement over a lag Δt is Gaussian with mean 0 and variance
    :math:`2 (D Δt + σ²)` along each axis. The negative log posterior is

    .. math:: \sum_{\text{displacements}} \left[ \frac{d}{2} \ln 4π(DΔt + σ²)
        + \frac{|Δr|²}{4 (DΔt + σ²)} \right] + λ_D S(D)

    where :math:`S(D)` sums, over the cells, area times mean squared slope of D towards the
    neighbours. Without a prior and with one lag, :math:`D = ⟨|Δr|²⟩ / 2dΔt - σ²/Δt`.

    {parameters}

    Returns
    -------
    Maps
        Features ``diffusivity`` and ``diffusivity std``, its posterior standard deviation (µm²/s;
        for a cell on the bound, the root mean square distance from it); a row for each cell that
        holds a translocation, neighbours or not. The standard deviation is NaN where nothing moves
        and σ is 0, since the likelihood has no maximum there.
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
    >>> found = infer_diffusivity(
    ...     partition, localization_precision=0.01, diffusivity_prior=20
    ... )
    >>> found.features
    ['diffusivity', 'diffusivity std']
    """
    return maximum(partition, **given)
