"""How translocations are filed under cells: ``a.sampler``."""

from collections.abc import Mapping
from typing import Any, Self

import pandas as pd

from tramway.data import translocations
from tramway.errors import InsufficientDataError
from tramway.tessellation import Partition, Tessellation, nearest_cell
from tramway.units import SPACE_COLUMNS

from .attribute import AnalyzerAttribute
from .tesseller import Tesseller


class Sampler(AnalyzerAttribute):
    """Files each translocation under the cell whose centre is nearest to its origin.

    Those are the Voronoi cells of the centres, hence the name that users know: ``from_voronoi``.
    """

    def settings(self) -> dict[str, Any]:
        """Everything that was set: nothing can be."""
        return {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Make the sampler that has these settings."""
        return cls()

    def from_voronoi(self) -> None:
        """Choose the nearest centre; it is what an analyzer does anyhow."""

    def sample(self, points: pd.DataFrame, segmentation: Tessellation | None = None) -> Partition:
        """File translocations under cells.

        Parameters
        ----------
        points
            Translocation table, or trajectories ``n x y [z] t``, in µm and s.
        segmentation
            The cells; those that ``a.tesseller`` makes of `points` by default.

        Returns
        -------
        Partition
            The translocations, the cells, and which belongs to which.

        Raises
        ------
        InsufficientDataError
            If there are no, or too few, translocations.
        InvalidInputError
            If there is neither a `segmentation` nor a tesseller.
        """
        table = points if "dx" in points else translocations(points)
        if segmentation is None:
            return sample(table, self._owner().tesseller)
        param = {"method": "given", "tessellation": {"n_cells": segmentation.n_cells}}
        return _file(table, segmentation, param)


def sample(points: pd.DataFrame, tesseller: Tesseller) -> Partition:
    """Cut the area of a translocation table into cells and file the translocations under them."""
    if points.empty:
        raise InsufficientDataError(
            "the region has no translocation: check that its bounds, in µm, lie in the data"
        )
    parameters = {name: value for name, value in tesseller.parameters.items() if value is not None}
    param = {"method": tesseller.plugin, "tessellation": parameters}
    return _file(points, tesseller.tessellate(points), param)


def _file(points: pd.DataFrame, cells: Tessellation, param: dict[str, Any]) -> Partition:
    space = [column for column in SPACE_COLUMNS if column in points]
    cell_index = nearest_cell(points[space].to_numpy("float64"), cells)
    return Partition(points, cells, cell_index, param)


def from_voronoi() -> Sampler:
    """Sampler that files under the nearest centre, to be assigned: ``a.sampler = ...``."""
    return Sampler()
