"""The drift that localization noise feigns, and how to take it out."""

import numpy as np
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.tessellation import Partition
from tramway.tessellation.boundaries import boundaries


def noise_drift(partition: Partition, localization_precision: float) -> NDArray[np.float64]:
    r"""Mean displacement in each cell that is due to the error of its origins alone.

    A displacement is filed under the cell of its *observed* origin, and an observed origin is more
    often than not displaced away from where molecules are dense: given the origin y, the noise in
    it has the mean :math:`-σ² ∇ \ln p(y)` (Tweedie's formula [1]_), so that every displacement from
    there carries :math:`+σ² ∇ \ln p(y)`, whatever its lag. Over a cell i this averages to a sum
    over its edges,

    .. math:: c_i = \frac{σ²}{2 n_i} \sum_j l_{ij} (ρ_j - ρ_i) u_{ij},

    with the length l and the unit normal u of the edge to j, and the density ρ of origins. An edge
    without a neighbour counts as if the density went on beyond it: the border of a region is where
    the data were cut off, not where the molecules end.

    Parameters
    ----------
    partition
        Translocations filed under cells, in two dimensions.
    localization_precision
        Standard deviation σ of one coordinate, µm.

    Returns
    -------
    array (n_cells, 2)
        The mean spurious displacement, µm; zero where a cell is empty.

    Raises
    ------
    InvalidInputError
        If the cells are not two-dimensional.

    References
    ----------
    .. [1] Efron, J. Am. Stat. Assoc. 106, 1602 (2011), eq. 1.4.
    """
    mesh = partition.tessellation
    if mesh.dim != 2:
        raise InvalidInputError(
            f"the correction for localization noise is for two dimensions, not {mesh.dim}"
        )
    counts = partition.location_count
    density = counts / mesh.cell_volume
    edges = boundaries(mesh)
    difference = density[edges.neighbour] - density[edges.cell]
    flow = (edges.length * difference)[:, None] * edges.normal
    total = np.stack(
        [np.bincount(edges.cell, flow[:, axis], mesh.n_cells) for axis in (0, 1)], axis=1
    )
    scale = localization_precision**2 / (2 * np.maximum(counts, 1))
    return np.asarray(scale[:, None] * total, dtype=np.float64)
