"""The maximum of the posterior of a model, for any of them: displacements and settings to maps."""

import time
from collections.abc import Mapping
from typing import Any, Literal

from tramway import _core
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, SummedPartition, TimeSegments

from .fields import maximum_of_fields
from .goodness_of_fit import warn_of_long_steps
from .localization_noise import is_corrected, warn_of_noise, without_noise_drift
from .localization_precision import Noise, noise_of
from .maps import Maps
from .model import Model
from .noise_of_sums import sums_without_noise_drift
from .overlap import overlap
from .parameters import PARAMETERS
from .search import outcome, table_of

TOLERANCE = 1e-8  # nats: the last step moves nothing by more than 1e-4 of its standard deviation
_MAX_ITERATIONS = 200


def maximum(
    partition: Partition,
    *,
    model: Model,
    mode: str,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    **parameters: Any,
) -> Maps:
    """Map what a model infers, as the maximum of its posterior.

    Parameters
    ----------
    partition
        Translocations assigned to cells.
    model
        A model that the numeric core has a likelihood of.
    mode
        Plugin name that the maps carry.
    localization_precision, exposure_time
        Those of every model.
    parameters
        Those of the model, checked.

    Returns
    -------
    Maps
        D, the potential and the vector of the model, as far as it has them, then their standard
        deviations; a row for each cell that holds a translocation. Those of Matérn fields are of
        :func:`tramway.inference.fields.maximum_of_fields`.

    Raises
    ------
    InvalidInputError
        If a parameter is out of its domain.
    InsufficientDataError
        If there are too few translocations.

    Warns
    -----
    ConvergenceWarning
        If the solver stopped early; the maps are those of its best point.
    DataQualityWarning
        If the data do not decide the potential somewhere: its standard deviation is above 100 kT.
    """
    if model.of_tracks or parameters.get("smoothness") == "matern":
        return maximum_of_fields(
            partition,
            model=model,
            mode=mode,
            localization_precision=localization_precision,
            exposure_time=exposure_time,
            **parameters,
        )
    if parameters.get("scales") is not None:
        raise InvalidInputError(
            f"`scales` is {parameters['scales']} and `smoothness` is {parameters['smoothness']}, "
            "which has weights instead: set `smoothness` to 'matern', or leave `scales` out"
        )
    started = time.perf_counter()
    effective = effective_priors(partition, parameters)
    chosen = [name for name, weight in effective.items() if weight == "auto"]
    _check_evidence_is_defined(model, parameters, chosen)
    parameters["noise_correction"] = is_corrected(
        parameters.get("noise_correction", False), partition, localization_precision, exposure_time
    )
    settings = parameters | {
        "localization_precision": localization_precision,
        "exposure_time": exposure_time,
    }
    posterior = posterior_of(partition, model, settings, effective)
    found = posterior.estimate(
        chosen,
        TOLERANCE,
        parameters["max_iter"] or _MAX_ITERATIONS,
        parameters["max_runtime"],
    )
    cells = posterior.cells
    ended = outcome(mode, model, len(cells), found, started, verbose=parameters["verbose"])
    weights = {name: found["weights"][name] for name in chosen}
    # A weight that has no effect is none.
    without = {name: None for name in _time_priors(parameters) if name not in effective}
    maps = Maps(
        table_of(
            model,
            cells,
            found,
            {"diffusivity": found["diffusivity"]},
            found["diffusivity_std"],
        ),
        mode,
        partition=partition,
        sigma=localization_precision,
        exposure_time=exposure_time,
        **{
            name: value
            for name, value in (parameters | weights | without).items()
            if name not in ("worker_count", "verbose")
        },
        **ended,
        **overlap(partition),
        evidence_curve=found["trials"] if chosen else None,
    )
    lag = posterior.median_lag
    if model.has_potential and not parameters["noise_correction"]:
        warn_of_noise(
            found["diffusivity"],
            partition,
            localization_precision,
            exposure_time,
            lag,
            posterior.counts,
        )
    warn_of_long_steps(found["long_steps"], len(cells), lag)
    return maps


