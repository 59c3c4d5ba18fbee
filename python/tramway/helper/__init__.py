"""What notebooks of the original call: a few lines each, over the analyzer."""

import numpy as np
import pandas as pd

from tramway.core import (
    Analyses,
    append_leaf,
    crop,
    discard_static_trajectories,
    find_artefacts,
    iter_frames,
    iter_trajectories,
    load_rwa,
    load_xyt,
    save_rwa,
    trajectories_to_translocations,
    translocations_to_trajectories,
)
from tramway.core.scaler import unitrange, whiten
from tramway.inference import Maps
from tramway.tessellation import CellStats, Partition

from .inference import infer, map_plot
from .tessellation import cell_plot, tessellate

__all__ = [
    "Analyses",
    "CellStats",
    "Maps",
    "Partition",
    "append_leaf",
    "cell_plot",
    "crop",
    "discard_static_trajectories",
    "find_artefacts",
    "infer",
    "iter_frames",
    "iter_trajectories",
    "load_rwa",
    "load_xyt",
    "map_plot",
    "np",  # notebooks rely on these two
    "pd",
    "save_rwa",
    "tessellate",
    "trajectories_to_translocations",
    "translocations_to_trajectories",
    "unitrange",
    "whiten",
]
