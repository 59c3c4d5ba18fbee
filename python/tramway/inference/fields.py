"""The maximum of the posterior of maps that are Matérn fields, of displacements or tracks."""

import time
import warnings
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway import _core
from tramway.data.translocations import follows
from tramway.errors import EquilibriumWarning, InvalidInputError
from tramway.tessellation import Partition, TimeSegments

from .goodness_of_fit import count_long_steps, warn_of_long_steps
from .localization_noise import (
    is_assigned_once,
    is_corrected,
    warn_of_noise,
    without_noise_drift,
)
from .localization_precision import noise_of
from .maps import Maps
from .model import Model
from .overlap import overlap
from .parameters import PARAMETERS
from .search import outcome, table_of

MAX_ITERATIONS = 50
"""Most evaluations of the likelihood where no other number is set."""

_STRONG_EVIDENCE = 3.0
"""Logarithm of a Bayes factor: strong (Kass & Raftery, J. Am. Stat. Assoc. 90, 773, 1995)."""

_NORMAL = 1.959963984540054  # standard deviations on either side that hold 95 %

_Localizations: TypeAlias = tuple[
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
]


def maximum_of_fields(
    partition: Partition,
    *,
    model: Model,
    mode: str,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    **parameters: Any,
) -> Maps:
    """Map what a model infers, as the maximum of its posterior, with Matérn fields as priors.

    Parameters
    ----------
    partition
        Translocations assigned to cells; for a model of tracks each to one cell, and those that
        follow each other are one track, with what its trajectories have outside of the cells.
    model, mode, localization_precision, exposure_time, parameters
        As for :func:`tramway.inference.posterior.maximum`.

    Returns
    -------
    Maps
        D, its 95 % interval, the potential and the vector of the model, as far as it has them, with
        standard deviations; a row for each cell that holds a translocation.

    Raises
    ------
    InvalidInputError
        If a parameter is out of its domain or has no meaning beside Matérn fields, there are time
        segments, or, for tracks, translocations are in several cells.
    InsufficientDataError
        If there are too few translocations.

    Warns
    -----
    ConvergenceWarning
        If the search stopped early; the maps are those of its best point.
    EquilibriumWarning
        What was decided of equilibrium, where that was left to the data.
    """
    _check_no_weights(parameters)
    if not model.of_tracks:
        _check_in_space(partition)
    started = time.perf_counter()
    settings = parameters | {
        "localization_precision": localization_precision,
        "exposure_time": exposure_time,
    }
    if not model.of_tracks:
        settings["noise_correction"] = parameters["noise_correction"] = is_corrected(
            parameters.get("noise_correction", False),
            partition,
            localization_precision,
            exposure_time,
        )
    most = parameters["max_iter"] or MAX_ITERATIONS, parameters["max_runtime"]
    seen = partition.with_whole_tracks() if model.of_tracks else partition

    def fit(*, equilibrium: bool) -> tuple[_core.FieldPosterior, "_core._FieldEstimate"]:
        posterior = posterior_of_fields(seen, model, settings | {"equilibrium": equilibrium})
        return posterior, posterior.estimate(*most)

    assumed, gain = parameters.get("equilibrium", False), None
    if assumed == "auto":
        of_steps, of_all = fit(equilibrium=False), fit(equilibrium=True)
        gain = _gain_of_equilibrium(of_steps[1], of_all[1])
        assumed = gain > _STRONG_EVIDENCE
        posterior, found = of_all if assumed else of_steps
        _tell_of_equilibrium(mode, gain, assumed=assumed)
    else:
        posterior, found = fit(equilibrium=assumed)
    cells = posterior.cells
    ended = outcome(mode, model, len(cells), found, started, verbose=parameters["verbose"])
    d, log_std = found["diffusivity"], found["log_diffusivity_std"]
    if not model.of_tracks:
        # As a density with respect to the mean of D: that of other priors of displacements.
        ended["log_evidence"] -= float(np.mean(np.log(d)))
    width = np.exp(log_std**2)
    without = ("worker_count", "verbose", "scales", "equilibrium")
    maps = Maps(
        table_of(
            model,
            cells,
            found,
            {
                "diffusivity": d,
                "diffusivity low": d * np.exp(-_NORMAL * log_std),
                "diffusivity high": d * np.exp(_NORMAL * log_std),
            },
            d * np.sqrt(width * (width - 1)),  # of a log-normal distribution whose median is D
        ),
        mode,
        partition=partition,
        sigma=localization_precision,
        exposure_time=exposure_time,
        **{name: value for name, value in parameters.items() if name not in without},
        **({"equilibrium": assumed} if "equilibrium" in parameters else {}),
        **({} if gain is None else {"log_evidence_of_equilibrium": gain}),
        **(
            {"translocations_outside": len(seen.points) - len(partition.points)}
            if model.of_tracks
            else {}
        ),
        **ended,
        **overlap(partition),
        scales=np.array(found["scales"]),
        scales_are_given=parameters["scales"] is not None,
    )
    lag = partition.median_lag
    if model.has_potential and not model.of_tracks and not parameters["noise_correction"]:
        counts = partition.location_count[cells]
        warn_of_noise(d, partition, localization_precision, exposure_time, lag, counts)
    warn_of_long_steps(count_long_steps(maps, partition, lag), len(cells), lag)
    return maps


