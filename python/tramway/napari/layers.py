"""Tuples of data, settings and kind, of which napari makes layers."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.data import trajectories_of
from tramway.data.translocations import PRECISION_COLUMN
from tramway.errors import DataQualityWarning
from tramway.inference.maps import Maps
from tramway.tessellation import TimeSegments
from tramway.units import DEVIATION, SPACE_COLUMNS

if TYPE_CHECKING:
    from tramway.files import Analysis

Layer: TypeAlias = tuple[Any, dict[str, Any], str]
"""Data, settings and kind of a layer."""

_DIAMETER = 0.05
"""Of localizations, µm: of the order of their precision."""

_TOLERANCE = 0.1
"""In frames, that times may be off a grid of them."""


@checked
def tracks_layer(trajectories: pd.DataFrame, name: str) -> Layer:
    """Make a layer of trajectories.

    Parameters
    ----------
    trajectories
        As :func:`tramway.data.check_trajectories` returns it: columns ``n x y [z] t``, µm and s.
    name
        Name of the layer.

    Returns
    -------
    tuple
        Data, settings, and ``'tracks'``; or ``'points'`` where no track has two localizations.

        Columns of the data are the track number (not of points), the frame, [``z``,] ``y``, ``x``;
        ``scale`` has the frame interval, in s, so that the slider goes from frame to frame. The
        interval is the least time between two localizations of a track. Where times are not those
        of frames, the column is the time, and its scale 1 s. Features are ``t [s]`` and the other
        columns of the table.

    Examples
    --------
    >>> data, settings, kind = tracks_layer(movie, "movie")
    >>> kind, data.shape, settings["scale"]
    ('tracks', (4000, 4), (0.02, 1.0, 1.0))
    """
    space = [column for column in reversed(SPACE_COLUMNS) if column in trajectories]
    track = trajectories["n"].to_numpy()
    times = trajectories["t"].to_numpy(np.float64)
    frame, interval, start = _frames(track, times)
    data = np.column_stack([track, frame, trajectories[space].to_numpy(np.float64)])
    features = trajectories.drop(columns=["n", *space]).reset_index(drop=True)
    features = features.rename(columns={"t": "t [s]", PRECISION_COLUMN: f"{PRECISION_COLUMN} [µm]"})
    settings = {"name": name, "features": features} | _axes(space, interval, start)
    if (track[1:] == track[:-1]).any():
        return data, settings, "tracks"
    return data[:, 1:], settings | {"size": _DIAMETER}, "points"


def _axes(space: list[str], interval: float | None = None, start: float = 0.0) -> dict[str, Any]:
    """Scale, place, units and names of the axes of a layer; no time without an interval."""
    time = [] if interval is None else [interval]
    return {
        "scale": (*time, *(1.0 for _ in space)),
        "translate": (*(start for _ in time), *(0.0 for _ in space)),
        "units": (*("s" for _ in time), *("µm" for _ in space)),
        "axis_labels": (*("t" for _ in time), *space),
    }


def _frames(
    track: NDArray[Any], times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """Frame of each localization, s between frames, s of frame 0; times, 1, 0 if there are none."""
    moments, which = np.unique(times, return_inverse=True)
    if len(moments) < 2:
        return times, 1.0, 0.0
    lags = np.diff(times)[track[1:] == track[:-1]]
    if not len(lags):
        lags = np.diff(moments)
    counts = np.round(lags / lags.min())
    interval = float(lags.sum() / counts.sum())
    # Over the whole movie, from moment to moment: rounded times tell the interval of many frames.
    steps = np.concatenate([[0.0], np.cumsum(np.round(np.diff(moments) / interval))])
    if steps[-1] == 0:
        return times, 1.0, 0.0
    interval = float(f"{(moments[-1] - moments[0]) / steps[-1]:.9g}")
    frames = steps + round(float(moments[0]) / interval)
    offset = moments - frames * interval
    start = float(offset.mean())
    if not np.abs(offset - start).max() < _TOLERANCE * interval:
        return times, 1.0, 0.0
    return frames[which], interval, start if abs(start) > 1e-6 * interval else 0.0


@checked
def analysis_layers(tree: "Analysis", name: str) -> list[Layer]:
    """Make layers of an analysis tree: its localizations, and the cells of all maps.

    Parameters
    ----------
    tree
        The root.
    name
        Name of the layer of localizations.

    Returns
    -------
    list of tuple
        Data, settings and kind of each. The first is :func:`tracks_layer` of the localizations, if
        the tree has them. Then, for each maps and quantity, ``'shapes'``: cells as polygons, named
        by the labels of the sampling and of the maps, and the quantity; only the first quantity of
        the maps is visible at first.

        Colours are those of :func:`tramway.plotting.plot_map`: of vectors, by amplitude. Cells
        without a value are grey, and so are islands, whose zero is their own. Features are the
        table :meth:`tramway.inference.Maps.to_dataframe`. Segments of time are slices along an
        axis of time, at the middle of each.

    Warns
    -----
    DataQualityWarning
        If cells have no outlines, in three dimensions; they are left out.

    Examples
    --------
    >>> from tramway.files import Analysis
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "cells").add(maps, "dv")
    >>> [layer[1]["name"] for layer in analysis_layers(tree, "movie")]
    ['movie', 'cells/dv: diffusivity', 'cells/dv: potential', 'cells/dv: force']
    """
    layers = []
    if isinstance(tree.data, pd.DataFrame) and {"x", "y", "t"} <= set(tree.data.columns):
        layers.append(tracks_layer(_localizations(tree.data), name))
    for path, maps in _maps_below(tree):
        if maps.inferred_from().tessellation.dim == 2:
            layers += _cells_of(path, maps)
        else:
            warnings.warn(
                f"{name}: the cells of {path} were left out: in three dimensions they have no "
                "outlines",
                DataQualityWarning,
                stacklevel=2,
            )
    return layers


def _localizations(table: pd.DataFrame) -> pd.DataFrame:
    if {"dx", "dy", "dt"} <= set(table.columns):
        return trajectories_of(table)
    if "n" not in table:
        return table.assign(n=np.arange(1, len(table) + 1))
    return table.sort_values(["n", "t"], kind="stable")


def _maps_below(node: "Analysis", path: str = "") -> Iterator[tuple[str, Maps]]:
    for label in node:
        child, where = node[label], f"{path}/{label}" if path else str(label)
        if isinstance(child.data, Maps) and child.data.partition is not None:
            yield where, child.data
        yield from _maps_below(child, where)


def _cells_of(path: str, maps: Maps) -> Iterator[Layer]:
    """Give a layer of each quantity of some maps."""
    partition = maps.inferred_from()
    cells = partition.tessellation
    outlines = [outline[:, ::-1] for outline in cells.polygons()]
    axes = _axes(["y", "x"])
    if isinstance(cells, TimeSegments):
        middle = cells.intervals.mean(axis=1)
        shift = float(np.diff(middle).mean()) if len(middle) > 1 else 1.0
        axes = _axes(["y", "x"], shift, float(middle[0]))
        count = cells.spatial.n_cells
        outlines = [
            np.column_stack([np.full(len(outline), number // count), outline])
            for number, outline in enumerate(outlines)
        ]
    features = maps.to_dataframe()
    quantities = [feature for feature in maps.features if not feature.endswith(DEVIATION)]
    for rank, quantity in enumerate(quantities):
        settings = {
            "name": f"{path}: {quantity}",
            "shape_type": "polygon",
            "features": features,
            "face_color": _colors(maps, quantity),
            "edge_width": 0.0,  # its unit is that of the data: 1 would be a µm
            "visible": rank == 0,
        }
        yield outlines, settings | axes, "shapes"


def _colors(maps: Maps, quantity: str) -> NDArray[np.float64]:
    """Give red, green, blue and opacity of each cell, (n_cells, 4)."""
    from matplotlib import colors

    from tramway.plotting import color_limits, shown_segments
    from tramway.plotting.maps import colormap_of

    shown = shown_segments(maps, quantity, maps.inferred_from())
    values = np.concatenate([segment.colored for segment in shown])
    # Without any value there are no limits, and all are grey.
    limits = color_limits(shown) if np.isfinite(values).any() else (0.0, 1.0)
    scale = colors.Normalize(*limits)
    return np.asarray(colormap_of(quantity)(scale(np.ma.masked_invalid(values))))
