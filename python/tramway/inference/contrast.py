"""Differences of potential between cells, with their standard deviations."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition

from .fields import MAX_ITERATIONS, posterior_of_fields
from .maps import Maps
from .model import Model
from .posterior import effective_priors, posterior_of


@checked
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
        k-fold. In equilibrium, cells without translocations may be among them, where no track
        begins though one might: those of wells from :func:`find_wells`, for instance.

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
    columns, known = index, index[maps.maps["potential"].notna()]
    of_fields = ContrastsOfFields(maps, partition) if has_fields(maps) else None
    if of_fields is not None:
        columns = pd.RangeIndex(partition.tessellation.n_cells)
        known = pd.Index(of_fields.told_cells)
    weights = np.zeros((1, len(columns)))
    for name, chosen, sign in (("cells", cells, 1.0), ("baseline", baseline, -1.0)):
        numbers = pd.Index(list(chosen))
        if len(numbers) == 0 or not numbers.isin(known).all():
            raise InvalidInputError(
                f"`{name}` is {list(chosen)}, expected numbers of cells with a potential, those of "
                "maps.maps.index"
            )
        np.add.at(weights[0], columns.get_indexer(numbers), sign / len(numbers))
    if of_fields is not None:
        values, deviations, _ = of_fields(weights)
    else:
        values, deviations, _ = contrasts(maps, partition, weights)
    return float(values[0]), float(deviations[0])


def model_of_potential(maps: Maps) -> Model:
    """Model of maps that have a potential; other maps are refused."""
    if maps.model is None or not maps.model.has_potential:
        raise InvalidInputError(
            f"`maps` are those of '{maps.mode}' ({', '.join(maps.features)}), expected maps of the "
            "DV model, which have a potential"
        )
    return maps.model


class Contrasts(NamedTuple):
    """Weighted sums of a potential, kT."""

    values: NDArray[np.float64]
    deviations: NDArray[np.float64]
    drawn: NDArray[np.float64]
    """How much more each would be without the draw of the priors, to first order in that."""


def contrasts(maps: Maps, partition: Partition, weights: NDArray[np.float64]) -> Contrasts:
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
    Contrasts
        Arrays (k,), kT; standard deviations, and what priors draw them by, are NaN if the curvature
        is not positive definite.

    Raises
    ------
    InvalidInputError
        If the maps are not those of this partition.
    """
    return ContrastsOfRows(maps, partition)(weights)


def has_fields(maps: Maps) -> bool:
    """Whether maps of a potential are Matérn fields."""
    is_field = maps.attributes.get("smoothness") == "matern"
    return model_of_potential(maps).of_tracks or is_field


class ContrastsOfRows:
    """Weighted sums of the potential in the rows of some maps, all from one posterior.

    Parameters
    ----------
    maps
        Maps of the DV model.
    partition
        What they were inferred from.
    """

    def __init__(self, maps: Maps, partition: Partition) -> None:
        self._maps, self._partition = maps, partition
        self._potential = maps.maps["potential"].fillna(0.0).to_numpy()
        is_field = bool(maps.attributes) and has_fields(maps)
        self.of_fields = ContrastsOfFields(maps, partition) if is_field else None

    def __call__(self, weights: NDArray[np.float64]) -> Contrasts:
        """Weigh the potential, by one weight for each row; see :func:`contrasts`."""
        values = weights @ self._potential
        if self.of_fields is not None:
            of_cells = np.zeros((len(weights), self._partition.tessellation.n_cells))
            of_cells[:, self._maps.maps.index] = weights
            return self.of_fields(of_cells)._replace(values=values)
        diffusivity = self._maps.maps["diffusivity"].to_numpy()
        x = np.concatenate([diffusivity, self._potential])
        found = self._posterior.contrasts(x, np.ascontiguousarray(weights))
        if found is None:
            return Contrasts(values, *np.full((2, len(weights)), np.nan))
        return Contrasts(*found)

    @cached_property
    def _posterior(self) -> _core.Posterior:
        maps, partition = self._maps, self._partition
        model, given = model_of_potential(maps), _settings(maps)
        parameters = {name: given.get(name) for name in model.parameters}
        posterior = posterior_of(partition, model, given, effective_priors(partition, parameters))
        _check_cells(maps, posterior.cells)
        return posterior


class ContrastsOfFields:
    """The posterior of maps that are Matérn fields, for weighted sums of the potential.

    Parameters
    ----------
    maps
        Maps of a potential that :func:`has_fields` says are fields.
    partition
        What they were inferred from.

    Raises
    ------
    InvalidInputError
        If the maps are not those of this partition.
    """

    def __init__(self, maps: Maps, partition: Partition) -> None:
        model = model_of_potential(maps)
        given = _settings(maps)
        if not given.pop("scales_are_given"):
            given.pop("scales")
        seen = partition.with_whole_tracks() if model.of_tracks else partition
        self._posterior = posterior_of_fields(seen, model, given)
        self._most = given.get("max_iter") or MAX_ITERATIONS
        _check_cells(maps, self._posterior.cells)

    @property
    def told_cells(self) -> NDArray[np.int64]:
        """Cells that hold translocations, and in equilibrium those in which a track may begin."""
        return self._posterior.told_cells

    def __call__(self, weights: NDArray[np.float64]) -> Contrasts:
        """Weigh the potential, by one weight for each cell of the tessellation.

        Rows sum to zero in each connected set of cells.
        """
        return Contrasts(*self._posterior.contrasts(np.ascontiguousarray(weights), self._most))


def _settings(maps: Maps) -> dict[str, Any]:
    """Give what maps were inferred with."""
    return {"exposure_time": 0.0, "localization_precision": maps.sigma, **maps.attributes}


def _check_cells(maps: Maps, cells: NDArray[np.int64]) -> None:
    if not np.array_equal(cells, maps.maps.index):
        raise InvalidInputError(
            f"`maps` have {len(maps)} cells and `partition` has {len(cells)} with data, "
            "not the same: give the partition that the maps were inferred from"
        )
