"""Pictures of cells and maps, drawn with matplotlib; it is loaded by the first call."""

from .cells import plot_cells
from .maps import plot_map

__all__ = ["plot_cells", "plot_map"]
