"""Cells of space, and the translocations filed under them."""

from .gwr import gwr
from .hexagons import HexagonalTessellation, hexagons
from .kmeans import kmeans
from .merging import merge_small
from .nesting import nesting
from .partition import Partition, nearest_cell
from .quad_tree import QuadTreeTessellation, quad_tree
from .random import random
from .sampling import (
    sample_nearest,
    sample_nearest_neighbors,
    sample_nearest_time_neighbors,
    sample_spheres,
)
from .squares import SquareTessellation, squares
from .tessellation import Tessellation
from .time_segments import TimeSegments, sliding_window, time_segments
from .voronoi import VoronoiTessellation, voronoi

__all__ = [
    "HexagonalTessellation",
    "Partition",
    "QuadTreeTessellation",
    "SquareTessellation",
    "Tessellation",
    "TimeSegments",
    "VoronoiTessellation",
    "gwr",
    "hexagons",
    "kmeans",
    "merge_small",
    "nearest_cell",
    "nesting",
    "quad_tree",
    "random",
    "sample_nearest",
    "sample_nearest_neighbors",
    "sample_nearest_time_neighbors",
    "sample_spheres",
    "sliding_window",
    "squares",
    "time_segments",
    "voronoi",
]
