"""How densely translocations begin."""

from typing import Any

import numpy as np
import pandas as pd

from tramway.inference.maps import Maps
from tramway.inference.model import model
from tramway.inference.overlap import overlap
from tramway.tessellation import Partition


@model("density", parameters=("worker_count", "verbose"))
def infer_density(partition: Partition, *, mode: str, **_: Any) -> Maps:
    """Map the number of translocations that begin in a cell, per area (or volume) of the cell.

    {parameters}

    Returns
    -------
    Maps
        Feature ``density``, µm⁻² (µm⁻³ in 3 dimensions); a row for each cell that holds a
        translocation.

    Examples
    --------
    >>> found = infer_density(
    ...     partition, localization_precision=0.01
    ... )
    >>> found.features
    ['density']
    """
    count = partition.location_count
    cells = np.flatnonzero(count)
    density = count[cells] / partition.tessellation.cell_volume[cells]
    table = pd.DataFrame({"density": density}, index=cells)
    return Maps(table, mode, partition=partition, **overlap(partition))
