"""The DF model: diffusion under a force."""

from typing import Any

from tramway.inference.maps import Maps
from tramway.inference.model import Vector, model
from tramway.inference.parameters import OF_CELLS
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition


@model(
    "df", "standard.df", "smooth.df",
    unsmoothed=("unsmooth.df", "degraded.df"),
    parameters=(
        "diffusivity_prior", "diffusivity_time_prior", "force_prior", "smoothness", "scales",
        "noise_correction", *OF_CELLS,
    ),
    likelihood="df",
    vector=Vector("force", "kT/µm"),
)  # fmt: skip
def infer_diffusivity_force(partition: Partition, **given: Any) -> Maps:
    r"""Map diffusivity and force as the maximum of their posterior.

    In a cell, a displacement over a lag Δt is Gaussian with mean :math:`D F Δt` and variance
    :math:`2 (D Δt + σ²)` along each axis, for a force F in units of kT [1]_. The negative log
    posterior is

    .. math:: \sum_{\text{displacements}} \left[ \frac{d}{2} \ln 4π(DΔt + σ²)
        + \frac{|Δr - DFΔt|²}{4 (DΔt + σ²)} \right] + λ_D S(D) + λ_F \sum_{\text{cells}} a |F|²

    where :math:`S(D)` sums, over the cells, area times mean squared slope of D towards the
    neighbours, and a is a cell's area (or volume). Without a prior on the force, the maps are those
    of the DD model with :math:`F = v/D`.

    {parameters}

    Returns
    -------
    Maps
        Features ``diffusivity`` (µm²/s), ``force`` (kT/µm), and their posterior standard deviations
        ``diffusivity std`` and ``force std``; a row for each cell that holds a translocation,
        neighbours or not. Without a prior on it, the force is NaN where D is zero (in a cell of a
        single translocation, for one): the less diffusion there is, the larger the force that
        explains a drift.
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

    References
    ----------
    .. [1] El Beheiry, Dahan & Masson, Nat. Methods 12, 594 (2015).

    Examples
    --------
    >>> found = infer_diffusivity_force(
    ...     partition, localization_precision=0.01, diffusivity_prior=20, force_prior=1
    ... )
    >>> found.features
    ['diffusivity', 'force', 'diffusivity std', 'force std']
    """
    return maximum(partition, **given)
