"""Scales of colours, and the bars that tell them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Normalize

_FLAT = 2.5  # width over height of a region whose colour bar is below it
_BESIDE = 0.9  # inches that a bar takes with its numbers and its label, beside a map
_BELOW = 1.1  # and below one, with what the axis has there
_LARGEST_SHARE = 0.5  # of the room of the map


def color_scale(
    values: NDArray[np.float64], clim: tuple[float, float], *, logscale: bool
) -> "tuple[Normalize, str]":
    """Scale of the colours, and the ends of the colour bar that values lie beyond."""
    from matplotlib.colors import LogNorm, Normalize

    low, high = clim
    known = values[np.isfinite(values)]
    below, above = bool((known < low).any()), bool((known > high).any())
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[below, above]
    return (LogNorm if logscale else Normalize)(low, high), extend


def check_limits(clim: tuple[float, float], *, positive: bool) -> tuple[float, float]:
    """Limits of colours that a user gave, if they are such."""
    limits = np.asarray(clim, dtype=np.float64)
    if limits.shape != (2,) or not -np.inf < limits[0] < limits[1] < np.inf:
        raise InvalidInputError(f"`clim` is {clim}, expected a pair of increasing numbers")
    if positive and limits[0] <= 0:
        raise InvalidInputError(
            f"`clim` is {clim}, expected positive numbers, which a logarithmic scale needs"
        )
    return float(limits[0]), float(limits[1])


def is_flat(axes: "Axes") -> bool:
    """Tell whether a map is so flat that its bar is below it."""
    return bool(axes.dataLim.width > _FLAT * axes.dataLim.height)


def draw_colorbar(
    axes: "Axes | Sequence[Axes]", cells: "PolyCollection", label: str, extend: str
) -> None:
    """Draw the bar of a map, or of several in one scale.

    It is along the longer side: beside a flat strip its numbers had no room.
    """
    from matplotlib.colors import LogNorm

    several = list(axes) if isinstance(axes, Sequence) else [axes]
    first = several[0]
    is_below = len(several) == 1 and is_flat(first)
    location: Literal["bottom", "right"] = "bottom" if is_below else "right"
    where: dict[str, Any]
    if first.figure.get_layout_engine() is None:
        where = {"cax": _beside(first, location)}
    else:
        where = {"ax": several if len(several) > 1 else first, "pad": 0.03, "aspect": 25}
    bar = first.figure.colorbar(cells, label=label, extend=extend, location=location, **where)
    bar.outline.set_visible(False)
    if isinstance(bar.norm, LogNorm):
        _label_logarithmic(bar)


def _beside(axes: "Axes", location: Literal["bottom", "right"]) -> "Axes":
    """Make axes of a bar, with room for its labels: without a layout engine nobody sees to that.

    It is as long as the map, which equal scales of x and y make smaller than its room.
    """
    from matplotlib.colorbar import make_axes, make_axes_gridspec
    from matplotlib.transforms import Bbox

    room = axes.get_window_extent().transformed(axes.figure.dpi_scale_trans.inverted())
    if location == "bottom":
        share = min(_BELOW / room.height, _LARGEST_SHARE)
        pad, fraction = share / 2, share / 2
    else:
        pad, fraction = 0.03, min(_BESIDE / room.width, _LARGEST_SHARE)
    make = make_axes if axes.get_subplotspec() is None else make_axes_gridspec
    bar, _ = make(axes, location=location, aspect=25, pad=pad, fraction=fraction)

    def locate(bar: Any, renderer: object) -> Bbox:
        own, its = bar.get_position(original=True), axes.get_position()
        if location == "bottom":
            return Bbox.from_extents(its.x0, own.y0, its.x1, own.y1)
        return Bbox.from_extents(own.x0, its.y0, own.x1, its.y1)

    bar.set_axes_locator(locate)
    return bar


def _label_logarithmic(bar: "Colorbar") -> None:
    """Write plain numbers, at 1, 2 and 5 of each decade or evenly if there is less than one."""
    from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator

    low, high = bar.mappable.get_clim()
    is_decade = high >= 10 * low
    bar.locator = LogLocator(subs=(1.0, 2.0, 5.0)) if is_decade else MaxNLocator(5)
    bar.formatter = FormatStrFormatter("%g")
    bar.minorticks_off()
    bar.update_ticks()
