"""The maximum of the posterior of whole tracks, and what it says of the potential."""

import time
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.data import DESTINATION_PRECISION_COLUMN, PRECISION_COLUMN
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, TimeSegments
from tramway.units import DEVIATION, SPACE_COLUMNS

from .goodness_of_fit import warn_of_long_steps
from .localization_noise import follows, noise_of
from .maps import Maps
from .model import Model
from .posterior import Status, tell

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
    posterior = _posterior(partition, model, localization_precision, exposure_time)
    found = posterior.estimate(parameters["max_iter"] or _MAX_ITERATIONS, parameters["max_runtime"])
    status = Status(found["status"])
    runtime = time.perf_counter() - started
    tell(mode, len(posterior.cells), status, found["iterations"], runtime, parameters["verbose"])
    maps = Maps(
        _table(model, posterior.cells, found),
        mode,
        partition=partition,
        sigma=localization_precision,
        exposure_time=exposure_time,
        max_iter=parameters["max_iter"],
        max_runtime=parameters["max_runtime"],
        resolution=str(status),
        niter=found["iterations"],
        objective=found["objective"],
        log_evidence=found["log_evidence"],
        scales=np.array(found["scales"]),
        runtime=runtime,
    )
    warn_of_long_steps(maps, partition)
    return maps


def contrast_deviations(
    maps: Maps, model: Model, partition: Partition, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the standard deviations of weighted sums of the potential, kT.

    Parameters
    ----------
    maps
        Maps of a model of tracks that has a potential.
    model
        That model.
    partition
        What they were inferred from.
    weights
        Array (k, number of rows of `maps`); each row sums to zero in each connected set of cells.

    Raises
    ------
    InvalidInputError
        If the maps are not those of this partition.
    """
    given: dict[str, Any] = maps.attributes
    posterior = _posterior(partition, model, given["sigma"], given["exposure_time"])
    if not np.array_equal(posterior.cells, maps.maps.index):
        raise InvalidInputError(
            f"`maps` have {len(maps)} cells and `partition` has {len(posterior.cells)} with data, "
            "not the same: give the partition that the maps were inferred from"
        )
    log_d = np.log(maps.maps["diffusivity"].to_numpy())
    x = np.concatenate([log_d, maps.maps["potential"].to_numpy()])
    scales = np.asarray(given["scales"]).reshape(-1, 2).tolist()
    return posterior.contrast_deviations(x, scales, np.ascontiguousarray(weights))


def _posterior(
    partition: Partition,
    model: Model,
    localization_precision: float | Literal["column"],
    exposure_time: float,
) -> _core.TrackPosterior:
    if isinstance(partition.tessellation, TimeSegments) or partition.is_overlapping:
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

    origins = partition.origins
    ends = origins + partition.points[[f"d{axis}" for axis in _axes(partition)]].to_numpy()
    lags = points["dt"].to_numpy(dtype=np.float64)
    times = points["t"].to_numpy(dtype=np.float64) if "t" in points else np.zeros(count)
    if localization_precision == "column":
        variances = [
            points[name].to_numpy(dtype=np.float64) ** 2
            for name in (PRECISION_COLUMN, DESTINATION_PRECISION_COLUMN)
        ]
    else:
        variances = [np.full(count, noise.localization_precision**2)] * 2
    return (
        np.append(place[is_first], size).astype(np.int64),
        np.ascontiguousarray(spread(origins, ends[is_last], origins)),
        spread(times, (times + lags)[is_last], times),
        spread(variances[0], variances[1][is_last], variances[0]),
        spread(partition.cell_index, -1, partition.cell_index),
    )


def _axes(partition: Partition) -> tuple[str, ...]:
    return SPACE_COLUMNS[: partition.tessellation.dim]


def _table(model: Model, cells: NDArray[np.int64], found: "_core._TrackEstimate") -> pd.DataFrame:
    """One row per cell with data; standard deviations after what they belong to."""
    d, log_std = found["diffusivity"], found["log_diffusivity_std"]
    values = {
        "diffusivity": d,
        "diffusivity low": d * np.exp(-_NORMAL * log_std),
        "diffusivity high": d * np.exp(_NORMAL * log_std),
    }
    # That of a log-normal distribution whose median is D.
    width = np.exp(log_std**2)
    deviations = {f"diffusivity{DEVIATION}": d * np.sqrt(width * (width - 1))}
    if model.has_potential:
        values["potential"] = found["potential"]
        deviations[f"potential{DEVIATION}"] = found["potential_std"]
    if model.vector is not None:
        name = model.vector.name
        for k, axis in enumerate(SPACE_COLUMNS[: found["vector"].shape[1]]):
            values[f"{name} {axis}"] = found["vector"][:, k].copy()
            deviations[f"{name}{DEVIATION} {axis}"] = found["vector_std"][:, k].copy()
    return pd.DataFrame(values | deviations, index=cells)
