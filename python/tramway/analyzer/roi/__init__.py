"""Regions of interest, to be assigned: ``a.roi = roi.from_squares(centers, side)``."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from tramway.data import Polygon

from .declaration import RegionDefinitions
from .definition import (
    Boxes,
    Collections,
    Definition,
    GivenAreas,
    RecordedRegions,
    RegionFile,
    RegionFilesBesideData,
)
from .of_all_sources import ROI
from .of_one_source import SourceROI

__all__ = [
    "ROI",
    "BoundingBoxes",
    "Boxes",
    "Collections",
    "Definition",
    "GivenAreas",
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
    "from_geojson",
    "from_geojson_files",
    "from_polygons",
    "from_squares",
]


def from_bounding_boxes(
    bb: Boxes, label: str | None = None, group_overlapping_roi: bool = False
) -> ROI:
    """Regions by their bounds; see :meth:`ROI.from_bounding_boxes`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_bounding_boxes([((0, 0), (1, 1))])  # µm: lower and upper corner
    """
    roi = ROI()
    roi.from_bounding_boxes(bb, label, group_overlapping_roi)
    return roi


def from_squares(
    centers: Any, side: float, label: str | None = None, group_overlapping_roi: bool = False
) -> ROI:
    """Regions by their centers; see :meth:`ROI.from_squares`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_squares([[1, 1], [2, 2]], side=0.8)  # µm
    """
    roi = ROI()
    roi.from_squares(centers, side, label, group_overlapping_roi)
    return roi


def from_polygons(
    polygons: Iterable[Polygon | ArrayLike],
    label: str | None = None,
    group_overlapping_roi: bool = False,
) -> ROI:
    """Regions by their outlines; see :meth:`ROI.from_polygons`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_polygons([[(0, 0), (2, 0), (0, 2)]])  # µm: corners of each
    """
    roi = ROI()
    roi.from_polygons(polygons, label, group_overlapping_roi)
    return roi


def from_geojson(
    path: str | os.PathLike[str],
    pixel_size: float | None = None,
    label: str | None = None,
    group_overlapping_roi: bool = False,
) -> ROI:
    """Regions of a GeoJSON file; see :meth:`ROI.from_geojson`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_geojson("regions.geojson", pixel_size=0.1)  # µm
    """
    roi = ROI()
    roi.from_geojson(path, pixel_size, label, group_overlapping_roi)
    return roi


def from_geojson_files(
    suffix: str = "roi",
    extension: str = ".geojson",
    pixel_size: float | None = None,
    label: str | None = None,
    group_overlapping_roi: bool = False,
    skip_missing: bool = False,
) -> ROI:
    """Regions of GeoJSON files beside the data; see :meth:`ROI.from_geojson_files`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_geojson_files(pixel_size=0.1)  # movie.csv has them in movie-roi.geojson
    """
    roi = ROI()
    roi.from_geojson_files(
        suffix, extension, pixel_size, label, group_overlapping_roi, skip_missing
    )
    return roi


def from_ascii_file(
    path: str | os.PathLike[str],
    size: float | None = None,
    label: str | None = None,
    group_overlapping_roi: bool = False,
) -> ROI:
    """Regions of one file, ``f.roi = ...``; see :meth:`SourceROI.from_ascii_file`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> first(a.spt_data).roi = roi.from_ascii_file("regions.txt")
    """
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
    """Regions of files beside the data; see :meth:`ROI.from_ascii_files`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_ascii_files(suffix="roi")  # movie.txt has its regions in movie-roi.txt
    """
    roi = ROI()
    roi.from_ascii_files(suffix, extension, size, label, group_overlapping_roi, skip_missing)
    return roi


def from_dedicated_rwa_records(label: str | None = None, version: int | None = None) -> ROI:
    """Regions of samplings; see :meth:`ROI.from_dedicated_rwa_records`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.roi = roi.from_dedicated_rwa_records()  # those that samplings were made of
    """
    roi = ROI()
    roi.from_dedicated_rwa_records(label, version)
    return roi


# As the original calls what these make.
BoundingBoxes = from_bounding_boxes
ROIAsciiFile = from_ascii_file
ROIAsciiFiles = from_ascii_files
