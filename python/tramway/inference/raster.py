"""Maps as images with a scale, for Fiji and other programs of images."""

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.data import Polygon
from tramway.errors import InvalidInputError, MissingPackageError
from tramway.tessellation import Tessellation, TimeSegments

from .maps import feature_of

if TYPE_CHECKING:
    from .maps import Maps

_MOST_VALUES = 1 << 27
"""Pixels of all channels: half a GiB of a file."""


@checked
def write_tiff(path: str | os.PathLike[str], maps: "Maps", pixel_size: float) -> None:
    """Write maps as a TIFF file of ImageJ's kind, which Fiji opens with its scale, in µm.

    A channel for each quantity, named by it and its unit; a frame for each segment of time, with
    the time between them, s, if it is the same for all. A pixel has the value of the cell that its
    center lies in, as 32-bit floating-point number, and NaN outside of all cells and where a cell
    has no value. The first row is that of the least y, as in tracks of TrackMate, and coordinates
    that Fiji shows are those of the data: pixels are those of a grid through the origin.

    Parameters
    ----------
    path
        The file.
    maps
        Maps in two dimensions that know their partition.
    pixel_size
        Side of a pixel, µm.

    Raises
    ------
    InvalidInputError
        If `pixel_size` is not positive, or so small that there are more than 2²⁷ values; or if
        cells have no outlines, in three dimensions.
    MissingResultError
        If the maps do not know their partition.
    MissingPackageError
        If tifffile is not installed.

    Examples
    --------
    >>> write_tiff("maps.tif", maps, pixel_size=0.05)
    """
    if not (math.isfinite(pixel_size) and pixel_size > 0):
        raise InvalidInputError(f"`pixel_size` is {pixel_size}, expected a positive length in µm")
    cells = maps.inferred_from().tessellation
    if cells.dim != 2:
        raise InvalidInputError("cells in three dimensions have no outlines to draw into an image")
    spatial = cells.spatial if isinstance(cells, TimeSegments) else cells
    values = maps.maps.reindex(np.arange(cells.n_cells)).select_dtypes("number")
    frames = cells.n_cells // spatial.n_cells
    cell, first = _cell_of_pixels(spatial.polygons(), pixel_size, frames * values.shape[1])
    by_cell = values.to_numpy(np.float32).reshape(frames, spatial.n_cells, -1)
    nowhere = np.full((frames, 1, values.shape[1]), np.nan, dtype=np.float32)
    # What is in no cell, -1, takes the last entry.
    image = np.moveaxis(np.concatenate([by_cell, nowhere], axis=1)[:, cell], -1, 1)
    units = [maps.unit_of(feature_of(str(name))) for name in values]
    names = [
        str(name) if unit is None else f"{name} [{unit}]"
        for name, unit in zip(values, units, strict=True)
    ]
    try:
        import tifffile
    except ImportError as error:
        raise MissingPackageError(
            "TIFF needs tifffile, which is not installed: pip install 'tramway-rs[images]'"
        ) from error
    ranges = [_limits(channel) for channel in np.moveaxis(image, 1, 0)]
    tifffile.imwrite(
        Path(path).expanduser(),
        np.ascontiguousarray(image),
        imagej=True,
        resolution=(1 / pixel_size, 1 / pixel_size),
        metadata={
            "axes": "TCYX",
            "unit": "micron",
            "mode": "grayscale",
            "xorigin": float(-first[0]),  # pixels
            "yorigin": float(-first[1]),
            "Labels": names * frames,
            # Of the first quantity, for readers that know of no others.
            "min": ranges[0][0],
            "max": ranges[0][1],
            "Ranges": tuple(end for limits in ranges for end in limits),
            **_frame_interval(cells),
        },
    )


def _frame_interval(cells: Tessellation) -> dict[str, float]:
    """Time between frames, s, as ImageJ calls it, where segments are equally far apart."""
    if not isinstance(cells, TimeSegments) or cells.n_segments < 2:
        return {}
    steps = np.diff(cells.intervals[:, 0])
    return {"finterval": float(steps[0])} if np.allclose(steps, steps[0]) else {}


def _cell_of_pixels(
    outlines: list[NDArray[np.float64]], pixel_size: float, layers: int
) -> tuple[NDArray[np.int64], tuple[int, int]]:
    """Cell of each pixel, (rows, columns), -1 in none; column and row of the first in the grid."""
    corners = np.concatenate(outlines) / pixel_size
    (left, bottom), (right, top) = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    if not (right - left) * (top - bottom) * layers <= _MOST_VALUES:
        raise InvalidInputError(
            f"`pixel_size` is {pixel_size} µm, and an image of {right - left:.0f} × "
            f"{top - bottom:.0f} pixels and {layers} layers too large, expected a larger one"
        )
    first = int(left), int(bottom)
    x = (np.arange(int(right - left)) + first[0] + 0.5) * pixel_size
    y = (np.arange(int(top - bottom)) + first[1] + 0.5) * pixel_size
    found = np.full((len(y), len(x)), -1, dtype=np.int64)
    for number, outline in enumerate(outlines):
        low, high = outline.min(axis=0), outline.max(axis=0)
        columns, rows = (
            slice(int(np.searchsorted(axis, low[d])), int(np.searchsorted(axis, high[d], "right")))
            for d, axis in enumerate((x, y))
        )
        at_x, at_y = np.meshgrid(x[columns], y[rows])
        is_inside = Polygon([[outline.tolist()]]).contains(
            np.stack([at_x.ravel(), at_y.ravel()], axis=1)
        )
        found[rows, columns][is_inside.reshape(at_x.shape)] = number
    return found, first


def _limits(values: NDArray[np.float32]) -> tuple[float, float]:
    """Least and largest value, for the display."""
    is_there = np.isfinite(values)
    if not is_there.any():
        return 0.0, 1.0
    return float(values[is_there].min()), float(values[is_there].max())
