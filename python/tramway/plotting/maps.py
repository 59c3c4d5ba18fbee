"""Pictures of inferred maps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.inference import Maps
from tramway.tessellation import Partition, TimeSegments
from tramway.units import DEVIATION

from .cells import Aspect, cell_size, draw_cells, draw_locations, prepare_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import Colormap, Normalize

# Perceptually uniform, and one per quantity so that neighbouring panels are not confused.
_COLORMAPS = {"diffusivity": "viridis", "potential": "plasma", "force": "magma"}
_FLAT = 2.5  # width over height of a region whose colour bar is below it
_LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue (ITU-R BT.709)
_NO_VALUE = "0.88"  # light grey, which none of these colour maps contains


def plot_map(
    maps: Maps,
    feature: str,
    partition: Partition,
    *,
    axes: "Axes | None" = None,
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
    **cell_style: object,
) -> "Axes":
    """Draw one feature of the maps as coloured cells.

    The colour of a vector feature (force, drift) is its amplitude; arrows at the cell centers have
    its direction, and a length in proportion to the amplitude. Cells without a value are grey.

    Parameters
    ----------
    maps
        Maps inferred from `partition`.
    feature
        Name of the feature: one of ``maps.features``.
    partition
        Two-dimensional cells that the maps were inferred on.
    axes
        Where to draw; a new figure by default.
    unit
        Unit shown beside the colour bar: that of :func:`tramway.units.unit_of` by default, any
        other text, or None for none. The values are not converted.
    clim
        Lowest and highest value of the colour scale; those of the map by default. The colour bar is
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
        Quantile of the values, above which they get the colour of the highest; none by default.
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
    **cell_style
        Properties of the :class:`matplotlib.collections.PolyCollection` of the cells, for instance
        ``edgecolor`` and ``linewidth``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, in µm. The figure is ``.figure``; it is not shown.

    Raises
    ------
    MissingResultError
        If the maps have no such feature; the message lists those they have.
    InvalidInputError
        If the maps were not made on these cells, `segment` is missing or there is none such, `clim`
        is not an increasing pair, or no cell has a value that can be drawn.

    Examples
    --------
    >>> axes = plot_map(maps, "potential", partition, title="potential")
    >>> axes.figure.savefig("potential.pdf")
    """
    maps, partition = _one_segment(maps, partition, segment)
    field = _values_by_cell(maps, feature, partition)
    values = field[:, 0] if field.shape[1] == 1 else np.linalg.norm(field, axis=1)
    if clip is not None and clim is None:
        clim = _clipped(values, clip)
    scale, extend = _color_scale(values, feature, clim, bool(logscale))

    axes = prepare_axes(partition, axes, title=title, aspect=aspect)
    style: dict[str, object] = {"edgecolor": "face", "linewidth": 0.3}
    cells = draw_cells(partition, axes, style | cell_style)
    _color_cells(cells, values, scale, colormap or _COLORMAPS.get(feature, "viridis"))
    if overlay_locations or isinstance(overlay_locations, Mapping):
        style = dict(overlay_locations) if isinstance(overlay_locations, Mapping) else {}
        draw_locations(partition, axes, {"c": "black", "alpha": 0.2, **style})
    if interior_contour or isinstance(interior_contour, Mapping):
        style = dict(interior_contour) if isinstance(interior_contour, Mapping) else {}
        _draw_contour(axes, partition, np.isfinite(values), {"color": "red", **style})
    # Standard deviations have components, and no direction.
    if field.shape[1] > 1 and not feature.endswith(DEVIATION):
        _draw_arrows(axes, cells, partition, field, None if clim is None else clim[1])
    if colorbar:
        _draw_colorbar(axes, cells, _label(maps, feature, unit), extend)
    if xlim is not None:
        axes.set_xlim(xlim)
    if ylim is not None:
        axes.set_ylim(ylim)
    return axes


def color_limits(maps: Maps, feature: str, *, logscale: bool) -> tuple[float, float]:
    """Least and largest value of a feature that can be drawn, in all segments of time."""
    field = maps[feature].to_numpy(np.float64)
    values = field[:, 0] if field.shape[1] == 1 else np.linalg.norm(field, axis=1)
    shown = values[np.isfinite(values) & ((values > 0) | (not logscale))]
    if not len(shown):
        raise InvalidInputError(f"`feature` '{feature}' has no value that can be drawn")
    return float(shown.min()), float(shown.max())


def _clipped(values: NDArray[np.float64], clip: float) -> tuple[float, float]:
    if not 0 < clip <= 1:
        raise InvalidInputError(f"`clip` is {clip}, expected a quantile above 0, at most 1")
    known = values[np.isfinite(values)]
    return float(known.min()), float(np.quantile(known, clip))


def _draw_contour(
    axes: "Axes", partition: Partition, is_mapped: NDArray[np.bool_], style: Mapping[str, Any]
) -> None:
    """Draw the edges that one mapped cell has alone."""
    from matplotlib.collections import LineCollection

    edges: dict[tuple[tuple[float, ...], ...], int] = {}
    polygons = partition.tessellation.polygons()
    for polygon in (polygons[cell] for cell in np.flatnonzero(is_mapped)):
        corners = [tuple(corner) for corner in np.round(polygon, 9).tolist()]
        for edge in zip(corners, corners[1:] + corners[:1], strict=True):
            key = tuple(sorted(edge))
            edges[key] = edges.get(key, 0) + 1
    border = [edge for edge, count in edges.items() if count == 1 and edge[0] != edge[1]]
    axes.add_collection(LineCollection(border, **{"linewidth": 1.0, **style}))


def _one_segment(maps: Maps, partition: Partition, segment: int | None) -> tuple[Maps, Partition]:
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


def _values_by_cell(maps: Maps, feature: str, partition: Partition) -> NDArray[np.float64]:
    """One row per cell of the partition, one column per coordinate; NaN rows where no value."""
    table = maps[feature]
    cell_count = partition.tessellation.n_cells
    cells = table.index.to_numpy()
    if len(cells) and (cells.min() < 0 or cells.max() >= cell_count):
        raise InvalidInputError(
            f"`maps` has cells numbered {cells.min()} to {cells.max()}, but `partition` has "
            f"{cell_count} cells: give the partition that the maps were inferred from"
        )
    field = np.full((cell_count, table.shape[1]), np.nan)
    field[cells] = table.to_numpy(dtype=np.float64)
    field[~np.isfinite(field).all(axis=1)] = np.nan
    return field


def _color_scale(
    values: NDArray[np.float64],
    feature: str,
    clim: tuple[float, float] | None,
    logscale: bool,
) -> "tuple[Normalize, str]":
    """Scale of the colours, and the ends of the colour bar that values lie beyond."""
    from matplotlib.colors import LogNorm, Normalize

    known = values[np.isfinite(values)]
    shown = known[known > 0] if logscale else known
    if not len(shown):
        kind = "positive value, which a logarithmic scale needs" if logscale else "finite value"
        raise InvalidInputError(f"`feature` '{feature}' has no {kind}, in any cell")
    if clim is None:
        low, high = shown.min(), shown.max()
    else:
        low, high = _check_limits(clim, positive=logscale)
    below, above = bool((known < low).any()), bool((known > high).any())
    extend = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}[below, above]
    return (LogNorm if logscale else Normalize)(low, high), extend


def _check_limits(clim: tuple[float, float], *, positive: bool) -> tuple[float, float]:
    limits = np.asarray(clim, dtype=np.float64)
    if limits.shape != (2,) or not -np.inf < limits[0] < limits[1] < np.inf:
        raise InvalidInputError(f"`clim` is {clim}, expected a pair of increasing numbers")
    if positive and limits[0] <= 0:
        raise InvalidInputError(
            f"`clim` is {clim}, expected positive numbers, which a logarithmic scale needs"
        )
    return float(limits[0]), float(limits[1])


def _color_cells(
    cells: "PolyCollection",
    values: NDArray[np.float64],
    scale: "Normalize",
    colormap: "str | Colormap",
) -> None:
    from matplotlib import colormaps

    # A logarithmic scale masks what is not positive; it is known, and belongs below the scale.
    if scale.vmin is not None and scale.vmin > 0:
        values = np.where(values <= 0, 0.5 * scale.vmin, values)
    cells.set_cmap(colormaps.get_cmap(colormap).with_extremes(bad=_NO_VALUE))
    cells.set_norm(scale)
    cells.set_array(np.ma.masked_invalid(values))


def _draw_arrows(
    axes: "Axes",
    cells: "PolyCollection",
    partition: Partition,
    field: NDArray[np.float64],
    highest: float | None,
) -> None:
    """Arrows as long as a cell where the amplitude is `highest` or more."""
    known = np.isfinite(field).all(axis=1)
    centers, vectors = partition.tessellation.cell_centers[known], field[known]
    amplitude = np.linalg.norm(vectors, axis=1, keepdims=True)
    if highest is None:  # a few outliers at the border must not shrink all the others
        highest = float(np.quantile(amplitude, 0.95))
    size = cell_size(partition)
    longest = np.maximum(amplitude, highest)
    vectors = size * np.divide(vectors, longest, out=np.zeros_like(vectors), where=longest > 0)
    brightness = cells.to_rgba(amplitude[:, 0])[:, :3] @ _LUMINANCE
    axes.quiver(
        *centers.T,
        *vectors.T,
        angles="xy",
        scale_units="xy",
        scale=1.0,
        units="xy",
        width=0.08 * size,
        headlength=3.5,
        headaxislength=3.5,
        pivot="middle",
        color=np.where(brightness > 0.5, "black", "white"),
    )


def _draw_colorbar(axes: "Axes", cells: "PolyCollection", label: str, extend: str) -> None:
    from matplotlib.colors import LogNorm

    region = axes.dataLim
    # along the longer side: a bar beside a flat strip has no room for its numbers
    location = "bottom" if region.width > _FLAT * region.height else "right"
    bar = axes.figure.colorbar(
        cells, ax=axes, label=label, extend=extend, location=location, pad=0.03, aspect=25
    )
    bar.outline.set_visible(False)
    if isinstance(bar.norm, LogNorm):
        _label_logarithmic(bar)


def _label_logarithmic(bar: "Colorbar") -> None:
    """Write plain numbers, at 1, 2 and 5 of each decade or evenly if there is less than one."""
    from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator

    low, high = bar.mappable.get_clim()
    is_decade = high >= 10 * low
    bar.locator = LogLocator(subs=(1.0, 2.0, 5.0)) if is_decade else MaxNLocator(5)
    bar.formatter = FormatStrFormatter("%g")
    bar.minorticks_off()
    bar.update_ticks()


def _label(maps: Maps, feature: str, unit: str | None) -> str:
    shown = maps.unit_of(feature) if unit == "std" else unit
    return f"{feature} ({shown})" if shown else feature
