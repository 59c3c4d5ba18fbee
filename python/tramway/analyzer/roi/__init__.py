"""Regions of interest, to be assigned: ``a.roi = roi.from_squares(centers, side)``."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .declaration import ROI, RegionDefinitions, SourceROI
from .definition import (
    Boxes,
    Collections,
    Definition,
    GivenBoxes,
    RecordedRegions,
    RegionFile,
    RegionFilesBesideData,
)

__all__ = [
    "ROI",
    "BoundingBoxes",
    "Boxes",
    "Collections",
    "Definition",
    "GivenBoxes",
    "ROIAsciiFile",
    "ROIAsciiFiles",
    "RecordedRegions",
    "RegionDefinitions",
    "RegionFile",
    "RegionFilesBesideData",
    "SourceROI",
    "from_ascii_file",
    "from_ascii_files",
    "from_bounding_boxes",
    "from_dedicated_rwa_records",
    "from_squares",
]


def from_bounding_boxes(
    bb: Boxes, label: str | None = None, group_overlapping_roi: bool = False
) -> ROI:
    """Regions by their bounds; see :meth:`RegionDefinitions.from_bounding_boxes`."""
    roi = ROI()
    roi.from_bounding_boxes(bb, label, group_overlapping_roi)
    return roi


def from_squares(
    centers: Any, side: float, label: str | None = None, group_overlapping_roi: bool = False
) -> ROI:
    """Regions by their centers; see :meth:`RegionDefinitions.from_squares`."""
    roi = ROI()
    roi.from_squares(centers, side, label, group_overlapping_roi)
    return roi


def from_ascii_file(
    path: str | os.PathLike[str],
    size: float | None = None,
    label: str | None = None,
    group_overlapping_roi: bool = False,
) -> ROI:
    """Regions of one file, ``f.roi = ...``; see :meth:`SourceROI.from_ascii_file`."""
    roi = ROI()
    path = str(Path(path).expanduser())
    roi.definition = RegionFile(path, size, label, group_overlapping_roi)
    return roi


def from_ascii_files(
    suffix: str | Sequence[str] = "roi",
    extension: str = ".txt",
    size: float | None = None,
    label: str | Sequence[str] | None = None,
    group_overlapping_roi: bool = False,
    skip_missing: bool = False,
) -> ROI:
    """Regions of files beside the data; see :meth:`RegionDefinitions.from_ascii_files`."""
    roi = ROI()
    roi.from_ascii_files(suffix, extension, size, label, group_overlapping_roi, skip_missing)
    return roi


def from_dedicated_rwa_records(label: str | None = None, version: int | None = None) -> ROI:
    """Regions of samplings; see :meth:`RegionDefinitions.from_dedicated_rwa_records`."""
    roi = ROI()
    roi.from_dedicated_rwa_records(label, version)
    return roi


# As the original calls what these make.
BoundingBoxes = from_bounding_boxes
ROIAsciiFile = from_ascii_file
ROIAsciiFiles = from_ascii_files
