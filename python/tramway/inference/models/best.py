"""The most exact maps of D, V and the force that the data allow, without anything to choose."""

import warnings
from typing import Any, Literal

from tramway.errors import EquilibriumWarning
from tramway.inference.localization_noise import is_assigned_once
from tramway.inference.maps import Maps
from tramway.inference.model import Model, Vector, model
from tramway.inference.parameters import OF_SEARCH
from tramway.tessellation import Partition, TimeSegments

from .diffusivity_potential import infer_diffusivity_potential
from .tracks import infer_tracks_potential


@model(
    "best",
    parameters=OF_SEARCH,
    likelihood="dv",
    vector=Vector("force", "kT/µm"),
    has_potential=True,
    of_tracks=True,
)
def infer_best(
    partition: Partition,
    *,
    model: Model,
    mode: str,
    localization_precision: float | Literal["column"],
    exposure_time: float,
    **parameters: Any,
) -> Maps:
    """Map diffusivity, potential and force by the most exact model for the data.

    Whole tracks (``tracks.dv``) where translocations are in one cell of space each, in equilibrium
    if where tracks begin says so; displacements (``dv``) in time segments and in cells that
    overlap, with the prior of highest evidence among those of first and second order, their weights
    chosen, and Matérn fields, and without the drift of localization noise.

    {parameters}

    Returns
    -------
    Maps
        Those of the model that was chosen, whose name is their ``mode``. Attribute ``choice``: what
        was chosen, and why.

    Raises
    ------
    InvalidInputError
        If a parameter is out of its domain.
    InsufficientDataError
        If there are too few translocations.

    Warns
    -----
    ConvergenceWarning
        If a search stopped early; the maps are those of its best point.
    """
    given = parameters | {
        "localization_precision": localization_precision,
        "exposure_time": exposure_time,
    }
    maps, choice = (_of_tracks if is_assigned_once(partition) else _of_displacements)(
        partition, given
    )
    return Maps(maps.maps, maps.mode, partition=partition, **maps.attributes, choice=choice)


def _of_tracks(partition: Partition, given: dict[str, Any]) -> tuple[Maps, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquilibriumWarning)  # the choice tells
        maps = infer_tracks_potential(partition, equilibrium="auto", **given)
    gain = maps.log_evidence_of_equilibrium
    said = "in equilibrium, which" if maps.equilibrium else "not in equilibrium, for which"
    return maps, (
        "whole tracks, since translocations are in one cell of space each; "
        f"{said} where tracks begin speaks (logarithm of the Bayes factor {gain:.3g})"
    )


def _of_displacements(partition: Partition, given: dict[str, Any]) -> tuple[Maps, str]:
    chosen: dict[str, Any] = {"diffusivity_prior": "auto", "potential_prior": "auto"}
    priors = {"smoothness of first order": chosen, "smoothness of second order": chosen}
    if isinstance(partition.tessellation, TimeSegments):
        reason = "time segments"
        chosen |= {"diffusivity_time_prior": "auto", "potential_time_prior": "auto"}
    else:
        reason = "cells that overlap"
        priors["Matérn fields"] = {}
    orders: tuple[int | str, ...] = (1, 2, "matern")
    found = {
        name: infer_diffusivity_potential(
            partition, smoothness=order, noise_correction="auto", **given, **weights
        )
        for (name, weights), order in zip(priors.items(), orders, strict=False)
    }
    evidence = {name: float(maps.log_evidence) for name, maps in found.items()}  # type: ignore[arg-type]
    prior = max(evidence, key=lambda name: evidence[name])
    return found[prior], (
        f"displacements by themselves, since there are {reason}; {prior}, of the highest evidence "
        f"among {', '.join(priors)}"
    )
