"""What notebooks of the original call: a few lines each, over the analyzer."""

import numpy as np
import pandas as pd

from tramway.core import (
    Analyses,
    append_leaf,
    coerce_labels,
    crop,
    discard_static_trajectories,
    extract_analysis,
    find_artefacts,
    format_analyses,
    iter_frames,
    iter_full_trajectories,
    iter_trajectories,
    label_paths,
    load_mat,
    load_rwa,
    load_xyt,
    reindex_trajectories,
    save_rwa,
    trajectories_to_translocations,
    translocations,
    translocations_to_trajectories,
)
from tramway.core.scaler import unitrange, whiten
from tramway.inference import Maps
from tramway.tessellation import (
    CellStats,
    Delaunay,
    Partition,
    TimeLattice,
    Voronoi,
    with_time_lattice,
)

from .inference import infer, map_plot
from .tessellation import cell_plot, tessellate

__all__ = [
    "Analyses",
    "CellStats",
    "Delaunay",
    "Maps",
    "Partition",
    "TimeLattice",
    "Voronoi",
    "append_leaf",
    "cell_plot",
    "coerce_labels",
    "crop",
    "discard_static_trajectories",
    "extract_analysis",
    "find_artefacts",
    "format_analyses",
    "infer",
    "iter_frames",
    "iter_full_trajectories",
    "iter_trajectories",
    "label_paths",
    "load_mat",
    "load_rwa",
    "load_xyt",
    "map_plot",
    "np",  # notebooks rely on these two
    "pd",
    "reindex_trajectories",
    "save_rwa",
    "tessellate",
    "trajectories_to_translocations",
    "translocations",
    "translocations_to_trajectories",
    "unitrange",
    "whiten",
    "with_time_lattice",
]
