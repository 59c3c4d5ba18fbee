"""Cutting into cells, and drawing them, in one call."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.analyzer import RWAnalyzer
from tramway.attributes import warn_without_effect
from tramway.data import translocations
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.plotting import plot_cells
from tramway.plotting.cells import draw_cell_indices
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

from .figures import finish, new_axes
from .nesting import nested
from .trees import Labels, PathLike, artefact, find, free_label, opened, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cell_plot", "tessellate"]

_MIN_LOCATION_COUNT = 20
_AVG_LOCATION_COUNT = 80


def tessellate(
    xyt_data: pd.DataFrame | Analysis | PathLike,
    method: str = "gwr",
    output_file: PathLike | None = None,
    *,
    label: str | int | None = None,
    output_label: str | int | None = None,
    comment: str | None = None,
    input_label: Labels = None,
    inplace: bool = False,
    knn: Any = None,
    radius: float | None = None,
    distance: float | None = None,
    ref_distance: float | None = None,
    rel_avg_distance: float = 2.0,
    min_location_count: int | None = None,
    avg_location_count: int | None = None,
    max_location_count: int | None = None,
    strict_min_location_count: int | None = None,
    min_n: int | None = None,
    time_window_duration: float | None = None,
    time_window_shift: float | None = None,
    **options: Any,
) -> Partition:
    """Cut the area of trajectories into cells.

    Parameters
    ----------
    xyt_data
        Trajectories; or a tree, or a file, that has them. What is made is added to the tree, and
        saved in the ``.rwa`` file that there is, or that is named after the text file.
    method
        Plugin name of the tesseller; or ``window``, with `duration` and `shift`, s, or numbers of
        `frames`, which cuts time alone.
    output_file
        Where the tree is saved instead.
    label, output_label
        Of the sampling in it; the first free number by default, and in place of ``*``.
    comment
        On the sampling.
    input_label
        Labels of a sampling in the tree, each cell of which is cut, in its segments of time if it
        has some: see :func:`tramway.tessellation.nesting`. What is made is added below it.
    inplace
        Whether it takes the place of that sampling.
    knn
        Least number of points of each cell, or (least, most): cells may share points.
    radius
        Each cell is what is within so many µm of its center.
    distance, ref_distance
        Typical displacement, µm; the mean one by default. Cells that are not as large as a number
        of points asks for are `rel_avg_distance` times as wide.
    min_location_count, avg_location_count, max_location_count
        Numbers of points of cells: 20 at least, unless `knn` or `radius` is given, and four times
        as many on average, or 80.
    strict_min_location_count, min_n
        Cells of fewer points are left empty.
    time_window_duration, time_window_shift
        Segments of time, s.
    options
        Settings of the tesseller, as ``lower_bound``, ``tilt``, ``cell_count`` or ``seed``; others
        of the original are taken with a warning.

    Returns
    -------
    Partition
        The cells, and what is in each.
    """
    if options.pop("return_analyses", False):
        raise InvalidInputError(
            "`return_analyses` is True, and cells are returned: read the tree with "
            "tramway.core.load_rwa, or make it first, Analyses(data), and give it as `xyt_data`"
        )
    tree, rwa = opened(xyt_data)
    name = label if output_label is None else output_label
    refined = name if inplace and input_label is None else input_label
    parent = tree if refined is None else find(tree, (Partition,), refined)
    a = RWAnalyzer()
    a.spt_data.from_dataframe(tree.data)
    # Translocations are cut where they begin, as those of a region.
    data = tree.data if "dx" in tree.data else a.spt_data.dataframe
    if parent is not tree:
        data = parent.data.points
    if min_location_count is None and knn is None and radius is None:
        min_location_count = _MIN_LOCATION_COUNT
    if avg_location_count is None:
        is_unset = min_location_count is None
        avg_location_count = _AVG_LOCATION_COUNT if is_unset else 4 * (min_location_count or 0)
    reference = distance if ref_distance is None else ref_distance
    wanted: dict[str, Any] = {"ref_distance": reference, "min_location_count": min_location_count}
    if max_location_count:
        wanted["max_location_count"] = max_location_count
    if not avg_location_count:
        wanted["avg_distance"] = rel_avg_distance * (reference or _mean_displacement(data))
    elif avg_location_count != _AVG_LOCATION_COUNT and "cell_count" not in options:
        wanted["avg_location_count"] = avg_location_count
    if method == "window":
        _set_window(a, **options)
    else:
        _set_tesseller(a, method, wanted, options)
    if time_window_duration is not None:
        a.time.from_sliding_window(time_window_duration, time_window_shift)
    if knn is not None:
        a.sampler.from_nearest_neighbors(knn)
    elif radius is not None:
        a.sampler.from_spheres(radius)
    strict = min_n if strict_min_location_count is None else strict_min_location_count
    if strict is None and (knn is not None or radius is not None):
        strict = min_location_count
    if strict is not None:
        a.sampler.min_location_count = strict
    partition: Partition = a.sampler.sample(data) if parent is tree else nested(a, parent.data)
    if inplace:
        above, of = parent.get_parent(), str(parent.label)
        del above[of]
        above.add(partition, of, parent.comment if comment is None else comment)
    else:
        parent.add(partition, free_label(parent, name), comment)
    save(tree, rwa, output_file)
    return partition


_OF_OTHER_PICTURES = {
    *("cell_dist_hist", "colors", "location_count_hist", "location_dist_hist"),
    *("min_location_count", "num", "verbose"),
}


def _set_window(
    a: RWAnalyzer,
    duration: float | None = None,
    shift: float | None = None,
    frames: bool = False,
    **others: object,
) -> None:
    for name in others:
        warn_without_effect(name, "the method 'window' does without")
    if duration is None:
        raise InvalidInputError("`duration` is not set: the method 'window' cuts time, s")
    a.time.from_sliding_window(duration, shift, "frame" if frames else "s")


def _set_tesseller(
    a: RWAnalyzer, method: str, wanted: Mapping[str, Any], options: dict[str, Any]
) -> None:
    known = {name: options.pop(name) for name in ("cell_count",) if name in options}
    a.tesseller.from_plugin(method, **known)
    for name, value in wanted.items():
        if name in a.tesseller.parameters and value is not None:
            setattr(a.tesseller, name, value)
    for name, value in options.items():
        if name in a.tesseller.parameters:
            setattr(a.tesseller, name, value)
        else:
            warn_without_effect(name, f"the method {method!r} does without")


def _mean_displacement(data: pd.DataFrame) -> float:
    steps = data if "dx" in data else translocations(data)
    names = [f"d{name}" for name in SPACE_COLUMNS if f"d{name}" in steps]
    return float(np.mean(np.linalg.norm(steps[names], axis=1)))


def cell_plot(
    cells: Partition | Analysis | PathLike,
    xy_layer: str | None = None,
    output_file: PathLike | None = None,
    *,
    fig_format: str | None = None,
    show: bool = False,
    label: Labels = None,
    input_label: Labels = None,
    axes: "Axes | None" = None,
    figsize: tuple[float, float] | None = None,
    dpi: float | None = None,
    delaunay: bool | Mapping[str, Any] = False,
    voronoi: bool | Mapping[str, Any] | None = None,
    locations: bool | Mapping[str, Any] | None = None,
    cell_indices: bool | Mapping[str, Any] | None = None,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    **options: Any,
) -> None:
    """Draw cells.

    Parameters
    ----------
    cells
        What they are; or the tree, or file, that has them.
    xy_layer
        ``"voronoi"`` or ``"delaunay"``: which lines are drawn.
    output_file, fig_format
        Where the figure is saved: the file, or the ending of one that is named after the data.
    show
        Whether it is shown.
    label, input_label
        Of the cells in the tree.
    axes, figsize, dpi
        Where it is drawn; the size of a new figure, in inches, and dots per inch of what is saved.
    delaunay, voronoi, locations
        Whether neighbours, outlines and points are drawn, or properties of them.
    cell_indices
        Whether the number of each cell is written at its center, or properties of the text.
    xlim, ylim
        Limits of the axes, µm.
    options
        Those of :func:`tramway.plotting.plot_cells`; colours by the density and histograms, which
        the original has, are taken with a warning.
    """
    for name in _OF_OTHER_PICTURES & options.keys():
        warn_without_effect(name, "cells and points are drawn, in one colour each")
        del options[name]
    if xy_layer == "delaunay":
        delaunay = delaunay or True
    found = artefact(cells, Partition, label if input_label is None else input_label)
    if isinstance(locations, Mapping) and locations.get("color") in ("light", "dark"):
        locations = {name: locations[name] for name in locations if name != "color"}
    for name, style in (("location", locations), ("voronoi", voronoi), ("delaunay", delaunay)):
        if isinstance(style, Mapping):
            options[f"{name}_options"] = style
    if delaunay is True:
        options["delaunay_options"] = {}
    if voronoi is False or (delaunay and voronoi is None):
        options["voronoi_options"] = {"linewidth": 0}
    if locations is False:
        options["locations"] = False
    drawn = plot_cells(found, axes=new_axes(axes, figsize), **options)
    if cell_indices is not None and cell_indices is not False:
        draw_cell_indices(found, drawn, {} if cell_indices is True else cell_indices)
    drawn.set(**{name: of for name, of in (("xlim", xlim), ("ylim", ylim)) if of is not None})
    finish(drawn, cells, output_file, fig_format, dpi, show)
