"""Pictures of cells."""

from typing import TYPE_CHECKING, Any

from tramway.plotting import plot_cells
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_delaunay"]


def plot_delaunay(
    cells: Partition,
    *,
    color: Any = "gray",
    linewidth: float = 1.0,
    centroid_style: str | None = "g+",
    axes: "Axes | None" = None,
) -> None:
    """Draw lines between neighbouring cells; see :func:`tramway.plotting.plot_cells`.

    Parameters
    ----------
    cells
        What the cells are those of.
    color, linewidth
        Of the lines.
    centroid_style
        Format of marks at the centers; None: no marks.
    axes
        Where to draw; a new figure by default.
    """
    plot_cells(
        cells,
        axes=axes,
        locations=False,
        voronoi_options={"linewidth": 0, "centroid_style": centroid_style},
        delaunay_options={"color": color, "linewidth": linewidth},
    )
