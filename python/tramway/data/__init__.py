"""Trajectories, translocations and regions of interest: what goes into an analysis."""

from .frame_linking import link_frames
from .plausibility import check_precision
from .regions import Box, read_regions, squares, write_regions
from .simulation import Bump, Well, simulate
from .trajectories import check_trajectories, read_trajectories
from .translocations import (
    DESTINATION_PRECISION_COLUMN,
    PRECISION_COLUMN,
    Croppable,
    discard_static,
    trajectories_of,
    translocations,
    translocations_of_union,
)

__all__ = [
    "DESTINATION_PRECISION_COLUMN",
    "PRECISION_COLUMN",
    "Box",
    "Bump",
    "Croppable",
    "Well",
    "check_precision",
    "check_trajectories",
    "discard_static",
    "link_frames",
    "read_regions",
    "read_trajectories",
    "simulate",
    "squares",
    "trajectories_of",
    "translocations",
    "translocations_of_union",
    "write_regions",
]
