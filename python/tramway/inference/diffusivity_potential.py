"""The DV model: diffusivity and effective potential, with the force that follows from it."""

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.tessellation import Partition, TimeSegments
from tramway.units import SPACE_COLUMNS

from .goodness_of_fit import warn_of_long_steps
from .localization_noise import (
    is_corrected,
    is_noise_of_localizations,
    noise_of,
    without_noise_drift,
)
from .maps import Maps
from .overlap import overlap
from .search import TOLERANCE, check_limits, report
from .time_priors import effective_time_priors

PARAMETERS: dict[str, Any] = {
    "diffusivity_prior": None,
    "potential_prior": None,
    "diffusivity_time_prior": None,
    "potential_time_prior": None,
    "min_diffusivity": None,
    "smoothness": 1,
    "jeffreys_prior": False,
    "noise_correction": False,
    "max_iter": None,
    "max_runtime": None,
    "worker_count": None,
    "verbose": False,
}
"""Names of the model's parameters, each with its default."""

_TIME_PRIORS = ("diffusivity_time_prior", "potential_time_prior")

CHOSEN = frozenset({"diffusivity_prior", "potential_prior", *_TIME_PRIORS, "noise_correction"})
"""Those that can be ``'auto'``: the data decide."""

# What the posterior is fixed by, beside the data; the names are those of the maps' attributes.
_FIXED_BY = (
    "sigma", "exposure_time", "diffusivity_prior", "potential_prior", "min_diffusivity",
    "smoothness", "noise_correction", "jeffreys_prior",
)  # fmt: skip

_MUCH_NOISE = 0.1
"""Ratio of σ² to D Δt above which the drift that noise feigns is worth a warning."""


