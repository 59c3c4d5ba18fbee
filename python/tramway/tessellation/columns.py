"""Columns of tables as arrays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tramway.data.columns import array_of

if TYPE_CHECKING:
    import pandas as pd


def values_of(table: "pd.DataFrame", names: Sequence[str]) -> NDArray[np.float64]:
    """Put columns side by side, (rows, columns), contiguous.

    One by one: to choose several of them at once takes a table longer than the rest.
    """
    return np.stack([array_of(table, name) for name in names], axis=1)
