"""Pictures of trajectories, cells and maps, drawn with matplotlib; the first call loads it."""

from .cells import plot_cell_indices, plot_cells
from .maps import plot_map
from .scale import ShownValues, color_limits, shown_segments, shown_values
from .segments import animate_cells, animate_map, plot_segments
from .trajectories import animate_trajectories, plot_regions, plot_trajectories

__all__ = [
    "ShownValues",
    "animate_cells",
    "animate_map",
    "animate_trajectories",
    "color_limits",
    "plot_cell_indices",
    "plot_cells",
    "plot_map",
    "plot_regions",
    "plot_segments",
    "plot_trajectories",
    "shown_segments",
    "shown_values",
]
