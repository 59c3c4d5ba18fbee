"""Trajectories that many regions are cut out of."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core

from .columns import assemble
from .polygon import Area, Polygon
from .translocations import (
    Column,
    Rows,
    columns_between,
    columns_of,
    coordinates_of,
    rows_in_union,
    rows_of,
)


class Croppable:
    """Trajectories that many regions are cut out of: the work that these share is done once.

    Parameters
    ----------
    trajectories
        Table as :func:`check_trajectories` returns it. It must not be changed meanwhile.

    Raises
    ------
    InvalidInputError
        If the table is not sorted or not finite.

    Examples
    --------
    >>> from tramway.data import Box
    >>> table = Croppable(movie).translocations([Box((1, 1), (2, 2))])
    >>> bool(table["x"].between(1, 2).all())
    True
    """

    def __init__(self, trajectories: pd.DataFrame) -> None:
        self._trajectories = trajectories
        self._columns = columns_of(trajectories)
        self._core = _core.Croppable(*coordinates_of(trajectories))
        self._rows = lru_cache(maxsize=1)(self._find)  # a region's table and tracks follow

    @cached_property
    def _bounds_of_tracks(self) -> NDArray[np.int64]:
        """Row that each track begins with, and the number of rows."""
        numbers = np.asarray(self._columns["n"])
        begins = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
        return np.concatenate([[0], begins, [len(numbers)]])

    def columns(self, areas: Sequence[Area]) -> dict[str, Column]:
        """Columns of the table that :meth:`translocations` makes, in less time."""
        if not areas:
            return self._columns
        return columns_between(self._columns, *self._rows(tuple(areas)))

    def columns_of_tracks(self, areas: Sequence[Area]) -> dict[str, Column]:
        """Columns of the trajectories that have translocations in any area, from end to end.

        Tracks are numbered from 1, so that the numbers say nothing of tracks elsewhere.
        """
        bounds = self._bounds_of_tracks
        origins = self._rows(tuple(areas))[0]
        visitors = np.unique(np.searchsorted(bounds, origins, side="right") - 1)
        sizes = bounds[visitors + 1] - bounds[visitors]
        ends = np.cumsum(sizes)
        rows = np.arange(sizes.sum()) + np.repeat(bounds[visitors] - ends + sizes, sizes)
        columns = rows_of(self._columns, rows)
        columns["n"] = np.repeat(np.arange(1, len(visitors) + 1), sizes)
        return columns

    def translocations(self, areas: Sequence[Area]) -> pd.DataFrame:
        """Translocations whose origin is in any area; the trajectories where there is none.

        See :func:`translocations` and :func:`translocations_of_union`.
        """
        if not areas:
            return self._trajectories
        table = assemble(self.columns(areas))
        table.attrs = dict(self._trajectories.attrs)
        return table

    def _find(self, areas: tuple[Area, ...]) -> Rows:
        if len(areas) > 1 or isinstance(areas[0], Polygon):
            return rows_in_union(self._trajectories, areas)
        origins, numbers = self._core.crop(areas[0].lower, areas[0].upper)
        return origins, origins + 1, numbers
