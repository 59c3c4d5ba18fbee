"""Cells of space, and the translocations filed under them."""

from .gwr import gwr
from .hexagons import HexagonalTessellation, hexagons
from .kmeans import kmeans
from .merging import merge_small
from .nesting import nesting
from .partition import Partition, nearest_cell
from .quad_tree import QuadTreeTessellation, quad_tree
from .random import random
from .squares import SquareTessellation, squares
from .tessellation import Tessellation
from .voronoi import VoronoiTessellation, voronoi

__all__ = [
    "HexagonalTessellation",
    "Partition",
    "QuadTreeTessellation",
    "SquareTessellation",
    "Tessellation",
    "VoronoiTessellation",
    "gwr",
    "hexagons",
    "kmeans",
    "merge_small",
    "nearest_cell",
    "nesting",
    "quad_tree",
    "random",
    "squares",
    "voronoi",
]
