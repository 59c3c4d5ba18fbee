"""How much of a force, or a drift, turns: the part that no potential explains."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.units import DEVIATION

from .contrast import contrasts
from .maps import Maps

_CONTRASTS_AT_ONCE = 500  # rows of a dense matrix


@checked
def curl(maps: Maps) -> Maps:
    r"""Map the curl of the force, or of the drift, in two dimensions.

    .. math:: \operatorname{curl} F = ∂_x F_y - ∂_y F_x

    with the gradient that the DV model applies to V. It is 2ω for a field that turns with the
    angular velocity ω, and zero for one that derives from a potential: that of the DV model has a
    curl only so far as cells are not infinitely small.

    Parameters
    ----------
    maps
        Maps of the models DD, DF or DV that know their partition.

    Returns
    -------
    Maps
        Features ``curl`` (kT/µm² of a force, 1/s of a drift) and ``curl std``, its posterior
        standard deviation: in DD and DF the vectors of different cells are independent but for what
        they share of D, which is neglected; in DV it follows from the covariances of V. A row for
        each cell of `maps`; NaN where a component is NaN in the cell or a neighbour, or where no
        neighbour lies on either side along an axis.

    Raises
    ------
    InvalidInputError
        If there is neither force nor drift, or the cells are not two-dimensional.
    MissingResultError
        If the maps do not know their partition.

    Examples
    --------
    >>> from tramway.inference import infer_diffusivity_force
    >>> forces = infer_diffusivity_force(
    ...     partition, localization_precision=0.01, diffusivity_prior=20, force_prior=1
    ... )
    >>> curl(forces).features
    ['curl', 'curl std']
    """
    from scipy.sparse import csr_array

    partition = maps.inferred_from()
    model = maps.model
    if model is None or model.vector is None:
        raise InvalidInputError(
            f"`maps` are those of '{maps.mode}' ({', '.join(maps.features)}), expected those of "
            "the models DD, DF or DV, which have a drift or a force"
        )
    mesh = partition.tessellation
    if mesh.dim != 2:
        raise InvalidInputError(
            f"the cells are {mesh.dim}-dimensional, expected 2: curl is a vector"
        )
    cells = maps.maps.index.to_numpy()
    starts, columns, weights = _core.gradient_operator(
        np.ascontiguousarray(mesh.cell_centers), mesh.adjacency_starts, mesh.adjacency, cells
    )
    by_x, by_y = (
        csr_array((weights[:, axis], columns, starts), shape=(len(cells), len(cells)))
        for axis in (0, 1)
    )
    name = model.vector.name
    vector, deviation = maps[name].to_numpy(), maps[f"{name}{DEVIATION}"].to_numpy()
    values = by_x @ vector[:, 1] - by_y @ vector[:, 0]
    if model.has_potential:
        deviations = _of_potential(maps, by_y @ by_x - by_x @ by_y, np.isfinite(values))
    else:
        deviations = np.sqrt(by_x**2 @ deviation[:, 1] ** 2 + by_y**2 @ deviation[:, 0] ** 2)
    table = pd.DataFrame({"curl": values, "curl std": deviations}, index=cells)
    return Maps(table, "curl", partition=partition)


def _of_potential(maps: Maps, operator: object, is_known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the standard deviation of an operator on V, where its value is known."""
    deviations = np.full(len(maps), np.nan)
    rows = np.flatnonzero(is_known)
    for first in range(0, len(rows), _CONTRASTS_AT_ONCE):
        some = rows[first : first + _CONTRASTS_AT_ONCE]
        weights = operator[some].toarray()  # type: ignore[index]
        deviations[some] = contrasts(maps, maps.inferred_from(), weights).deviations
    return deviations
