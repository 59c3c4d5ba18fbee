"""What is to be said against maps: warnings, each of a kind, so that a page can group them."""

import warnings
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd

from tramway.data.columns import array_of
from tramway.errors import DataQualityWarning, InvalidInputError, TramwayError
from tramway.inference import Status, cell_status, goodness_of_fit
from tramway.inference.goodness_of_fit import count_long_steps, warn_of_long_steps
from tramway.inference.localization_noise import warn_of_noise
from tramway.inference.maps import Maps
from tramway.inference.overlap import overlap

from .results import MapResult

MISFIT = 4.0
"""Standard deviations of a residual beyond which a cell is said not to fit: 1 cell in 8,000."""


class Finding(NamedTuple):
    """Something to be said of one result.

    Attributes
    ----------
    kind
        What it is about, the same text in all results.
    text
        What was seen in this one.
    """

    kind: str
    text: str


@lru_cache(maxsize=8)  # asked several times for each result
def cell_status_of(result: MapResult) -> "pd.Series[Any]":
    """Status of each cell; ``ok`` for all where that cannot be told, as of the original's maps."""
    try:
        return cell_status(result.maps, result.partition)
    except (TramwayError, KeyError):
        return pd.Series("ok", index=range(result.partition.tessellation.n_cells))


def fit_of(result: MapResult) -> Maps | None:
    """Goodness of fit of each cell; None for maps that have none, or too little is known of."""
    try:
        return goodness_of_fit(result.maps)
    except (TramwayError, KeyError):
        return None


def findings_of(result: MapResult, fit: Maps | None) -> list[Finding]:
    """Tell all there is to be said against one result.

    Parameters
    ----------
    result
        The maps.
    fit
        Their goodness of fit, if there is one.
    """
    found = [*_of_search(result), *_of_cells(result), *_of_data(result)]
    if fit is not None:
        residuals = fit.maps.drop(columns="variance ratio").abs()
        beyond = int((residuals > MISFIT).any(axis=1).sum())
        if beyond:
            found.append(
                Finding(
                    "cells that the model does not fit",
                    f"{beyond} of {len(residuals)}: a residual beyond {MISFIT:g}",
                )
            )
    return found


def _of_search(result: MapResult) -> list[Finding]:
    ended = result.maps.attributes.get("resolution", Status.CONVERGED)
    if ended == Status.CONVERGED:
        return []
    return [Finding("the search for the maximum ended early", str(ended))]


def _of_cells(result: MapResult) -> list[Finding]:
    table = result.maps.maps
    status = cell_status_of(result).loc[table.index]
    is_missing = table.isna().any(axis=1)
    found = []
    for reason, count in status[status != "ok"].value_counts().items():
        lacks = is_missing[status == reason].any()
        about = "without all values" if lacks else "to be read with care"
        found.append(Finding(f"cells {about}: {reason}", f"{count} of {len(status)}"))
    return found


def _warn_of_long_steps(result: MapResult) -> None:
    maps, partition = result.maps, result.partition
    lag = partition.median_lag
    warn_of_long_steps(count_long_steps(maps, partition, lag), len(maps), lag)


def _warn_of_noise(result: MapResult) -> None:
    said: dict[str, Any] = result.maps.attributes
    model = result.maps.model
    if model is None or not model.has_potential or model.of_tracks or said.get("noise_correction"):
        return
    warn_of_noise(
        array_of(result.maps.maps, "diffusivity"),
        result.partition,
        said.get("sigma") or 0.0,
        said.get("exposure_time") or 0.0,
        result.partition.median_lag,
        result.partition.location_count[result.maps.maps.index],
    )


_DATA_KINDS = (
    ("long steps", _warn_of_long_steps),
    ("localization noise is large", _warn_of_noise),
    ("cells overlap", lambda result: overlap(result.partition)),
)


def _of_data(result: MapResult) -> list[Finding]:
    found = []
    for kind, check in _DATA_KINDS:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DataQualityWarning)
            try:
                check(result)
            except (InvalidInputError, KeyError):  # maps of other models, or of the original
                continue
        # What is warned of is said first: it is the kind.
        found += [Finding(kind, str(item.message).removeprefix(f"{kind}: ")) for item in caught]
    return found
