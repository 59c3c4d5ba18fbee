"""What scripts of the original import from its core, under the names that they have there."""

from .analyses import Analyses, append_leaf, find_artefacts
from .hdf5 import load_rwa, save_rwa
from .xyt import (
    crop,
    discard_static_trajectories,
    iter_frames,
    iter_trajectories,
    load_xyt,
    reindex_trajectories,
    trajectories_to_translocations,
    translocations_to_trajectories,
)

__all__ = [
    "Analyses",
    "append_leaf",
    "crop",
    "discard_static_trajectories",
    "find_artefacts",
    "iter_frames",
    "iter_trajectories",
    "load_rwa",
    "load_xyt",
    "reindex_trajectories",
    "save_rwa",
    "trajectories_to_translocations",
    "translocations_to_trajectories",
]
