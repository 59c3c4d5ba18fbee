"""What scripts of the original import from its core, under the names that they have there."""

from .analyses import (
    Analyses,
    append_leaf,
    coerce_labels,
    extract_analysis,
    find_artefacts,
    format_analyses,
    label_paths,
)
from .hdf5 import load_rwa, save_rwa
from .xyt import (
    crop,
    discard_static_trajectories,
    iter_frames,
    iter_full_trajectories,
    iter_trajectories,
    load_mat,
    load_xyt,
    reindex_trajectories,
    trajectories_to_translocations,
    translocations,
    translocations_to_trajectories,
)

__all__ = [
    "Analyses",
    "append_leaf",
    "coerce_labels",
    "crop",
    "discard_static_trajectories",
    "extract_analysis",
    "find_artefacts",
    "format_analyses",
    "iter_frames",
    "iter_full_trajectories",
    "iter_trajectories",
    "label_paths",
    "load_mat",
    "load_rwa",
    "load_xyt",
    "reindex_trajectories",
    "save_rwa",
    "trajectories_to_translocations",
    "translocations",
    "translocations_to_trajectories",
]
