"""Pictures of cells."""

from typing import TYPE_CHECKING, Any

from tramway.plotting import plot_cells
from tramway.plotting.cells import draw_cell_indices
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_delaunay", "plot_indices", "plot_points", "plot_voronoi"]


def plot_points(
    cells: Partition,
    min_count: int | None = None,
    style: str = ".",
    size: float = 8.0,
    color: Any = None,
    axes: "Axes | None" = None,
    **options: Any,
) -> None:
    """Draw the origins of translocations; see :func:`tramway.plotting.plot_cells`.

    Parameters
    ----------
    cells
        What the cells are those of.
    min_count
        Has no effect, with a warning: samplers leave out cells by their number of localizations.
    style, size, color
        Marker of the dots, its size, and their color.
    axes
        Where to draw; the current axes by default.
    options
        Properties of the dots.
    """
    dots = {"style": style, "size": size, "color": color, "min_count": min_count, **options}
    dots = {name: value for name, value in dots.items() if value is not None}
    plot_cells(cells, axes=_axes(axes), location_options=dots, linewidth=0)


def plot_voronoi(
    cells: Partition, *, centroid_style: str | None = "g+", axes: "Axes | None" = None, **lines: Any
) -> None:
    """Draw the outlines of cells; see :func:`tramway.plotting.plot_cells`.

    Parameters
    ----------
    cells
        What the cells are those of.
    centroid_style
        Format of marks at the centers; None: no marks.
    axes
        Where to draw; the current axes by default.
    lines
        ``color``, ``style`` and ``linewidth`` of the outlines.
    """
    outline = {"centroid_style": centroid_style, **lines}
    plot_cells(cells, axes=_axes(axes), locations=False, voronoi_options=outline)


def plot_delaunay(
    cells: Partition, *, centroid_style: str | None = "g+", axes: "Axes | None" = None, **lines: Any
) -> None:
    """Draw lines between neighbouring cells; see :func:`tramway.plotting.plot_cells`.

    Parameters
    ----------
    cells
        What the cells are those of.
    centroid_style
        Format of marks at the centers; None: no marks.
    axes
        Where to draw; the current axes by default.
    lines
        ``color``, ``style`` and ``linewidth``, of the lines.
    """
    plot_cells(
        cells,
        axes=_axes(axes),
        locations=False,
        voronoi_options={"linewidth": 0, "centroid_style": centroid_style},
        delaunay_options={"color": "gray", "linewidth": 1.0, **lines},
    )


def plot_indices(
    cells: Partition,
    font_size: float = 12,
    shift_indices: bool = False,
    axes: "Axes | None" = None,
    **text: Any,
) -> None:
    """Write the number of each cell at its center.

    Parameters
    ----------
    cells
        What the cells are those of.
    font_size
        Of the numbers.
    shift_indices
        Whether the first cell has the number 1, and not 0.
    axes
        Where to draw; the current axes by default.
    text
        Properties of the numbers.
    """
    draw_cell_indices(cells, _axes(axes), {"fontsize": font_size, **text}, int(shift_indices))


def _axes(axes: "Axes | None") -> "Axes":
    """Draw over what is there, as these functions are called one after the other."""
    from matplotlib import pyplot

    return pyplot.gca() if axes is None else axes
