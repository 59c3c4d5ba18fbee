"""Cells of space, and the translocations assigned to them."""

from importlib import import_module
from pkgutil import iter_modules

from .base import CellStats, Delaunay, Voronoi
from .gwr import gwr
from .hexagons import HexagonalTessellation, hexagons
from .kmeans import kmeans
from .merging import merge_small
from .method import METHODS, Method, method
from .nesting import nesting
from .outlines import border_of, outlines_of
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
from .summed_partition import SummedPartition, Summing, Sums
from .tessellation import Tessellation
from .time import TimeLattice, with_time_lattice
from .time_segments import TimeSegments, sliding_window, time_segments
from .voronoi import VoronoiTessellation, one_cell, voronoi

__all__ = [
    "METHODS",
    "CellStats",
    "Delaunay",
    "HexagonalTessellation",
    "Method",
    "Partition",
    "QuadTreeTessellation",
    "SquareTessellation",
    "SummedPartition",
    "Summing",
    "Sums",
    "Tessellation",
    "TimeLattice",
    "TimeSegments",
    "Voronoi",
    "VoronoiTessellation",
    "border_of",
    "gwr",
    "hexagons",
    "kmeans",
    "merge_small",
    "method",
    "nearest_cell",
    "nesting",
    "one_cell",
    "outlines_of",
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
    "with_time_lattice",
]

# What declares a method is found by being here.
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
for _method in METHODS.values():  # of some, this is also the name of the module
    globals()[_method.function.__name__] = _method.function
