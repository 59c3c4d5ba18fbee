"""What the models share whose cells have quantities of their own: D, and a vector or none."""

import time
from typing import Any, Literal

import pandas as pd

from tramway import _core
from tramway.tessellation import Partition, TimeSegments
from tramway.units import SPACE_COLUMNS

from .goodness_of_fit import warn_of_long_steps
from .localization_noise import is_corrected, noise_of, without_noise_drift
from .maps import Maps
from .overlap import overlap
from .search import TOLERANCE, check_limits, report
from .time_priors import effective_time_priors

PARAMETERS: dict[str, Any] = {
    "min_diffusivity": None,
    "jeffreys_prior": False,
    "max_iter": None,
    "max_runtime": None,
    "worker_count": None,
    "verbose": False,
}
"""Names of the parameters that do not smooth, each with its default."""

CHOSEN = frozenset({"noise_correction"})
"""Parameters of the models with a vector that can be ``'auto'``: the data decide."""

# What the vector of each model is called.
_VECTORS = {"d": None, "dd": "drift", "df": "force"}


def map_cellwise(
    model: Literal["d", "dd", "df"],
    partition: Partition,
    *,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    priors: dict[str, float | None],
    smoothness: int,
    min_diffusivity: float | None,
    jeffreys_prior: bool,
    noise_correction: bool | Literal["auto"],
    max_iter: int | None,
    max_runtime: float | None,
    verbose: bool,
    mode: str,
) -> Maps:
    """Map D, and the vector of the model, as the maximum of their posterior.

    Parameters
    ----------
    model
        Which one.
    priors
        Weights, by the names of the parameters: ``diffusivity_prior``, ``diffusivity_time_prior``,
        and that of the vector, ``drift_prior`` or ``force_prior``, for a model that has one.
    partition, localization_precision, exposure_time, smoothness, min_diffusivity
        Those of the model.
    jeffreys_prior, noise_correction, max_iter, max_runtime, verbose, mode
        Likewise.

    Returns
    -------
    Maps
        Its maps, with a column of standard deviations for each.
    """
    max_iter = check_limits(max_iter, max_runtime)
    vector = _VECTORS[model]
    started = time.perf_counter()
    tessellation = partition.tessellation
    in_time = {"diffusivity_time_prior": priors["diffusivity_time_prior"]}
    time_prior = effective_time_priors(partition, in_time).get("diffusivity_time_prior")
    noise = noise_of(partition, localization_precision)
    cell_index, displacements = partition.cell_index, partition.displacements
    noise_correction = is_corrected(
        noise_correction, partition, localization_precision, exposure_time
    )
    if noise_correction:
        cell_index, displacements = without_noise_drift(
            partition, localization_precision, exposure_time
        )
    found = _core.estimate_cellwise(
        model,
        tessellation.cell_centers,
        tessellation.adjacency_starts,
        tessellation.adjacency,
        tessellation.cell_volume,
        cell_index,
        displacements,
        partition.lags,
        noise.localization_precision,
        float(priors["diffusivity_prior"] or 0.0),
        float((priors[f"{vector}_prior"] if vector else None) or 0.0),
        float(min_diffusivity or 0.0),
        bool(jeffreys_prior),
        TOLERANCE,
        max_iter,
        max_runtime,
        smoothness,
        tessellation.middles if time_prior and isinstance(tessellation, TimeSegments) else None,
        float(time_prior or 0.0),
        noise.displacement_variance,
        float(exposure_time),
    )
    runtime = time.perf_counter() - started
    status, iterations = found["status"], found["iterations"]
    report(mode, len(found["cells"]), status, iterations, runtime, verbose=verbose)
    columns = {"diffusivity": found["diffusivity"]}
    deviations = {"diffusivity std": found["diffusivity_std"]}
    if vector is not None:
        for axis, name in enumerate(SPACE_COLUMNS[: tessellation.dim]):
            columns[f"{vector} {name}"] = found["vector"][:, axis].copy()
            deviations[f"{vector} std {name}"] = found["vector_std"][:, axis].copy()
    maps = Maps(
        pd.DataFrame(columns | deviations, index=found["cells"]),
        mode,
        partition=partition,
        sigma=localization_precision,
        exposure_time=exposure_time,
        **priors,
        smoothness=smoothness,
        min_diffusivity=min_diffusivity,
        jeffreys_prior=jeffreys_prior,
        noise_correction=noise_correction,
        max_iter=max_iter,
        max_runtime=max_runtime,
        resolution=status,
        niter=iterations,
        objective=found["objective"],
        log_evidence=found["log_evidence"],
        **overlap(partition),
        runtime=runtime,
    )
    warn_of_long_steps(maps, partition)
    return maps
