"""The forms that tell which points are in which cells."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import seen
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from .sampling import Counts
    from .tessellation import Tessellation

_MATRICES = {"matrix": "coo", "coo": "coo", "csr": "csr", "csc": "csc"}


def cell_index(
    cells: "Tessellation",
    points: pd.DataFrame,
    format: str | None,
    knn: "Counts | None",
    radius: float | None,
    min_location_count: int | None,
) -> Any:
    """See :meth:`Tessellation.cell_index`."""
    from . import sampling

    least = 0 if min_location_count is None else min_location_count
    if knn is not None and format != "force array":
        found = sampling.sample_nearest_neighbors(points, cells, knn=knn, min_location_count=least)
    elif radius is not None:
        found = sampling.sample_spheres(points, cells, radius=radius, min_location_count=least)
    else:
        found = sampling.sample_nearest(points, cells, min_location_count=least)
    if format is None:
        return found.cell_index
    if format in ("array", "force array"):
        if found.point_index is not None:
            raise InvalidInputError(
                f"`format` is {format!r}, and points are in several cells: expected 'pair'"
            )
        return found.cells
    is_filed = found.cells >= 0
    pairs = found.rows[is_filed], found.cells[is_filed]
    if format == "pair":
        return pairs
    if format not in _MATRICES:
        names = ", ".join(["array", "force array", "pair", *_MATRICES])
        raise InvalidInputError(f"`format` is {format!r}, expected one of {names}")
    from scipy.sparse import coo_matrix

    ones = np.ones(len(pairs[0]), dtype=np.bool_)
    matrix: Any = coo_matrix((ones, pairs), shape=(len(points), cells.n_cells))
    return matrix.asformat(_MATRICES[format])


def pairs_of(value: Any) -> tuple[NDArray[np.int64] | None, NDArray[np.int64]]:
    """Rows of points and cells, of any of these forms; no rows where there is a cell for each.

    Raises
    ------
    InvalidInputError
        If they are no integers.
    """
    if hasattr(value, "tocoo"):
        matrix = value.tocoo()
        value = matrix.row, matrix.col
    rows, cells = value if isinstance(value, tuple) else (None, value)
    try:
        entries = None if rows is None else np.asarray(rows, dtype=np.int64)
        return entries, np.asarray(cells, dtype=np.int64)
    except (TypeError, ValueError):
        raise InvalidInputError(
            f"`cells` is {seen(value)}, expected the number of the cell of each translocation, an "
            "array; a tuple of rows and cells; or a sparse matrix"
        ) from None