def posterior_of(
    partition: Partition,
    model: Model,
    settings: Mapping[str, Any],
    priors: Mapping[str, float | Literal["auto"]],
) -> _core.Posterior:
    """Make the posterior of a model.

    Parameters
    ----------
    partition
        Translocations assigned to cells.
    model
        A model that the numeric core has a likelihood of.
    settings
        ``localization_precision``, ``exposure_time``, and the parameters of the model that are no
        weights: in short, what determines the posterior beside the data.
    priors
        Weights that have an effect, by the names of their parameters.
    """
    mesh = partition.tessellation
    precision, exposure_time = settings["localization_precision"], settings["exposure_time"]
    noise = noise_of(partition, precision)
    is_noise_corrected = bool(settings.get("noise_correction"))
    given = {name: settings.get(name) for name in model.parameters} | {
        "localization_precision": noise.localization_precision,
        "exposure_time": float(exposure_time),
        # A weight that is to be chosen may begin with any value.
        "priors": {n: 1.0 if isinstance(w, str) else float(w) for n, w in priors.items()},
        "middles": mesh.middles if isinstance(mesh, TimeSegments) else None,
    }
    return _core.Posterior(
        model.likelihood or "",
        (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume),
        _observed(partition, precision, noise, exposure_time, is_noise_corrected),
        {name: value for name, value in given.items() if value is not None},
    )


def _observed(
    partition: Partition,
    precision: float | Literal["column"],
    noise: Noise,
    exposure_time: float,
    is_noise_corrected: bool,
) -> "_core._Observed":
    """Give translocations, or the sums over them, as the numeric core takes them."""
    sigma, has_common = noise.localization_precision, noise.displacement_variance is None
    if is_noise_corrected and has_common and (sigma > 0 or exposure_time > 0):
        sums = sums_without_noise_drift(partition, sigma, exposure_time)
        return sums.starts, sums.groups
    if isinstance(partition, SummedPartition):
        return partition.sums.starts, partition.sums.groups
    cell_index, displacements = partition.cells, partition.displacements
    if is_noise_corrected:
        cell_index, displacements = without_noise_drift(partition, precision, exposure_time)
    return (
        cell_index,
        displacements,
        partition.lags,
        noise.displacement_variance,
    )


def effective_priors(
    partition: Partition, parameters: Mapping[str, Any]
) -> dict[str, float | Literal["auto"]]:
    """Weights of priors that have an effect: those above zero, those in time if there are segments.

    Parameters
    ----------
    partition
        What is to be mapped.
    parameters
        Those of a model.

    Raises
    ------
    InvalidInputError
        If there is a weight of a prior in time and there are no time segments.
    """
    given = {
        name: weight
        for name, weight in parameters.items()
        if name in PARAMETERS and PARAMETERS[name].weighs and weight
    }
    in_time = _time_priors(given)
    cells = partition.tessellation
    if in_time and not isinstance(cells, TimeSegments):
        raise InvalidInputError(
            f"`{in_time[0]}` is for time segments, but there are none: set a.time = "
            "time.SlidingWindow(duration) and tessellate again, or leave it out"
        )
    if isinstance(cells, TimeSegments) and cells.n_segments == 1:
        given = {name: weight for name, weight in given.items() if name not in in_time}
    return given


def _time_priors(parameters: Mapping[str, Any]) -> list[str]:
    return [name for name in parameters if name in PARAMETERS and PARAMETERS[name].in_time]


def _check_evidence_is_defined(
    model: Model, parameters: Mapping[str, Any], chosen: list[str]
) -> None:
    """Where the evidence is to decide something, no prior may be without a norm."""
    if not chosen:
        return
    if parameters.get("jeffreys_prior"):
        raise InvalidInputError(
            f"`{chosen[0]}` is 'auto' and `jeffreys_prior` is True, which leaves the evidence "
            "undefined: set one of them to a value"
        )
    for name, weight in parameters.items():
        parameter = PARAMETERS[name]
        if parameter.weighs and not parameter.in_time and not weight:
            raise InvalidInputError(
                f"`{chosen[0]}` is 'auto' and `{name}` is {weight}, which leaves the evidence "
                f"undefined: set `{name}` to 'auto' too, or to a weight above zero"
            )
