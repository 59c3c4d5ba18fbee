"""Trajectories, translocations and regions of interest: what goes into an analysis."""

from .croppable import Croppable
from .frame_linking import link_frames
from .geojson import read_geojson, write_geojson
from .plausibility import check_precision
from .polygon import Area, Polygon, as_polygon, overlap, union
from .regions import Box, read_regions, squares, write_regions
from .simulation import Bump, Well, simulate
from .streaming import stream_trajectories
from .track_blocks import track_blocks
from .trajectories import check_trajectories, read_trajectories
from .translocations import (
    DESTINATION_PRECISION_COLUMN,
    PRECISION_COLUMN,
    discard_static,
    trajectories_of,
    translocations,
    translocations_of_union,
)

__all__ = [
    "DESTINATION_PRECISION_COLUMN",
    "PRECISION_COLUMN",
    "Area",
    "Box",
    "Bump",
    "Croppable",
    "Polygon",
    "Well",
    "as_polygon",
    "check_precision",
    "check_trajectories",
    "discard_static",
    "link_frames",
    "overlap",
    "read_geojson",
    "read_regions",
    "read_trajectories",
    "simulate",
    "squares",
    "stream_trajectories",
    "track_blocks",
    "trajectories_of",
    "translocations",
    "translocations_of_union",
    "union",
    "write_geojson",
    "write_regions",
]
