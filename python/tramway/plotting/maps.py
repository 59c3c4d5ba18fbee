"""Pictures of inferred maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked, seen
from tramway.errors import InvalidInputError
from tramway.inference import Maps
from tramway.tessellation import Partition, TimeSegments
from tramway.units import DEVIATION

from .arrows import draw_arrows
from .cells import (
    Aspect,
    draw_border,
    draw_cells,
    draw_locations,
    draw_scale_bar,
    figure_size,
    prepare_axes,
)
from .colorbar import check_limits, color_scale, draw_colorbar, is_flat
from .marks import NO_VALUE, Marks, fade
from .option_names import with_effect
from .scale import ShownValues, color_limits, shown_values
from .wells import draw_wells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize

    from .polygons import Polygons

Uncertainty: TypeAlias = Literal["panel", "opacity", "mask"]

# Perceptually uniform, and one per quantity so that neighbouring panels are not confused.
_COLORMAPS = {"diffusivity": "viridis", "potential": "plasma", "force": "magma"}
_COLORMAP_OF_DEVIATIONS = "cividis"


@checked
def plot_map(
    maps: Maps,
    feature: str,
    partition: Partition,
    *,
    axes: "Axes | Sequence[Axes] | None" = None,
    unit: str | None = "std",
    clim: tuple[float, float] | None = None,
    colormap: "str | Colormap | None" = None,
    title: str | None = None,
    logscale: bool | str | None = False,
    clip: float | None = None,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    interior_contour: bool | Mapping[str, Any] | None = None,
    colorbar: bool = True,
    overlay_locations: bool | Mapping[str, Any] = False,
    aspect: Aspect = "equal",
    segment: int | None = None,
    uncertainty: Uncertainty | None = None,
    wells: pd.DataFrame | None = None,
    scale_bar: bool = False,
    **cell_style: object,
) -> "Axes":
    """Draw one feature of the maps as coloured cells.

    The colour of a vector feature (force, drift) is its amplitude; arrows have its direction, and a
    length in proportion to the amplitude. They are at the centers of cells, or at those of squares
    of several cells where more than 20 are side by side, or cells are of unequal size. Cells
    without a value are grey. Islands are hatched: cells that no chain of neighbours connects to
    most of the data have a zero of the potential of their own, and nothing tells how it lies to
    that of the others.

    Parameters
    ----------
    maps
        Maps inferred from `partition`.
    feature
        Name of the feature: one of ``maps.features``.
    partition
        Two-dimensional cells that the maps were inferred on.
    axes
        Where to draw; by default the current axes if they are empty, else a new figure. A pair of
        axes for ``uncertainty="panel"``.
    unit
        Unit shown beside the colour bar: that of :func:`tramway.units.unit_of` by default, any
        other text, or None for none. The values are not converted.
    clim
        Lowest and highest value of the colour scale; by default those of
        :func:`tramway.plotting.color_limits`, which takes several maps, too. The colour bar is
        pointed at an end that values lie beyond.
    colormap
        A matplotlib colour map or the name of one.
    title
        Title of the axes; none by default.
    logscale
        Whether the colours follow the logarithm of the value. Values of zero or less, a diffusivity
        on its bound for instance, then get the colour below the scale. Any base gives the same
        picture; ``"log"`` and the like are true.
    clip
        What is above gets the colour of the highest: a quantile below 1, or how many interquartile
        ranges above the median; none by default.
    xlim, ylim
        Limits of the axes, µm.
    interior_contour
        Whether the border of the mapped area is drawn, or properties of its
        :class:`matplotlib.collections.LineCollection`.
    colorbar
        Whether there is a colour bar.
    overlay_locations
        Whether the origin of each translocation is drawn as a dot, or properties of the dots as
        :meth:`matplotlib.axes.Axes.scatter` takes them.
    aspect
        Ratio of the scales of *y* and *x*, as :meth:`matplotlib.axes.Axes.set_aspect` takes it.
    segment
        Number of the time segment to draw, from 0; needed where there are several.
    uncertainty
        How the standard deviations are shown, if at all: ``"panel"``, in a map beside the map;
        ``"opacity"``, colours fade to white as :meth:`tramway.plotting.ShownValues.opacity` does;
        ``"mask"``, cells are dotted whose value ± one standard deviation takes more than half of
        the scale of colours: where the opacity is below 0.7.
    wells
        Rows of the table that :func:`tramway.inference.find_wells` gives, for maps of one segment:
        they are outlined, and their depths written beside them.
    scale_bar
        Whether there is a bar of some µm in place of the axes.
    **cell_style
        Properties of the :class:`matplotlib.collections.PolyCollection` of the cells, for instance
        ``edgecolor`` and ``linewidth``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the map, in µm. The figure is ``.figure``; it is not shown.

    Raises
    ------
    MissingResultError
        If the maps have no such feature; the message lists those they have.
    InvalidInputError
        If the maps were not made on these cells, `segment` is missing or there is none such, `clim`
        is not an increasing pair, no cell has a value that can be drawn, or there are no standard
        deviations to show.

    Examples
    --------
    >>> axes = plot_map(maps, "potential", partition, title="potential")
    >>> axes.figure.savefig("potential.pdf")
    """
    options: dict[str, Any] = {
        "unit": unit, "clip": clip, "xlim": xlim, "ylim": ylim, "colorbar": colorbar,
        "interior_contour": interior_contour, "overlay_locations": overlay_locations,
        "aspect": aspect, "segment": segment, "scale_bar": scale_bar, **cell_style,
    }  # fmt: skip
    if uncertainty == "panel":
        map_axes, error_axes = _pair(axes, partition)
        plot_map(
            maps, feature, partition, axes=map_axes, clim=clim, colormap=colormap, title=title,
            logscale=logscale, wells=wells, **options,
        )  # fmt: skip
        plot_map(maps, feature + DEVIATION, partition, axes=error_axes, **options)
        return map_axes
    if axes is not None and not hasattr(axes, "transData"):
        raise InvalidInputError("`axes` are several, which only uncertainty='panel' draws in")
    maps, partition = _one_segment(maps, partition, segment)
    shown = shown_values(maps, feature, partition)
    limits = _limits(shown, clim, clip, logscale=bool(logscale))
    is_masked, opacity = _uncertain(shown, uncertainty, limits, logscale=bool(logscale))
    values = shown.colored
    scale, extend = color_scale(values, limits, logscale=bool(logscale))

    axes = prepare_axes(partition, cast("Axes | None", axes), title=title, aspect=aspect)
    style: dict[str, object] = {"edgecolor": "face", "linewidth": 0.3}
    cells = draw_cells(partition, axes, style | cell_style)
    _color_cells(cells, values, scale, colormap_of(feature, colormap))
    cells.update_scalarmappable()
    colors = np.asarray(cells.get_facecolor())
    if opacity is not None:
        fade(cells, opacity, axes)
    marks = Marks(axes, partition, cells)
    marks.without_value(~np.isfinite(shown.values))
    marks.islands(shown.is_island)
    marks.uncertain(is_masked)
    if opacity is not None:
        marks.faded()
    if overlay_locations or isinstance(overlay_locations, Mapping):
        style = dict(overlay_locations) if isinstance(overlay_locations, Mapping) else {}
        draw_locations(partition.points, axes, {"c": "black", "alpha": 0.2, **style})
    if interior_contour or isinstance(interior_contour, Mapping):
        style = with_effect(interior_contour) if isinstance(interior_contour, Mapping) else {}
        is_mapped = np.isfinite(shown.values)
        draw_border(axes, partition, is_mapped, {"color": "red", "linewidth": 1.0, **style})
    # Standard deviations have components, and no direction.
    if shown.vectors.shape[1] > 1 and not feature.endswith(DEVIATION):
        highest = None if clim is None else limits[1]
        draw_arrows(axes, partition, shown.without(is_masked), colors, highest)
    if wells is not None:
        draw_wells(axes, partition, wells)
    if colorbar:
        draw_colorbar(axes, cells, label_of(maps, feature, unit), extend)
    if xlim is not None:
        axes.set_xlim(xlim)
    if ylim is not None:
        axes.set_ylim(ylim)
    if scale_bar:
        draw_scale_bar(axes)
    marks.explain(has_labels=not scale_bar, above=is_flat(axes))
    return axes


def _pair(axes: "Axes | Sequence[Axes] | None", partition: Partition) -> "Sequence[Axes]":
    """Axes of a map and of its standard deviations."""
    if axes is None:
        from matplotlib import pyplot

        width, height = figure_size(partition)
        _, pair = pyplot.subplots(1, 2, figsize=(2 * width, height), layout="compressed")
        return list(pair)
    if hasattr(axes, "transData") or len(axes) != 2:
        raise InvalidInputError(
            "`axes` are not two, expected a pair of them for uncertainty='panel', or None"
        )
    return list(axes)


def _limits(
    shown: ShownValues, clim: tuple[float, float] | None, clip: float | None, *, logscale: bool
) -> tuple[float, float]:
    """Limits of the colours: those given, or those that the values suggest."""
    if clim is not None:
        return check_limits(clim, positive=logscale)
    low, high = color_limits(shown, logscale=logscale)
    if clip is None:
        return low, high
    if not 0 < clip < np.inf:
        raise InvalidInputError(
            f"`clip` is {clip}, expected a quantile above 0 and below 1, or a number of "
            "interquartile ranges above the median"
        )
    if clip < 1:
        return low, max(low, float(np.nanquantile(shown.colored, clip)))
    lower, middle, upper = np.nanquantile(shown.colored, (0.25, 0.5, 0.75))
    below = shown.colored[shown.colored <= middle + clip * (upper - lower)]
    return low, max(low, float(below.max()))


def _uncertain(
    shown: ShownValues,
    uncertainty: str | None,
    limits: tuple[float, float],
    *,
    logscale: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.float64] | None]:
    """Which cells are masked, and the opacity of all, None if that is not asked for."""
    none = np.zeros(len(shown.values), dtype=bool)
    if uncertainty is None:
        return none, None
    if uncertainty not in ("opacity", "mask"):
        raise InvalidInputError(
            f"`uncertainty` is {uncertainty!r}, expected 'panel', 'opacity', 'mask' or None"
        )
    if shown.deviations is None:
        raise InvalidInputError(
            f"`uncertainty` is {uncertainty!r}, but the maps have no '{shown.feature}{DEVIATION}'"
        )
    if uncertainty == "mask":
        return shown.is_uncertain(limits, logscale=logscale), None
    return none, shown.opacity(limits, logscale=logscale)


def _one_segment(maps: Maps, partition: Partition, segment: int | None) -> tuple[Maps, Partition]:
    """Take the maps and translocations of a segment, or all of them if there are none."""
    cells = partition.tessellation
    if isinstance(cells, TimeSegments) and segment is None:
        if cells.n_segments > 1:
            raise InvalidInputError(
                f"`segment` is not set, expected the number of one of the {cells.n_segments} time "
                f"segments, from 0 to {cells.n_segments - 1}"
            )
        segment = 0
    if segment is None:
        return maps, partition
    return maps.segment(partition, segment), partition.segment(segment)


def colormap_of(feature: str, colormap: "str | Colormap | None" = None) -> "Colormap":
    """Colours of a feature, or those that a user asks for; cells without a value are grey."""
    from matplotlib import colormaps

    default = _COLORMAP_OF_DEVIATIONS if feature.endswith(DEVIATION) else "viridis"
    try:
        chosen = colormaps.get_cmap(colormap or _COLORMAPS.get(feature, default))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            f"`colormap` is {seen(colormap)}, expected a name of matplotlib's, as 'viridis'"
        ) from error
    return chosen.with_extremes(bad=NO_VALUE)


def _color_cells(
    cells: "Polygons",
    values: NDArray[np.float64],
    scale: "Normalize",
    colormap: "Colormap",
) -> None:
    # A logarithmic scale masks what is not positive; it is known, and belongs below the scale.
    if scale.vmin is not None and scale.vmin > 0:
        values = np.where(values <= 0, 0.5 * scale.vmin, values)
    cells.set_cmap(colormap)
    cells.set_norm(scale)
    cells.set_array(np.ma.masked_invalid(values))


def label_of(maps: Maps, feature: str, unit: str | None) -> str:
    """Name a feature, with the unit given, or its own for "std"."""
    shown = maps.unit_of(feature) if unit == "std" else unit
    return f"{feature} ({shown})" if shown else feature
