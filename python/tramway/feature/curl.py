"""The curl of maps, as scripts of the original ask for it."""

import pandas as pd

from tramway.attributes import warn_without_effect
from tramway.errors import InvalidInputError
from tramway.inference import Maps, curl
from tramway.tessellation import Partition

__all__ = ["Curl"]


class Curl:
    """Takes maps, and tables the curl of their force or drift.

    Parameters
    ----------
    cells
        Not needed: maps know their partition.
    map
        Maps of the models DD, DF or DV.
    """

    def __init__(self, cells: Partition | None = None, map: Maps | None = None) -> None:
        self.cells, self.map = cells, map

    def extract(self, label: str, variable: str | None = None, distance: int = 1) -> pd.DataFrame:
        """Table the curl of the cells that have one; see :func:`tramway.inference.curl`.

        Parameters
        ----------
        label
            Name of the column.
        variable
            ``'force'`` or ``'drift'``: which the maps have.
        distance
            No effect: the curl is that of the gradient in each cell.

        Raises
        ------
        InvalidInputError
            If there are no maps, or they have no such vector.
        """
        if not isinstance(self.map, Maps):
            raise InvalidInputError(f"`map` is {self.map!r}, expected maps: Curl(cells, maps)")
        if distance != 1:
            warn_without_effect("distance", "the curl is that of the gradient in each cell")
        vector = None if self.map.model is None else self.map.model.vector
        if vector is not None and variable not in (None, vector.name):
            raise InvalidInputError(
                f"`variable` is {variable!r}, expected '{vector.name}': maps of "
                f"'{self.map.mode}' have no other vector"
            )
        return curl(self.map).maps["curl"].dropna().rename(label).to_frame()
