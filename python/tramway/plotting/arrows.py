"""Arrows of vector maps, of a length that the eye can follow, however many cells there are."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tramway.tessellation import Partition

from .cells import cell_size
from .scale import ShownValues

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ARROWS = 20  # along the longer side of a map
_UNEVEN = 0.7  # of the median side of cells: where one in ten is smaller, arrows would overlap
_SHORTEST = 0.25  # of the longest: of those that stand for several cells; shorter ones are specks
_LONGEST = 1 / 8  # of the longer side: arrows of a few large cells would be wider than words
_WIDTH = 0.1  # of the length
_OUTLINE = (
    0.3  # points around arrows: colours may be as light as dark ones are, or change within one
)
_LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue (ITU-R BT.709)


class ArrowPlan(NamedTuple):
    """Which cells an arrow is for, and how long arrows are; for figures and pages alike.

    Attributes
    ----------
    squares
        Number of the square of each cell with a vector, (k,), where an arrow is for all cells in a
        square; None: each cell has its own.
    length
        Of the longest arrow, µm.
    least
        Share of that below which an arrow is left out.
    """

    squares: NDArray[np.int64] | None
    length: float
    least: float


def plan_arrows(partition: Partition, is_known: NDArray[np.bool_]) -> ArrowPlan:
    """Choose which cells an arrow is for.

    Where more than 20 cells are side by side, or many are smaller than an arrow, it is for a square
    of several. Among more than 20, those below a quarter of the longest are left out.

    Parameters
    ----------
    partition
        The cells.
    is_known
        Which of them have a vector, (n_cells,).
    """
    centers, size = partition.tessellation.cell_centers[is_known], cell_size(partition)
    side = float((np.ptp(centers, axis=0) + size).max()) if len(centers) else size
    spacing = max(size, side / _MOST_ARROWS)
    sides = np.sqrt(partition.tessellation.cell_volume[is_known])
    is_many = spacing > size
    is_for_several = is_many or (len(sides) and np.quantile(sides, 0.1) < _UNEVEN * spacing)
    return ArrowPlan(
        _block_of_each(centers, spacing) if is_for_several else None,
        min(spacing, _LONGEST * side),
        _SHORTEST if is_many else 0.0,  # among so many, colours tell how small what is left out is
    )


def draw_arrows(
    axes: "Axes",
    partition: Partition,
    shown: ShownValues,
    colors: NDArray[np.float64],
    highest: float | None,
) -> None:
    """Draw arrows in proportion to vectors, as long as a cell where those are `highest` or more.

    An arrow that is for several cells by :func:`plan_arrows` tells the mean of their vectors, in
    proportion to the translocations that they hold, at their mean center.

    Parameters
    ----------
    axes
        Where to draw.
    partition, shown
        What is drawn.
    colors
        Those of the cells, (n_cells, 4): arrows are black on light ones and white on dark.
    highest
        Amplitude of the longest arrows; by default the 95 % quantile of arrows, so that a few
        outliers at the border do not shrink all others.
    """
    is_known = np.asarray(np.isfinite(shown.vectors).all(axis=1))
    centers, vectors = partition.tessellation.cell_centers[is_known], shown.vectors[is_known]
    colors = colors[is_known, :3]
    plan = plan_arrows(partition, is_known)
    if plan.squares is not None:
        weights = np.maximum(shown.counts[is_known], 1).astype(np.float64)
        centers, vectors, colors = (
            _block_means(values, weights, plan.squares) for values in (centers, vectors, colors)
        )
    from .polygons import Arrows

    amplitude = np.linalg.norm(vectors, axis=1, keepdims=True)
    if highest is None:
        highest = float(np.quantile(amplitude, 0.95))
    is_drawn = amplitude[:, 0] >= plan.least * highest
    centers, vectors, colors, amplitude = (
        values[is_drawn] for values in (centers, vectors, colors, amplitude)
    )
    longest = np.maximum(amplitude, highest)
    share = np.divide(vectors, longest, out=np.zeros_like(vectors), where=longest > 0)
    arrows = plan.length * share
    is_on_light = colors @ _LUMINANCE > 0.5
    drawn = Arrows(
        axes,
        *centers.T,
        *arrows.T,
        angles="xy",
        scale_units="xy",
        scale=1.0,
        units="xy",
        width=_WIDTH * plan.length,
        headlength=3.5,
        headaxislength=3.5,
        pivot="middle",
        facecolor=np.where(is_on_light, "black", "white"),
        edgecolor=np.where(is_on_light, "white", "black"),
        linewidth=_OUTLINE,
    )
    axes.add_collection(drawn)


def _block_of_each(centers: NDArray[np.float64], side: float) -> NDArray[np.int64]:
    """Tell of each center in which square it is, where those that are empty have no number."""
    squares = np.floor((centers - centers.min(axis=0)) / side).astype(np.int64)
    block = np.unique(squares, axis=0, return_inverse=True)[1]
    return np.asarray(block, dtype=np.int64).ravel()


def _block_means(
    values: NDArray[np.float64], weights: NDArray[np.float64], block: NDArray[np.int64]
) -> NDArray[np.float64]:
    held = np.bincount(block, weights=weights)
    sums = [np.bincount(block, weights=weights * column) for column in values.T]
    return np.stack(sums, axis=1) / held[:, None]
