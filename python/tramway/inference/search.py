"""How the search for the maximum of a posterior ended, and the table of what it found."""

import logging
import time
import warnings
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.data.columns import assemble_numbers
from tramway.errors import ConvergenceWarning, DataQualityWarning
from tramway.units import DEVIATION, SPACE_COLUMNS

from .model import Model

_logger = logging.getLogger(__name__)

_UNDECIDED = 100.0  # kT: what no molecule climbs, and no data show


class Status(StrEnum):
    """How the search for a maximum ended: the attribute ``resolution`` of maps.

    Examples
    --------
    >>> maps.resolution == Status.CONVERGED
    True
    """

    CONVERGED = _core.CONVERGED
    MAX_ITERATIONS = _core.MAX_ITERATIONS
    MAX_TIME = _core.MAX_TIME
    STALLED = _core.STALLED
    INTERRUPTED = _core.INTERRUPTED


def outcome(
    mode: str,
    model: Model,
    cell_count: int,
    found: "_core._Estimate",
    started: float,
    *,
    verbose: bool,
) -> dict[str, Any]:
    """Tell how a search ended: log it if that is asked for, and warn of what it did not find.

    That is a maximum, or a potential which the data decide: without a prior, cells of few
    displacements may drive it away without end.

    Parameters
    ----------
    mode, model
        Plugin name of the model, and the model.
    cell_count
        Number of cells that hold data.
    found
        What the numeric core found.
    started
        When the search began, by :func:`time.perf_counter`.
    verbose
        Whether to log it.

    Returns
    -------
    dict
        Attributes of the maps that say so.
    """
    runtime = time.perf_counter() - started
    status, iterations = found["status"], found["iterations"]
    if verbose:
        _logger.info(
            "%s: %d cells, %d iterations, %.3g s: %s", mode, cell_count, iterations, runtime, status
        )
    if status != Status.CONVERGED:
        warnings.warn(
            f"{mode}: {status} after {iterations} iterations and {runtime:.3g} s; the maps are "
            "those of the best point so far; without weights of priors there may be no maximum: "
            "give numbers, or 'auto'",
            ConvergenceWarning,
            stacklevel=3,
        )
    undecided = np.count_nonzero(found["potential_std"] > _UNDECIDED) if model.has_potential else 0
    if undecided and status == Status.CONVERGED:
        warnings.warn(
            f"{mode}: the standard deviation of V is above {_UNDECIDED:.0f} kT in {undecided} of "
            f"{cell_count} cells: the data do not decide it there; set `potential_prior`, a number "
            "or 'auto', or take larger cells",
            DataQualityWarning,
            stacklevel=3,
        )
    return {
        "resolution": status,
        "niter": iterations,
        "objective": found["objective"],
        "log_evidence": found["log_evidence"],
        "runtime": runtime,
    }


def table_of(
    model: Model,
    cells: NDArray[np.int64],
    found: "_core._Estimate",
    diffusivity: Mapping[str, NDArray[np.float64]],
    diffusivity_std: NDArray[np.float64],
) -> pd.DataFrame:
    """Make the table of maps, one row per cell with data: values, then standard deviations.

    Parameters
    ----------
    model
        Says whether there are a potential and a vector, and what that is called.
    cells
        Those that hold data.
    found
        What the numeric core found.
    diffusivity
        Columns that say of D, µm²/s.
    diffusivity_std
        Its standard deviation, µm²/s.
    """
    values = dict(diffusivity)
    deviations = {f"diffusivity{DEVIATION}": diffusivity_std}
    if model.has_potential:
        values["potential"] = found["potential"]
        deviations[f"potential{DEVIATION}"] = found["potential_std"]
    if model.vector is not None:
        name = model.vector.name
        for k, axis in enumerate(SPACE_COLUMNS[: found["vector"].shape[1]]):
            values[f"{name} {axis}"] = found["vector"][:, k]
            deviations[f"{name}{DEVIATION} {axis}"] = found["vector_std"][:, k]
    return assemble_numbers(values | deviations, cells)
