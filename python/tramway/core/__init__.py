"""What scripts of the original import from its core, under the names that they have there."""

from .analyses import Analyses
from .hdf5 import load_rwa, save_rwa
from .xyt import crop, load_xyt, translocations_to_trajectories

__all__ = [
    "Analyses",
    "crop",
    "load_rwa",
    "load_xyt",
    "save_rwa",
    "translocations_to_trajectories",
]
