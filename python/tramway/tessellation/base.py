"""Where scripts of the original look for partitions."""

from .partition import Partition
from .tessellation import Tessellation
from .voronoi import VoronoiTessellation as Voronoi

CellStats = Partition

__all__ = ["CellStats", "Partition", "Tessellation", "Voronoi"]
