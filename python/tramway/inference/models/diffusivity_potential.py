"""The DV model: diffusivity and effective potential, with the force that follows from it."""

from typing import Any

from tramway.inference.maps import Maps
from tramway.inference.model import Vector, model
from tramway.inference.parameters import OF_CELLS
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition


@model(
    "dv", "stochastic.dv", "stochastic.dv1", "semi.stochastic.dv",
    parameters=(
        "diffusivity_prior", "potential_prior", "diffusivity_time_prior", "potential_time_prior",
        "smoothness", "scales", "noise_correction", *OF_CELLS,
    ),
    likelihood="dv",
    vector=Vector("force", "kT/µm"),
    has_potential=True,
)  # fmt: skip
def infer_diffusivity_potential(partition: Partition, **given: Any) -> Maps:
    r"""Map diffusivity, potential and force as the maximum of their posterior.

    In a cell, a displacement over a lag Δt is Gaussian with mean :math:`-D Δt ∇V` and variance
    :math:`2 (D Δt + σ²)` along each axis [1]_; where localizations average over an exposure
    :math:`t_E`, :math:`Δt - t_E/3` takes the place of Δt in the variance [3]_. The negative log
    posterior is

    .. math:: \sum_{\text{displacements}} \left[ \frac{d}{2} \ln 4π(DΔt + σ²)
        + \frac{|Δr + DΔt∇V|²}{4 (DΔt + σ²)} \right] + λ_D S(D) + λ_V S(V)

    where :math:`S(x)` sums, over the cells, area times mean squared slope of x towards the
    neighbours; or, at second order, times mean squared curvature. In time segments, the terms
    :math:`λ_D' T(D) + λ_V' T(V)` can couple cells of different segments, which are no neighbours:
    :math:`T(x)` sums, over the cells of all segments, area times mean squared rate of change
    towards the same cell in the last segment before, and in the first one after, in which it holds
    data. The minimum is found by Newton's method from the exact Hessian. Weights that are to be
    chosen are those that maximise the evidence [2]_.

    {parameters}

    Returns
    -------
    Maps
        Features ``diffusivity`` (µm²/s), ``potential`` (kT, least value 0 in each connected set of
        cells) and ``force`` (kT/µm); a row for each cell that holds a translocation. The potential
        is NaN in a cell without neighbours, a component of the force where no neighbour lies on
        either side. Each has its posterior standard deviation, ``diffusivity std``, ``potential
        std`` (of V less its mean over the connected set of cells), ``force std``, from the
        curvature at the optimum; NaN where that is not positive definite.
        {attributes}

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
    DataQualityWarning
        If the data do not decide the potential somewhere: its standard deviation is above 100 kT.

    References
    ----------
    .. [1] El Beheiry, Dahan & Masson, Nat. Methods 12, 594 (2015).
    .. [2] MacKay, Neural Comput. 4, 415 (1992).
    .. [3] Berglund, Phys. Rev. E 82, 011917 (2010).

    Examples
    --------
    >>> found = infer_diffusivity_potential(
    ...     partition, localization_precision=0.01, diffusivity_prior=20, potential_prior="auto"
    ... )
    >>> found.features
    ['diffusivity', 'potential', 'force', 'diffusivity std', 'potential std', 'force std']
    """
    return maximum(partition, **given)
