"""Pictures of a partition: cell outlines and localizations."""

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, TimeSegments
from tramway.units import UNITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection

Aspect: TypeAlias = Literal["equal", "auto"] | float

_LONGEST_SIDE = 4.5  # inches of the longer side of a new figure's region
_SHORTEST_SIDE = 1.5
_MARGINS = (1.6, 0.9)  # inches beside and below it, for the colour bar and the labels


def plot_cells(
    partition: Partition,
    *,
    axes: "Axes | None" = None,
    locations: bool = True,
    title: str | None = None,
    aspect: Aspect = "equal",
    segment: int | None = None,
    **outline_style: object,
) -> "Axes":
    """Draw the outlines of the cells, with the localizations in them.

    Parameters
    ----------
    partition
        Two-dimensional cells and the translocations assigned to them.
    axes
        Where to draw; a new figure by default.
    locations
        Whether the origin of each translocation is drawn as a dot.
    title
        Title of the axes; none by default.
    aspect
        Ratio of the scales of *y* and *x*, as :meth:`matplotlib.axes.Axes.set_aspect` takes it.
    segment
        Number of the time segment, from 0; by default the translocations of all are drawn.
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
    """
    if segment is not None:
        partition = partition.segment(segment)
    axes = prepare_axes(partition, axes, title=title, aspect=aspect)
    if locations:
        draw_locations(partition, axes, color="tab:blue", alpha=0.5)
    style: dict[str, object] = {"facecolor": "none", "edgecolor": "0.45", "linewidth": 0.6}
    draw_cells(partition, axes, style | outline_style)
    return axes


def prepare_axes(
    partition: Partition, axes: "Axes | None", *, title: str | None, aspect: Aspect
) -> "Axes":
    """Label the axes of a picture of the partition; in a new figure if `axes` is None."""
    if partition.tessellation.dim != 2:
        raise InvalidInputError(
            f"`partition` has cells in {partition.tessellation.dim} dimensions, only those in 2 "
            "can be drawn"
        )
    if axes is None:
        # pyplot, so that a notebook shows the figure at the end of its cell
        from matplotlib import pyplot

        _, axes = pyplot.subplots(figsize=_figure_size(partition), layout="compressed")
    axes.set_xlabel(f"x ({UNITS['x']})")
    axes.set_ylabel(f"y ({UNITS['y']})")
    axes.set_aspect(aspect)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(0.02)
    if title is not None:
        axes.set_title(title)
    return axes


def draw_cells(partition: Partition, axes: "Axes", style: dict[str, object]) -> "PolyCollection":
    """Add one polygon per cell, in the order of the cells."""
    from matplotlib.collections import PolyCollection

    tessellation = partition.tessellation
    if isinstance(tessellation, TimeSegments):  # the same cells in each segment
        tessellation = tessellation.spatial
    cells = PolyCollection(tessellation.polygons())
    cells.set(**style)
    axes.add_collection(cells)
    axes.autoscale_view()
    return cells


def draw_locations(partition: Partition, axes: "Axes", *, color: str, alpha: float) -> None:
    """Add one dot per translocation, at its origin, in however many cells it is."""
    x, y = partition.points[["x", "y"]].to_numpy(np.float64).T
    # rasterized: tens of thousands of vector dots make a PDF that no viewer opens
    axes.scatter(x, y, s=1.5, c=color, alpha=alpha, linewidths=0, rasterized=True)


def _figure_size(partition: Partition) -> tuple[float, float]:
    """Width and height in inches that suit the proportions of the region."""
    extent = np.ptp(partition.tessellation.cell_centers, axis=0)
    spacing = cell_size(partition)
    sides = (extent + spacing) / (extent + spacing).max() * _LONGEST_SIDE
    width, height = np.maximum(sides, _SHORTEST_SIDE) + _MARGINS
    return float(width), float(height)


def cell_size(partition: Partition) -> float:
    """Side in µm of a square as large as the median cell."""
    return float(np.sqrt(np.nanmedian(partition.tessellation.cell_volume)))
