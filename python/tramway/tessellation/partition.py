"""Translocations filed under the cells of a tessellation."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .tessellation import Tessellation


@dataclass(eq=False)
class Partition:
    """Translocations, cells, and which belong to which.

    Attributes
    ----------
    points
        Translocation table of N rows: ``n x y [z] t … dx dy [dz] dt``, in µm and s.
    tessellation
        The cells.
    cell_index
        Cell of the origin of each translocation, int64 (N,); -1 where there is none.
    param
        How it was made, for the record.

    Raises
    ------
    InvalidInputError
        If `cell_index` has not one number per row, or the number of a cell that does not exist.
    """

    points: pd.DataFrame
    tessellation: Tessellation
    cell_index: NDArray[np.int64]
    param: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n_cells = self.tessellation.n_cells
        if self.cell_index.shape != (len(self.points),):
            raise InvalidInputError(
                f"`cell_index` has shape {self.cell_index.shape}, expected ({len(self.points)},): "
                "one cell per translocation"
            )
        if len(self.points) and not -1 <= self.cell_index.min() <= self.cell_index.max() < n_cells:
            raise InvalidInputError(
                f"`cell_index` runs from {self.cell_index.min()} to {self.cell_index.max()}, "
                f"expected numbers of the {n_cells} cells, or -1"
            )

    @property
    def location_count(self) -> NDArray[np.int64]:
        """Number of translocations that begin in each cell, (n_cells,)."""
        assigned = self.cell_index[self.cell_index >= 0]
        return np.bincount(assigned, minlength=self.tessellation.n_cells).astype(np.int64)

    @property
    def bounding_box(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of the origins: columns ``x y [z] [t]``; NaN without points."""
        columns = [column for column in (*SPACE_COLUMNS, "t") if column in self.points]
        return self.points[columns].agg(["min", "max"])

    @property
    def origins(self) -> NDArray[np.float64]:
        """Where each translocation begins, (N, d), µm."""
        return self._columns("")

    @property
    def displacements(self) -> NDArray[np.float64]:
        """How far each translocation goes, (N, d), µm."""
        return self._columns("d")

    @property
    def lags(self) -> NDArray[np.float64]:
        """How long each translocation takes, (N,), s."""
        return np.ascontiguousarray(self.points["dt"], dtype=np.float64)

    def _columns(self, prefix: str) -> NDArray[np.float64]:
        space = SPACE_COLUMNS[: self.tessellation.dim]
        columns = self.points[[f"{prefix}{column}" for column in space]]
        return np.ascontiguousarray(columns, dtype=np.float64)


def nearest_cell(points: ArrayLike, tessellation: Tessellation) -> NDArray[np.int64]:
    """Find the cell of each point: the one that it is in, or else the nearest.

    Parameters
    ----------
    points
        Array (N, d) of positions, µm.
    tessellation
        The cells, in d dimensions.

    Returns
    -------
    array (N,) of int64
        Every point has one cell, however far. In most tessellations that is the cell whose center
        is nearest, the first one of those as near; in a :class:`QuadTreeTessellation` it is the
        square that the point is in.

    Raises
    ------
    InvalidInputError
        If the shape does not fit, or a coordinate is not finite.
    """
    positions = np.ascontiguousarray(points, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != tessellation.dim:
        raise InvalidInputError(
            f"`points` is an array of shape {positions.shape}, expected (N, {tessellation.dim}) as "
            "the cell centers"
        )
    return tessellation.locate(positions)
