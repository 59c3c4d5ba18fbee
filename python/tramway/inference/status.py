"""Why a cell has no value, or one to be read with care."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.tessellation import Partition
from tramway.units import DEVIATION, SPACE_COLUMNS

from .localization_precision import noise_of
from .maps import Maps, feature_of

_ROUNDING = 1e-9


@checked
def cell_status(maps: Maps, partition: Partition) -> "pd.Series[Any]":
    """Say of every cell whether its values are complete, or why not.

    ==========================  =================================================================
    ``ok``                      every value and every standard deviation is there
    ``no data``                 no translocation begins there: the maps have no row
    ``not mapped``              there are translocations, but the maps have no row
    ``no neighbour``            no neighbour holds data: no potential, no gradient
    ``no neighbour along x``    none on either side along an axis: no such component
    ``static``                  no molecule moves there: D is on its bound, or ratios undefined
    ``single displacement``     there is one only, which leaves no spread about its mean
    ``no spread``               all displacements are the same
    ``at the lower bound``      D is as low as it may be: the noise accounts for all displacements
    ``no data elsewhere``       a prior made of the other cells has nothing to be made of
    ``not positive definite``   no standard deviation: neither data nor priors decide some value
    ``undefined``               some value is missing, for none of these reasons
    ==========================  =================================================================

    Where several hold, it is the one that leaves most undefined.

    Parameters
    ----------
    maps
        Maps of any model.
    partition
        What they were inferred from.

    Returns
    -------
    Series of str
        One for each cell of the tessellation, by its number.

    Examples
    --------
    >>> cell_status(maps, partition).value_counts().index[0]
    'ok'
    """
    n_cells = partition.tessellation.n_cells
    status = np.full(n_cells, "no data", dtype=object)
    status[partition.location_count > 0] = "not mapped"
    cells = maps.maps.index.to_numpy()
    status[cells] = _Reasons(maps, partition).of_rows()
    return pd.Series(status, name="status", dtype=str)


class _Reasons:
    """What is known of the cells of some maps, one element for each row."""

    def __init__(self, maps: Maps, partition: Partition) -> None:
        table, cells = maps.maps, maps.maps.index.to_numpy()
        n, sums, squares = (moment[cells] for moment in partition.moments)
        self._missing = table.isna().to_numpy(dtype=bool)
        self._features = {column: feature_of(column) for column in table.columns}
        model = maps.model
        self._has_potential = model is not None and model.has_potential
        self._vector = None if model is None or model.vector is None else model.vector.name
        self._is_static = squares == 0
        self._is_single = n == 1
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = squares - (sums**2).sum(axis=1) / n
        self._is_spreadless = spread <= _ROUNDING * squares
        self._is_bound = _is_on_bound(maps, partition, n > 0)
        self._undefined_axes = _undefined_axes(partition)[cells]

    def of_rows(self) -> NDArray[np.object_]:
        """Reason of each row; those that are given last prevail."""
        any_value, any_std = self._missing_of(self._is_value), self._missing_of(self._is_deviation)
        about_mean = self._missing_of(lambda name: name in ("V", "zeta_total"))
        of_others = self._missing_of(lambda name: name in ("diffusivity", "V_prior"))
        at_bound = self._is_bound | about_mean
        # A drift of its own accounts for whatever all displacements have in common.
        has_vector = not self._has_potential and self._vector is not None
        no_spread = self._is_spreadless & (self._is_bound if has_vector else about_mean)
        reason = np.full(len(any_value), "ok", dtype=object)
        reason[any_value] = "undefined"
        reason[any_std & ~any_value] = "not positive definite"
        reason[of_others] = "no data elsewhere"
        reason[self._is_bound] = "at the lower bound"
        reason[no_spread] = "no spread"
        reason[no_spread & self._is_single] = "single displacement"
        reason[self._is_static & at_bound] = "static"
        missing = self._missing_of(self._is_of_neighbours)
        for axis, name in enumerate(SPACE_COLUMNS[: self._undefined_axes.shape[1]]):
            reason[missing & self._undefined_axes[:, axis]] = f"no neighbour along {name}"
        reason[missing & self._undefined_axes.all(axis=1)] = "no neighbour"
        return reason

    def _missing_of(self, is_meant: Any) -> NDArray[np.bool_]:
        columns = [n for n, name in enumerate(self._features.values()) if is_meant(name)]
        return np.asarray(self._missing[:, columns].any(axis=1))

    @staticmethod
    def _is_deviation(feature: str) -> bool:
        return feature.endswith(DEVIATION)

    def _is_value(self, feature: str) -> bool:
        return not self._is_deviation(feature)

    def _is_of_neighbours(self, feature: str) -> bool:
        """Whether a feature is, or is made of, a gradient or a difference between cells."""
        return feature in ("potential", "zeta_spurious") or (
            self._has_potential and feature == self._vector
        )


def _is_on_bound(
    maps: Maps, partition: Partition, holds_data: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether D is as low as it may be."""
    if "diffusivity" not in maps:
        return np.zeros(len(maps), dtype=bool)
    said: dict[str, Any] = maps.attributes
    variance = noise_of(partition, said.get("sigma") or 0.0).half_variance
    cells, lags = partition.entries
    filed = cells >= 0
    times = lags[filed] - (said.get("exposure_time") or 0.0) / 3
    missing = np.zeros(partition.tessellation.n_cells)
    needed = np.maximum(_core.MIN_VARIANCE - variance[filed], 0.0) / times
    np.maximum.at(missing, cells[filed], needed)
    bound = np.maximum(missing[maps.maps.index], said.get("min_diffusivity") or 0.0)
    diffusivity = maps.maps["diffusivity"].to_numpy(dtype=np.float64)
    on_bound: NDArray[np.bool_] = (diffusivity <= bound * (1 + _ROUNDING)) & holds_data
    return on_bound


def _undefined_axes(partition: Partition) -> NDArray[np.bool_]:
    """Whether there is no gradient along each axis, (n_cells, d)."""
    mesh = partition.tessellation
    cells = np.flatnonzero(partition.location_count)
    undefined = np.ones((mesh.n_cells, mesh.dim), dtype=bool)
    undefined[cells] = np.isnan(
        _core.gradient(
            np.ascontiguousarray(mesh.cell_centers),
            mesh.adjacency_starts,
            mesh.adjacency,
            cells,
            np.zeros(len(cells)),
        )
    )
    return undefined
