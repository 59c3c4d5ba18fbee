"""What the models share whose cells have quantities of their own: D, and a vector or none."""

import logging
import math
import time
import warnings
from typing import Any, Literal

import pandas as pd

from tramway import _core
from tramway.errors import ConvergenceWarning, InvalidInputError
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

from .maps import Maps

PARAMETERS: dict[str, Any] = {
    "min_diffusivity": None,
    "max_iter": None,
    "max_runtime": None,
    "worker_count": None,
    "verbose": False,
}
"""Names of the parameters that do not smooth, each with its default."""

# What the vector of each model is called.
_VECTORS = {"d": None, "dd": "drift", "df": "force"}
_TOLERANCE = 1e-8  # nats: the last step moves nothing by more than 1e-4 of its standard deviation
_MAX_ITERATIONS = 200

_logger = logging.getLogger(__name__)


def map_cellwise(
    model: Literal["d", "dd", "df"],
    partition: Partition,
    *,
    localization_precision: float,
    priors: dict[str, float | None],
    min_diffusivity: float | None,
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
        Weights, by the names of the parameters: ``diffusivity_prior``, and that of the vector,
        ``drift_prior`` or ``force_prior``, for a model that has one.
    partition, localization_precision, min_diffusivity, max_iter, max_runtime, verbose, mode
        Those of the model.

    Returns
    -------
    Maps
        Its maps, with a column of standard deviations for each.
    """
    if max_iter is None:
        max_iter = _MAX_ITERATIONS
    if max_iter < 1:
        raise InvalidInputError(f"`max_iter` is {max_iter}, expected at least 1")
    if max_runtime is not None and not (max_runtime > 0 and math.isfinite(max_runtime)):
        raise InvalidInputError(f"`max_runtime` is {max_runtime}, expected seconds > 0, or None")
    vector = _VECTORS[model]
    started = time.perf_counter()
    tessellation = partition.tessellation
    found = _core.estimate_cellwise(
        model,
        tessellation.cell_centers,
        tessellation.adjacency_starts,
        tessellation.adjacency,
        tessellation.cell_volume,
        partition.cell_index,
        partition.displacements,
        partition.lags,
        float(localization_precision),
        float(priors["diffusivity_prior"] or 0.0),
        float((priors[f"{vector}_prior"] if vector else None) or 0.0),
        float(min_diffusivity or 0.0),
        _TOLERANCE,
        max_iter,
        max_runtime,
    )
    runtime = time.perf_counter() - started
    status, iterations = found["status"], found["iterations"]
    if verbose:
        _logger.info(
            "%s: %d cells, %d iterations, %.3g s: %s",
            mode, len(found["cells"]), iterations, runtime, status,
        )  # fmt: skip
    if status != "converged":
        warnings.warn(
            f"{mode}: {status} after {iterations} iterations and {runtime:.3g} s; the maps are "
            "those of the best point so far",
            ConvergenceWarning,
            stacklevel=3,
        )
    columns = {"diffusivity": found["diffusivity"]}
    deviations = {"diffusivity std": found["diffusivity_std"]}
    if vector is not None:
        for axis, name in enumerate(SPACE_COLUMNS[: tessellation.dim]):
            columns[f"{vector} {name}"] = found["vector"][:, axis].copy()
            deviations[f"{vector} std {name}"] = found["vector_std"][:, axis].copy()
    return Maps(
        pd.DataFrame(columns | deviations, index=found["cells"]),
        mode,
        sigma=localization_precision,
        **priors,
        min_diffusivity=min_diffusivity,
        max_iter=max_iter,
        max_runtime=max_runtime,
        resolution=status,
        niter=iterations,
        objective=found["objective"],
        log_evidence=found["log_evidence"],
        runtime=runtime,
    )