def _check_no_weights(parameters: Mapping[str, Any]) -> None:
    """Refuse what belongs to other priors."""
    for name in ("min_diffusivity", "jeffreys_prior"):
        if parameters.get(name):
            raise InvalidInputError(
                f"`{name}` is {parameters[name]!r} and `smoothness` is 'matern', which bounds D by "
                f"itself: leave `{name}` out"
            )
    for name, value in parameters.items():
        if PARAMETERS[name].weighs and value is not None:
            raise InvalidInputError(
                f"`{name}` is {value!r}, but a Matérn field has an amplitude and a range instead "
                "of a weight: set `scales`, or leave both out"
            )


def _check_in_space(partition: Partition) -> None:
    if isinstance(partition.tessellation, TimeSegments):
        raise InvalidInputError(
            "Matérn fields are for cells of space, not for time segments: set `smoothness` to 1 or "
            "2, and take a model of displacements, 'dv' for instance"
        )


def _gain_of_equilibrium(of_steps: "_core._FieldEstimate", of_all: "_core._FieldEstimate") -> float:
    """Logarithm of the Bayes factor of equilibrium, against starts of any other density."""
    without = of_steps["log_evidence"] + of_all["log_evidence_of_starts"]
    gain = of_all["log_evidence"] - without
    return float(gain) if np.isfinite(gain) else -np.inf


def _tell_of_equilibrium(mode: str, gain: float, *, assumed: bool) -> None:
    decision = "begin as in equilibrium in V, which is used"
    if not assumed:
        decision = "do not begin as in equilibrium in V, or too few tell: it is not assumed"
    warnings.warn(
        f"{mode}: tracks {decision} (logarithm of the Bayes factor {gain:.3g}); set `equilibrium` "
        "to True or False to decide yourself",
        EquilibriumWarning,
        stacklevel=4,
    )


def posterior_of_fields(
    partition: Partition, model: Model, settings: Mapping[str, Any]
) -> _core.FieldPosterior:
    """Make the posterior of a model whose maps are Matérn fields.

    Parameters
    ----------
    partition
        Translocations assigned to cells; those that follow each other are one track.
    model
        A model that the numeric core has a likelihood of.
    settings
        ``localization_precision``, ``exposure_time``; ``scales`` where they are given; for tracks
        whether ``equilibrium`` holds, for displacements whether there is a ``noise_correction``.

    Raises
    ------
    InvalidInputError
        If translocations are in several cells, for tracks, or `scales` are not those of the model.
    """
    mesh = partition.tessellation
    cells = (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume)
    precision, exposure_time = settings["localization_precision"], settings["exposure_time"]
    likelihood, scales = model.likelihood or "", settings.get("scales")
    if not model.of_tracks:
        noise = noise_of(partition, precision)
        cell_index, displacements = partition.cells, partition.displacements
        if settings.get("noise_correction"):
            cell_index, displacements = without_noise_drift(partition, precision, exposure_time)
        return _core.FieldPosterior.of_displacements(
            likelihood,
            cells,
            (cell_index, displacements, partition.lags, noise.displacement_variance),
            noise.localization_precision,
            float(exposure_time),
            scales,
        )
    if not is_assigned_once(partition):
        raise InvalidInputError(
            "the likelihood of tracks is for translocations that are in one cell of space each, "
            "not for time segments nor cells that overlap: take a model of displacements, 'dv' "
            "for instance"
        )
    return _core.FieldPosterior.of_tracks(
        likelihood,
        cells,
        _localizations(partition, precision),
        float(exposure_time),
        _is_begin(partition).tolist() if settings.get("equilibrium") else None,
        scales,
    )


def _is_begin(partition: Partition) -> NDArray[np.bool_]:
    """Whether each row of successive translocations is where its molecule is first seen."""
    first = partition.points[~follows(partition.points)]
    if "n" not in first:
        return np.ones(len(first), dtype=np.bool_)
    return ~first["n"].duplicated().to_numpy()


def _localizations(
    partition: Partition, localization_precision: float | Literal["column"]
) -> _Localizations:
    """Put the origins of successive translocations, and the last destination, in a row."""
    noise = noise_of(partition, localization_precision)
    points, count = partition.points, len(partition.points)
    is_first = ~follows(partition.points)
    is_last = np.append(is_first[1:], True)
    track = np.cumsum(is_first) - 1
    place = np.arange(count) + track
    size = count + int(is_first.sum())

    def spread(origin: Any, destination: Any, like: NDArray[Any]) -> NDArray[Any]:
        values = np.empty((size, *like.shape[1:]), dtype=like.dtype)
        values[place] = origin
        values[place[is_last] + 1] = destination
        return values

    origins, lags = partition.origins, partition.lags
    ends = origins + partition.displacements
    times = points["t"].to_numpy(dtype=np.float64) if "t" in points else np.zeros(count)
    origin, destination = noise.origin_variance, noise.destination_variance
    return (
        np.append(place[is_first], size).astype(np.int64),
        np.ascontiguousarray(spread(origins, ends[is_last], origins)),
        spread(times, (times + lags)[is_last], times),
        spread(origin, destination[is_last], origin),
        spread(partition.cells, -1, partition.cells),
    )