def infer_diffusivity_potential(
    partition: Partition,
    *,
    localization_precision: float | Literal["column"],
    exposure_time: float = 0.0,
    diffusivity_prior: float | Literal["auto"] | None = None,
    potential_prior: float | Literal["auto"] | None = None,
    diffusivity_time_prior: float | Literal["auto"] | None = None,
    potential_time_prior: float | Literal["auto"] | None = None,
    min_diffusivity: float | None = None,
    smoothness: Literal[1, 2] = 1,
    jeffreys_prior: bool = False,
    noise_correction: bool | Literal["auto"] = False,
    max_iter: int | None = None,
    max_runtime: float | None = None,
    worker_count: int | None = None,
    verbose: bool = False,
    mode: str = "dv",
) -> Maps:
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
    data. The minimum is found by Newton's method from the exact Hessian.

    Parameters
    ----------
    partition
        Translocations filed under the cells of a tessellation, in 2 or 3 dimensions.
    localization_precision
        Standard deviation σ of one localised coordinate, µm, ≥ 0; ``'column'``: each localization
        has its own, and σ² is the mean of those of the two ends.
    exposure_time
        Time that a localization averages over, s, at most the shortest lag.
    diffusivity_prior
        Weight :math:`λ_D` ≥ 0 of the smoothness of D, s²/µm⁴; none: 0; ``'auto'``: the weight
        that maximises the evidence [2]_. If one weight is chosen so, the other must not be zero.
    potential_prior
        Weight :math:`λ_V` ≥ 0 of the smoothness of V, kT⁻²; likewise.
    diffusivity_time_prior
        Weight :math:`λ_D'` ≥ 0 of the rate at which D changes, s⁴/µm⁶ in 2-D; none: 0; ``'auto'``
        as above. Without effect where there is a single segment.
    potential_time_prior
        Weight :math:`λ_V'` ≥ 0 of the rate at which V changes, s²/µm² kT⁻² in 2-D; likewise. The
        potentials of all segments then have one constant in common.
    min_diffusivity
        Lower bound on D ≥ 0, µm²/s; none: 0.
    smoothness
        What S penalises: slopes (1), or their change (2; weights are then µm² times those above).
    jeffreys_prior
        Whether each cell has Jeffreys' prior on D and the force; it leaves the evidence undefined.
    noise_correction
        Whether to keep out the drift that localization noise feigns
        (:func:`tramway.inference.without_noise_drift`), which grows no smaller with more data;
        ``'auto'``: unless the tracks show that displacements do not share noise
        (:func:`tramway.inference.is_noise_of_localizations`).
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
        either side. Each has its posterior standard deviation, ``diffusivity std``, ``potential
        std`` (of V less its mean over the connected set of cells), ``force std``, from the
        curvature at the optimum; NaN where that is not positive definite. Attributes: the
        parameters, with the weights that were chosen; ``resolution`` (how the solver ended),
        ``niter``, ``objective`` (the least negative log posterior), ``log_evidence`` (Laplace's
        approximation; NaN without proper priors), ``evidence_curve`` (where a weight was chosen,
        one row per trial: the weights, in the order above and without time priors of 0, and the
        log evidence), ``runtime`` (s).

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
    .. [2] MacKay, Neural Comput. 4, 415 (1992).
    .. [3] Berglund, Phys. Rev. E 82, 011917 (2010).
    """
    max_iter = check_limits(max_iter, max_runtime)
    time_priors = effective_time_priors(
        partition,
        dict(zip(_TIME_PRIORS, (diffusivity_time_prior, potential_time_prior), strict=True)),
    )
    weights = (diffusivity_prior, potential_prior, *time_priors.values())
    choose = tuple(isinstance(weight, str) for weight in weights)
    _check_evidence_is_defined(diffusivity_prior, potential_prior, jeffreys_prior)
    started = time.perf_counter()
    noise_correction = is_corrected(
        noise_correction, partition, localization_precision, exposure_time
    )
    posterior = _posterior(
        partition,
        time_priors,
        localization_precision,
        exposure_time,
        None if isinstance(diffusivity_prior, str) else diffusivity_prior,
        None if isinstance(potential_prior, str) else potential_prior,
        min_diffusivity,
        smoothness,
        noise_correction,
        jeffreys_prior,
    )
    fit = _fit(posterior, choose, max_iter, max_runtime)
    if any(choose):
        diffusivity_prior, potential_prior, *in_time = fit.evidence_curve[-1, :-1].tolist()
        time_priors = dict(zip(time_priors, in_time, strict=True))
    runtime = time.perf_counter() - started
    n_cells = len(fit.diffusivity)
    report(mode, n_cells, fit.status, fit.iterations, runtime, verbose=verbose)
    table = _table(fit)
    if not noise_correction:
        _warn_of_noise(partition, table["diffusivity"], localization_precision, exposure_time)
    maps = Maps(
        table,
        mode,
        partition=partition,
        sigma=localization_precision,
        exposure_time=exposure_time,
        diffusivity_prior=diffusivity_prior,
        potential_prior=potential_prior,
        **dict.fromkeys(_TIME_PRIORS) | time_priors,
        min_diffusivity=min_diffusivity,
        smoothness=smoothness,
        jeffreys_prior=jeffreys_prior,
        noise_correction=noise_correction,
        max_iter=max_iter,
        max_runtime=max_runtime,
        resolution=fit.status,
        niter=fit.iterations,
        objective=fit.objective,
        log_evidence=fit.log_evidence,
        **overlap(partition),
        evidence_curve=fit.evidence_curve if any(choose) else None,
        runtime=runtime,
    )
    warn_of_long_steps(maps, partition)
    return maps


@dataclass(frozen=True)
class _Fit:
    """The maximum of a posterior, and its width."""

    posterior: _core.DiffusivityPotential
    evidence_curve: NDArray[np.float64]
    diffusivity: NDArray[np.float64]
    potential: NDArray[np.float64]
    objective: float
    status: str
    iterations: int
    log_evidence: float
    deviations: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None


def _fit(
    posterior: _core.DiffusivityPotential,
    choose: tuple[bool, ...],
    max_iter: int,
    max_runtime: float | None,
) -> _Fit:
    curve = np.empty((0, 3))
    if any(choose):
        maximum, curve = posterior.choose_priors(choose, TOLERANCE, max_iter, max_runtime)
    else:
        maximum = posterior.maximize(None, None, TOLERANCE, max_iter, max_runtime)
    diffusivity, potential, objective, status, iterations, _ = maximum
    uncertainty = posterior.uncertainty(diffusivity, potential)
    log_evidence = math.nan if uncertainty is None else uncertainty[0]
    deviations = None if uncertainty is None else uncertainty[1:]
    return _Fit(
        posterior, curve, diffusivity, potential, objective, status, iterations,
        log_evidence, deviations,
    )  # fmt: skip


def _warn_of_noise(
    partition: Partition,
    diffusivity: "pd.Series[float]",
    localization_precision: float | Literal["column"],
    exposure_time: float,
) -> None:
    """Say so where localization noise feigns forces and is not corrected for."""
    counts = partition.location_count[diffusivity.index]
    step = float(np.average(diffusivity, weights=counts) * np.median(partition.lags))
    variance = float(noise_of(partition, localization_precision).origin_variance.mean())
    if variance > _MUCH_NOISE * step and is_noise_of_localizations(
        partition, localization_precision, exposure_time
    ):
        ratio = variance / step if step > 0 else math.inf
        warnings.warn(
            f"localization noise is large (σ² is {ratio:.2g} D Δt): it feigns forces "
            "towards where molecules are dense; set noise_correction to True or 'auto'",
            DataQualityWarning,
            stacklevel=3,
        )


def _check_evidence_is_defined(
    diffusivity_prior: float | str | None,
    potential_prior: float | str | None,
    jeffreys_prior: bool,
) -> None:
    """Where the evidence is to decide something, no prior may be without a norm."""
    priors = {"diffusivity_prior": diffusivity_prior, "potential_prior": potential_prior}
    for name, prior in priors.items():
        if isinstance(prior, str) and prior != "auto":
            raise InvalidInputError(f"`{name}` is {prior!r}, expected a number ≥ 0, None or 'auto'")
    chosen = [name for name, value in priors.items() if value == "auto"]
    if chosen and jeffreys_prior:
        raise InvalidInputError(
            f"`{chosen[0]}` is 'auto' and `jeffreys_prior` is True, which leaves the evidence "
            "undefined: set one of them to a value"
        )
    for name, prior in priors.items():
        if chosen and not prior:
            raise InvalidInputError(
                f"`{chosen[0]}` is 'auto' and `{name}` is {prior}, which leaves the evidence "
                f"undefined: set `{name}` to 'auto' too, or to a weight above zero"
            )


def _posterior(
    partition: Partition,
    time_priors: Mapping[str, Any],
    localization_precision: float | Literal["column"],
    exposure_time: float,
    diffusivity_prior: float | None,
    potential_prior: float | None,
    min_diffusivity: float | None,
    smoothness: int,
    noise_correction: bool,
    jeffreys_prior: bool,
) -> _core.DiffusivityPotential:
    tessellation = partition.tessellation
    noise = noise_of(partition, localization_precision)
    cell_index, displacements = partition.cell_index, partition.displacements
    if noise_correction:
        cell_index, displacements = without_noise_drift(
            partition, localization_precision, exposure_time
        )
    posterior = _core.DiffusivityPotential(
        tessellation.cell_centers,
        tessellation.adjacency_starts,
        tessellation.adjacency,
        tessellation.cell_volume,
        cell_index,
        displacements,
        partition.lags,
        noise.localization_precision,
        float(diffusivity_prior or 0.0),
        float(potential_prior or 0.0),
        float(min_diffusivity or 0.0),
        smoothness,
        noise.displacement_variance,
        float(exposure_time),
    )
    in_time = [time_priors.get(name) for name in _TIME_PRIORS]
    if any(in_time) and isinstance(tessellation, TimeSegments):
        posterior.add_time_priors(
            tessellation.middles,
            tessellation.cell_volume,
            # A weight that is to be chosen may begin with any value.
            *(1.0 if isinstance(weight, str) else weight for weight in in_time),
        )
    if jeffreys_prior:
        posterior.add_jeffreys_prior()
    return posterior


def _table(fit: _Fit) -> pd.DataFrame:
    """One row per cell with data; standard deviations after what they belong to."""
    force = fit.posterior.force(fit.potential)
    if fit.deviations is None:
        nothing = np.full(len(force), np.nan)
        deviations = nothing, nothing, np.full(force.shape, np.nan)
    else:
        deviations = fit.deviations
    axes = SPACE_COLUMNS[: force.shape[1]]
    columns = {"diffusivity": fit.diffusivity, "potential": fit.potential}
    columns |= {f"force {axis}": force[:, k].copy() for k, axis in enumerate(axes)}
    columns |= {"diffusivity std": deviations[0], "potential std": deviations[1]}
    columns |= {f"force std {axis}": deviations[2][:, k].copy() for k, axis in enumerate(axes)}
    return pd.DataFrame(columns, index=fit.posterior.cells)


def contrast(
    maps: Maps, partition: Partition, cells: Sequence[int], baseline: Sequence[int]
) -> tuple[float, float]:
    """Difference of potential between two sets of cells, with its standard deviation.

    The standard deviations of V by cell are strongly correlated; this is what the depth of a well
    needs. V is known up to a constant, in each connected set of cells: both sets must lie in one.

    Parameters
    ----------
    maps
        Maps of the DV model.
    partition
        What they were inferred from.
    cells, baseline
        Numbers of cells; the means of V over both are compared. A cell that is given k times counts
        k-fold.

    Returns
    -------
    value, std : float
        ``mean V(cells) - mean V(baseline)`` and its posterior standard deviation, kT; NaN if the
        curvature is not positive definite.

    Raises
    ------
    InvalidInputError
        If the maps are not those of the DV model on this partition, a set is empty, or a cell has
        no potential in the maps.
    """
    check_has_potential(maps)
    index = maps.maps.index
    weights = np.zeros(len(index))
    for name, chosen, sign in (("cells", cells, 1.0), ("baseline", baseline, -1.0)):
        rows = index.get_indexer(pd.Index(list(chosen)))
        if len(rows) == 0 or (rows < 0).any() or maps.maps["potential"].iloc[rows].isna().any():
            raise InvalidInputError(
                f"`{name}` is {list(chosen)}, expected numbers of cells with a potential, those of "
                "maps.maps.index"
            )
        np.add.at(weights, rows, sign / len(rows))
    values, deviations = contrasts(maps, partition, weights[None])
    return float(values[0]), float(deviations[0])


def check_has_potential(maps: Maps) -> None:
    """Refuse maps that are not of the DV model."""
    if "potential" not in maps or "sigma" not in maps.attributes:
        raise InvalidInputError(
            f"`maps` are those of '{maps.mode}' ({', '.join(maps.features)}), expected maps of the "
            "DV model, which have a potential"
        )


def contrasts(
    maps: Maps, partition: Partition, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sums of the potential, with their standard deviations, from one factorisation.

    Parameters
    ----------
    maps
        Maps of the DV model.
    partition
        What they were inferred from.
    weights
        Array (k, number of rows of `maps`); each row sums to zero in each connected set of cells,
        and is zero where there is no potential.

    Returns
    -------
    values, deviations : array (k,)
        kT; the standard deviations are NaN if the curvature is not positive definite.

    Raises
    ------
    InvalidInputError
        If the maps are not those of this partition.
    """
    given = {"exposure_time": 0.0} | maps.attributes
    time_priors = {name: maps.attributes[name] for name in _TIME_PRIORS if name in maps.attributes}
    posterior = _posterior(
        partition,
        time_priors,
        *(given.get(name) for name in _FIXED_BY),  # type: ignore[arg-type]
    )
    if not np.array_equal(posterior.cells, maps.maps.index):
        raise InvalidInputError(
            f"`maps` have {len(maps)} cells and `partition` has {len(posterior.cells)} with data, "
            "not the same: give the partition that the maps were inferred from"
        )
    diffusivity = maps.maps["diffusivity"].to_numpy(copy=True)
    potential = maps.maps["potential"].fillna(0.0).to_numpy(copy=True)
    deviations = posterior.contrast_deviations(diffusivity, potential, weights)
    if deviations is None:
        deviations = np.full(len(weights), np.nan)
    return weights @ potential, deviations
