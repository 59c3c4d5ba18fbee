"""Pictures of a partition: cell outlines and localizations."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.data.columns import values_of
from tramway.errors import InvalidInputError
from tramway.tessellation import (
    Partition,
    SummedPartition,
    Tessellation,
    TimeSegments,
    border_of,
)
from tramway.units import UNITS

from .option_names import properties, with_effect

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .polygons import Polygons

Aspect: TypeAlias = Literal["equal", "auto"] | float

_LONGEST_SIDE = 4.5  # inches of the longer side of a new figure's region
_SHORTEST_SIDE = 1.5
_SCALE_BAR = 0.3  # of the width of a picture, at most
_MARGINS = (1.6, 0.9)  # inches beside and below it, for the colour bar and the labels


@checked
def plot_cells(
    partition: Partition,
    *,
    axes: "Axes | None" = None,
    locations: "bool | pd.DataFrame" = True,
    title: str | None = None,
    aspect: Aspect = "equal",
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    segment: int | None = None,
    location_options: Mapping[str, Any] | None = None,
    voronoi_options: Mapping[str, Any] | None = None,
    delaunay_options: Mapping[str, Any] | bool | None = None,
    **outline_style: object,
) -> "Axes":
    """Draw the outlines of the cells, with the localizations in them.

    Parameters
    ----------
    partition
        Two-dimensional cells and the translocations assigned to them.
    axes
        Where to draw; by default the current axes if they are empty, else a new figure.
    locations
        Whether the origin of each translocation is drawn as a dot, where a :class:`SummedPartition`
        has none; or a table with columns ``x y``, µm, of those that are drawn instead.
    title
        Title of the axes; none by default.
    aspect
        Ratio of the scales of *y* and *x*, as :meth:`matplotlib.axes.Axes.set_aspect` takes it.
    xlim, ylim
        Ends of the axes, µm; by default those of the cells.
    segment
        Number of the time segment, from 0; by default the translocations of all are drawn.
    location_options
        Properties of the dots, as :meth:`matplotlib.axes.Axes.scatter` takes them.
    voronoi_options
        Properties of the outlines, as `outline_style`, where a ``color`` is that of the line, and
        maybe ``centroid_style``, the format of marks at the centers, such as ``"g+"``.
    delaunay_options
        Properties of lines between the centers of neighbouring cells, or whether there are any.
    **outline_style
        Properties of the :class:`matplotlib.collections.PolyCollection` of the cells, for instance
        ``edgecolor`` and ``linewidth``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, in µm. The figure is ``.figure``; it is not shown.

    Raises
    ------
    InvalidInputError
        If the cells are not two-dimensional, or there is no such segment.

    Examples
    --------
    >>> axes = plot_cells(partition, title="cells")
    """
    if segment is not None:
        partition = partition.segment(segment)
    axes = prepare_axes(partition, axes, title=title, aspect=aspect)
    if isinstance(locations, pd.DataFrame):
        shown: pd.DataFrame | None = locations
    else:
        is_drawn = locations and not isinstance(partition, SummedPartition)  # which knows of none
        shown = partition.points if is_drawn else None
    if shown is not None:
        dots = {
            name: value for name, value in (location_options or {}).items() if value is not None
        }
        draw_locations(shown, axes, {"c": "tab:blue", "alpha": 0.5, **dots})
    style: dict[str, object] = {"facecolor": "none", "edgecolor": "0.45", "linewidth": 0.6}
    outline = properties(voronoi_options or {}, color="edgecolor", style="linestyle")
    centers = outline.pop("centroid_style", None)
    draw_cells(partition, axes, style | outline | outline_style)
    if centers is not None:
        axes.plot(*_spatial(partition).cell_centers[:, :2].T, centers)
    if delaunay_options is not None and delaunay_options is not False:
        lines = {} if delaunay_options is True else properties(delaunay_options, style="linestyle")
        marks = lines.pop("centroid_style", None)
        _draw_neighbours(partition, axes, {"color": "0.7", "linewidth": 0.5, **lines})
        if marks is not None:
            axes.plot(*_spatial(partition).cell_centers[:, :2].T, marks)
    if xlim is not None:
        axes.set_xlim(xlim)
    if ylim is not None:
        axes.set_ylim(ylim)
    return axes


@checked
def plot_cell_indices(
    partition: Partition,
    *,
    axes: "Axes | None" = None,
    title: str | None = None,
    aspect: Aspect = "equal",
    voronoi_options: Mapping[str, Any] | None = None,
    delaunay_options: Mapping[str, Any] | bool | None = None,
    shift_indices: bool = False,
    **text_style: Any,
) -> "Axes":
    """Draw the outlines of the cells, and the number of each at its center.

    Parameters
    ----------
    partition, axes, title, aspect, voronoi_options, delaunay_options
        See :func:`plot_cells`.
    shift_indices
        Whether the first cell has the number 1, and not 0.
    **text_style
        Properties of the :class:`matplotlib.text.Text` of the numbers.

    Examples
    --------
    >>> axes = plot_cell_indices(partition)
    """
    axes = plot_cells(
        partition,
        axes=axes,
        locations=False,
        title=title,
        aspect=aspect,
        voronoi_options=voronoi_options,
        delaunay_options=delaunay_options,
    )
    draw_cell_indices(partition, axes, text_style, first=int(shift_indices))
    return axes


def _spatial(partition: Partition) -> Tessellation:
    cells = partition.tessellation
    return cells.spatial if isinstance(cells, TimeSegments) else cells


def _draw_neighbours(partition: Partition, axes: "Axes", style: Mapping[str, Any]) -> None:
    from matplotlib.collections import LineCollection

    cells = _spatial(partition)
    first = np.repeat(np.arange(cells.n_cells), np.diff(cells.adjacency_starts))
    pairs = np.stack([first, cells.adjacency], axis=1)[first < cells.adjacency]
    axes.add_collection(LineCollection(list(cells.cell_centers[pairs]), **style))


def prepare_axes(
    partition: Partition, axes: "Axes | None", *, title: str | None, aspect: Aspect
) -> "Axes":
    """Label the axes of a picture of the partition; in a new figure if `axes` is None."""
    if partition.tessellation.dim != 2:
        raise InvalidInputError(
            f"`partition` has cells in {partition.tessellation.dim} dimensions, only those in 2 "
            "can be drawn"
        )
    axes = labelled_axes(axes, aspect=aspect, figsize=figure_size(partition))
    axes.margins(0.02)
    if title is not None:
        axes.set_title(title)
    return axes


def labelled_axes(
    axes: "Axes | None", *, aspect: Aspect, figsize: tuple[float, float] | None = None
) -> "Axes":
    """Label axes in µm; if `axes` is None, the current ones if they are empty, or else new ones."""
    if axes is None:
        axes = _empty_axes()
    if axes is None:
        # pyplot, so that a notebook shows the figure at the end of its cell
        from matplotlib import pyplot

        _, axes = pyplot.subplots(figsize=figsize, layout="compressed")
    axes.set_xlabel(f"x ({UNITS['x']})")
    axes.set_ylabel(f"y ({UNITS['y']})")
    try:
        axes.set_aspect(aspect)
    except ValueError as error:
        raise InvalidInputError(
            f"`aspect` is {aspect!r}, expected 'equal', 'auto' or a number above 0"
        ) from error
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _empty_axes() -> "Axes | None":
    """Find the axes that a script has made to be drawn in, as by ``plt.subplot``."""
    from matplotlib import pyplot

    if not pyplot.get_fignums():
        return None
    axes = pyplot.gca()
    is_used = axes.has_data() or axes.collections or axes.images or axes.texts
    return None if is_used or not hasattr(axes, "spines") else axes


def draw_cells(partition: Partition, axes: "Axes", style: dict[str, object]) -> "Polygons":
    """Add one polygon per cell, in the order of the cells.

    Raises
    ------
    InvalidInputError
        If `style` has what is no property of polygons.
    """
    from .polygons import Polygons

    cells = Polygons(_spatial(partition).polygons())  # the same in each segment
    style = with_effect(style)
    unknown = [f"`{name}`" for name in style if not hasattr(cells, f"set_{name}")]
    if unknown:
        raise InvalidInputError(
            f"there is no option {', '.join(unknown)}: expected those that the documentation of "
            "pictures has, or properties of matplotlib's PolyCollection, as edgecolor or alpha"
        )
    cells.set(**style)
    axes.add_collection(cells)
    axes.autoscale_view()
    return cells


def draw_cell_indices(
    partition: Partition, axes: "Axes", style: Mapping[str, Any], first: int = 0
) -> None:
    """Write the number of each cell at its center, that of the first one as said."""
    style = {
        "ha": "center", "va": "center", "fontsize": 7, **properties(style, font_size="fontsize")
    }  # fmt: skip
    for number, (x, y) in enumerate(_spatial(partition).cell_centers, start=first):
        axes.text(x, y, str(number), **style)


def draw_locations(points: pd.DataFrame, axes: "Axes", style: Mapping[str, Any]) -> None:
    """Add one dot per row, at ``x y``; the style may have names of the original, too."""
    x, y = values_of(points, "xy").T
    dots = properties(style, color="c", size="s", style="marker")
    width = {} if "marker" in dots else {"linewidths": 0}  # crosses are lines
    # rasterized: tens of thousands of vector dots make a PDF that no viewer opens
    axes.scatter(x, y, **{"s": 1.5, **width, "rasterized": True, **dots})


def draw_border(
    axes: "Axes", partition: Partition, which: NDArray[np.bool_], style: Mapping[str, Any]
) -> None:
    """Draw the edges that separate some cells from all others."""
    from matplotlib.collections import LineCollection

    polygons = _spatial(partition).polygons()
    edges = border_of([polygons[cell] for cell in np.flatnonzero(which)])
    axes.add_collection(
        LineCollection(list(edges), **{"capstyle": "round", **style}), autolim=False
    )


def draw_scale_bar(axes: "Axes") -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten µm below the picture, and no axes."""
    from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

    low, high = axes.get_xlim()
    room = abs(high - low) * _SCALE_BAR
    power = 10.0 ** np.floor(np.log10(room))
    length = power * max(step for step in (1, 2, 5) if step * power <= room)
    name = f"{length:g} µm" if length >= 0.1 else f"{1000 * length:g} nm"
    bar = AnchoredSizeBar(
        axes.transData, length, name, "upper left", pad=0, borderpad=0.4, sep=3, frameon=False,
        size_vertical=0, bbox_to_anchor=(0, 0), bbox_transform=axes.transAxes,
    )  # fmt: skip
    bar.size_bar.get_children()[0].set(linewidth=2.5, capstyle="butt")
    axes.add_artist(bar)
    axes.set_axis_off()


def figure_size(
    partition: Partition,
    *,
    longest: float = _LONGEST_SIDE,
    margins: tuple[float, float] = _MARGINS,
) -> tuple[float, float]:
    """Width and height in inches that suit the proportions of the region."""
    extent = np.ptp(partition.tessellation.cell_centers, axis=0)
    spacing = cell_size(partition)
    sides = (extent + spacing) / (extent + spacing).max() * longest
    width, height = np.maximum(sides, min(_SHORTEST_SIDE, longest)) + margins
    return float(width), float(height)


def cell_size(partition: Partition) -> float:
    """Side in µm of a square as large as the median cell."""
    return float(np.sqrt(np.nanmedian(partition.tessellation.cell_volume)))
