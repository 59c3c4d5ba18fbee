"""The posterior of whole tracks, and its maximum."""

import time
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition

from .goodness_of_fit import warn_of_long_steps
from .localization_noise import follows, is_assigned_once, noise_of
from .maps import Maps
from .model import Model
from .posterior import outcome, table_of

_MAX_ITERATIONS = 50
_NORMAL = 1.959963984540054  # standard deviations on either side that hold 95 %

_Localizations: TypeAlias = tuple[
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
]


def maximum_of_tracks(
    partition: Partition,
    *,
    model: Model,
    mode: str,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    **parameters: Any,
) -> Maps:
    """Map what a model of tracks infers, as the maximum of its posterior.

    Parameters
    ----------
    partition
        Translocations assigned to cells, each to one; those that follow each other are one track.
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
        If a parameter is out of its domain, or translocations are in several cells.
    InsufficientDataError
        If there are too few translocations.

    Warns
    -----
    ConvergenceWarning
        If the search stopped early; the maps are those of its best point.
    """
    started = time.perf_counter()
    posterior = posterior_of_tracks(partition, model, localization_precision, exposure_time)
    found = posterior.estimate(parameters["max_iter"] or _MAX_ITERATIONS, parameters["max_runtime"])
    ended = outcome(mode, posterior.cells, found, started, verbose=parameters["verbose"])
    d, log_std = found["diffusivity"], found["log_diffusivity_std"]
    width = np.exp(log_std**2)
    maps = Maps(
        table_of(
            model,
            posterior.cells,
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
        max_iter=parameters["max_iter"],
        max_runtime=parameters["max_runtime"],
        **ended,
        scales=np.array(found["scales"]),
    )
    warn_of_long_steps(maps, partition)
    return maps


def posterior_of_tracks(
    partition: Partition,
    model: Model,
    localization_precision: float | Literal["column"],
    exposure_time: float,
) -> _core.TrackPosterior:
    """Make the posterior of a model of tracks.

    Parameters
    ----------
    partition, model, localization_precision, exposure_time
        Those of :func:`maximum_of_tracks`.

    Raises
    ------
    InvalidInputError
        If translocations are in several cells.
    """
    if not is_assigned_once(partition):
        raise InvalidInputError(
            "the likelihood of tracks is for translocations that are in one cell of space each, "
            "not for time segments nor cells that overlap: take a model of displacements, 'dv' "
            "for instance"
        )
    mesh = partition.tessellation
    return _core.TrackPosterior(
        model.likelihood or "",
        (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume),
        _localizations(partition, localization_precision),
        float(exposure_time),
    )


def _localizations(
    partition: Partition, localization_precision: float | Literal["column"]
) -> _Localizations:
    """Put the origins of successive translocations, and the last destination, in a row."""
    noise = noise_of(partition, localization_precision)
    points, count = partition.points, len(partition.points)
    is_first = ~follows(partition)
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
