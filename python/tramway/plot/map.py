"""Pictures of values of cells."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.inference import Maps
from tramway.plotting import plot_map
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["field_map_2d", "scalar_map_2d"]


def scalar_map_2d(
    cells: Partition, values: "pd.Series[Any] | pd.DataFrame", **options: Any
) -> "Axes":
    """Draw a value of each cell as its color; see :func:`tramway.plotting.plot_map`.

    Parameters
    ----------
    cells
        What the cells are those of.
    values
        Indexed by cell number; one column.
    options
        ``clabel``, the name of the values, and those of `plot_map`.
    """
    return _drawn(cells, values, [""], options)


def field_map_2d(cells: Partition, values: pd.DataFrame, **options: Any) -> "Axes":
    """Draw a vector of each cell as an arrow; see :func:`tramway.plotting.plot_map`.

    Parameters
    ----------
    cells
        What the cells are those of.
    values
        Indexed by cell number; one column for each coordinate.
    options
        ``clabel``, the name of the values, and those of `plot_map`.
    """
    return _drawn(cells, values, [" x", " y"], options)


def _drawn(
    cells: Partition, values: Any, coordinates: list[str], options: dict[str, Any]
) -> "Axes":
    from matplotlib import pyplot

    name = options.pop("clabel", None) or "value"
    columns = [f"{name}{coordinate}" for coordinate in coordinates]
    maps = Maps(pd.DataFrame(np.asarray(values), pd.DataFrame(values).index, columns))
    return plot_map(maps, name, cells, **{"axes": pyplot.gca(), "unit": None, **options})
