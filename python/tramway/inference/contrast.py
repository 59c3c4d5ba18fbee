"""Differences of potential between cells, with their standard deviations."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.tessellation import Partition

from .fields import MAX_ITERATIONS, posterior_of_fields
from .maps import Maps
from .model import Model
from .posterior import effective_priors, posterior_of


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

    Examples
    --------
    >>> bottom = maps.maps["potential"].idxmin()
    >>> height, std = contrast(maps, partition, [bottom], list(maps.maps.index))
    >>> bool(height < -2 * std)
    True
    """
    model_of_potential(maps)
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


def model_of_potential(maps: Maps) -> Model:
    """Model of maps that have a potential; other maps are refused."""
    if maps.model is None or not maps.model.has_potential:
        raise InvalidInputError(
            f"`maps` are those of '{maps.mode}' ({', '.join(maps.features)}), expected maps of the "
            "DV model, which have a potential"
        )
    return maps.model


def contrasts(
    maps: Maps, partition: Partition, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sums of the potential, with their standard deviations, from one factorization.

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
    model = model_of_potential(maps)
    given: dict[str, Any] = {"exposure_time": 0.0, "localization_precision": maps.sigma}
    given |= maps.attributes
    of_diffusivity = maps.maps["diffusivity"].to_numpy()
    potential = maps.maps["potential"].fillna(0.0).to_numpy()
    deviations_of: Callable[..., NDArray[np.float64] | None]
    if model.of_tracks or given.get("smoothness") == "matern":
        if not given.pop("scales_are_given"):
            given.pop("scales")
        seen = partition.with_whole_tracks() if model.of_tracks else partition
        fields = posterior_of_fields(seen, model, given)
        cells = fields.cells
        most = given.get("max_iter") or MAX_ITERATIONS
        deviations_of = partial(fields.contrast_deviations, max_iterations=most)
    else:
        parameters = {name: given.get(name) for name in model.parameters}
        posterior = posterior_of(partition, model, given, effective_priors(partition, parameters))
        x = np.concatenate([of_diffusivity, potential])
        cells = posterior.cells
        deviations_of = partial(posterior.contrast_deviations, x)
    if not np.array_equal(cells, maps.maps.index):
        raise InvalidInputError(
            f"`maps` have {len(maps)} cells and `partition` has {len(cells)} with data, "
            "not the same: give the partition that the maps were inferred from"
        )
    deviations = deviations_of(weights=np.ascontiguousarray(weights))
    if deviations is None:
        deviations = np.full(len(weights), np.nan)
    return weights @ potential, deviations
