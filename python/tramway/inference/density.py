"""How densely translocations begin."""

from typing import Any, Literal

import numpy as np
import pandas as pd

from tramway.tessellation import Partition

from .maps import Maps
from .overlap import overlap

PARAMETERS: dict[str, Any] = {"worker_count": None, "verbose": False}
"""Names of the parameters, each with its default."""


def infer_density(
    partition: Partition,
    *,
    localization_precision: float | Literal["column"],
    exposure_time: float = 0.0,
    worker_count: int | None = None,
    verbose: bool = False,
    mode: str = "density",
) -> Maps:
    """Map the number of translocations that begin in a cell, per area (or volume) of the cell.

    Parameters
    ----------
    partition
        Translocations filed under the cells of a tessellation.
    localization_precision, exposure_time, worker_count, verbose
        Those of every model; without effect.
    mode
        Name that the maps carry.

    Returns
    -------
    Maps
        Feature ``density``, µm⁻² (µm⁻³ in 3 dimensions); a row for each cell that holds a
        translocation.
    """
    count = partition.location_count
    cells = np.flatnonzero(count)
    density = count[cells] / partition.tessellation.cell_volume[cells]
    table = pd.DataFrame({"density": density}, index=cells)
    return Maps(table, mode, partition=partition, **overlap(partition))
