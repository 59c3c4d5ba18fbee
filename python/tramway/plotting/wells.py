"""Outlines of wells, with their depths."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tramway.errors import InvalidInputError
from tramway.tessellation import Partition

from .cells import draw_border

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("x", "y", "depth", "depth std", "cells")
_HALO = 2.5  # points around lines and letters, so that they are seen on any colour


def draw_wells(axes: "Axes", partition: Partition, wells: pd.DataFrame) -> None:
    """Outline the cells of wells, and write depth ± standard deviation in kT above each.

    Parameters
    ----------
    axes
        Where their map is drawn.
    partition
        Its cells.
    wells
        Rows of a table of :func:`tramway.inference.find_wells`.

    Raises
    ------
    InvalidInputError
        If it is no such table, or one of other cells.
    """
    from matplotlib.patheffects import withStroke

    if not isinstance(wells, pd.DataFrame):  # whoever asks for wells may expect them to be found
        raise InvalidInputError(
            f"`wells` is a {type(wells).__name__}, expected a table of find_wells"
        )
    missing = [name for name in _COLUMNS if name not in wells]
    if missing:
        raise InvalidInputError(
            f"`wells` has no column {', '.join(map(repr, missing))}, expected a table of find_wells"
        )
    tessellation = partition.tessellation
    halo = [withStroke(linewidth=_HALO, foreground="white")]
    polygons = tessellation.polygons()
    for cells, depth, std in zip(wells["cells"], wells["depth"], wells["depth std"], strict=True):
        numbers = np.array(cells, dtype=np.int64)
        if not len(numbers) or not 0 <= numbers.min() <= numbers.max() < tessellation.n_cells:
            raise InvalidInputError(
                f"`wells` has cells {list(cells)[:5]}, expected some of the {tessellation.n_cells} "
                "of the map: give wells that were found in it"
            )
        inside = np.zeros(tessellation.n_cells, dtype=bool)
        inside[numbers] = True
        draw_border(
            axes, partition, inside, {"color": "black", "linewidth": 1.2, "path_effects": halo}
        )
        corners = np.concatenate([polygons[cell] for cell in numbers])
        axes.annotate(
            f"{depth:.1f} ± {std:.1g}" if std < 1 else f"{depth:.0f} ± {std:.0f}",
            (corners[:, 0].mean(), corners[:, 1].max()),
            (0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize="small",
            path_effects=halo,
        )
