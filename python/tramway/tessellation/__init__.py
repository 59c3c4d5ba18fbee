"""Cells of space, and the translocations filed under them."""

from .hexagons import HexagonalTessellation, hexagons
from .partition import Partition, nearest_cell
from .tessellation import Tessellation

__all__ = ["HexagonalTessellation", "Partition", "Tessellation", "hexagons", "nearest_cell"]
