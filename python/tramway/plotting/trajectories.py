"""Pictures of trajectories, still and moving."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.arguments import checked
from tramway.attributes import multiple
from tramway.data import Area, Polygon
from tramway.data.columns import values_of
from tramway.errors import InvalidInputError
from tramway.units import UNITS

from .cells import Aspect, labelled_axes

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TAIL = 0.5
"""s of a trajectory that an animation shows at once, unless told otherwise."""


@checked
def plot_trajectories(
    trajectories: pd.DataFrame,
    *,
    axes: "Axes | None" = None,
    aspect: Aspect = "equal",
    locations: Mapping[str, Any] | None = None,
    tracks: Mapping[str, Any] | None = None,
) -> "Axes":
    """Draw localizations, or lines that link them.

    Parameters
    ----------
    trajectories
        Columns ``n x y t``, µm and s; ordered by track and time.
    axes
        Where to draw; a new figure by default.
    aspect
        Ratio of the scales of *y* and *x*, as :meth:`matplotlib.axes.Axes.set_aspect` takes it.
    locations, tracks
        Properties of the :class:`matplotlib.lines.Line2D` of the localizations, and of the tracks;
        None: they are not drawn.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, in µm.

    Examples
    --------
    >>> axes = plot_trajectories(movie, tracks={"linewidth": 0.5})
    """
    axes = labelled_axes(axes, aspect=aspect)
    x, y = values_of(trajectories, "xy").T
    if tracks is not None:
        # NaN between tracks: one line, thousands of times faster than one per track
        ends = 1 + np.flatnonzero(np.diff(trajectories["n"].to_numpy()) != 0)
        style = {"linewidth": 0.5, **tracks}
        axes.plot(np.insert(x, ends, np.nan), np.insert(y, ends, np.nan), rasterized=True, **style)
    if locations is not None:
        style = {"linestyle": "none", "marker": ".", "markersize": 1.5, **locations}
        axes.plot(x, y, rasterized=True, **style)
    return axes


@checked
def plot_regions(
    areas: Sequence[Area],
    axes: "Axes",
    style: Mapping[str, Any],
    labels: Sequence[str] | None = None,
) -> None:
    """Draw the outlines of regions of interest.

    Parameters
    ----------
    areas
        Boxes and polygons, µm.
    axes
        Where to draw.
    style
        Properties of the :class:`matplotlib.patches.Patch`.
    labels
        Names, written above their regions; none by default.

    Examples
    --------
    >>> from tramway.data import Box
    >>> axes = plot_trajectories(movie)
    >>> plot_regions([Box((1, 1), (2, 2))], axes, {"edgecolor": "green"})
    """
    from matplotlib.patches import Patch, PathPatch, Rectangle
    from matplotlib.path import Path
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2, foreground="white")]
    for area, label in zip(areas, labels or [""] * len(areas), strict=True):
        (x, y), (right, top) = area.lower[:2], area.upper[:2]
        looks = {"fill": False, "zorder": 3, **style}
        patch: Patch
        if isinstance(area, Polygon):
            lines = [Path([*ring, ring[0]], closed=True) for part in area.parts for ring in part]
            patch = PathPatch(Path.make_compound_path(*lines), **looks)
        else:
            patch = Rectangle((x, y), right - x, top - y, **looks)
        axes.add_patch(patch)
        if label:
            axes.annotate(
                label, (x, top), (0, 2), textcoords="offset points", fontsize="x-small",
                color=patch.get_edgecolor(), path_effects=halo,
            )  # fmt: skip
    axes.autoscale_view()


@checked
def animate_trajectories(
    trajectories: pd.DataFrame,
    figure: "Figure",
    *,
    axes: "Axes | None" = None,
    xlim: tuple[float, float] | str | None = "auto",
    ylim: tuple[float, float] | None = None,
    aspect: Aspect = "equal",
    interval: float | str = "1x",
    tail: float = _TAIL,
    **style: Any,
) -> "FuncAnimation":
    """Animate trajectories, one image for each time there is a localization at.

    Parameters
    ----------
    trajectories
        Columns ``n x y t``, µm and s.
    figure, axes
        Where to draw; new axes in the figure by default.
    xlim, ylim
        Limits of the axes, µm; those of the data by default.
    aspect
        Ratio of the scales of *y* and *x*.
    interval
        Time between images, ms; or how fast the animation is, as ``"2x"``.
    tail
        How much of a trajectory is shown, s before the time of the image.
    style
        Properties of the :class:`matplotlib.lines.Line2D` of the trajectories.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it as long as it runs; ``save`` and ``to_jshtml`` write it.

    Raises
    ------
    InvalidInputError
        If there is no localization, or `interval` is neither a number nor a factor.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> animation = animate_trajectories(movie[movie["n"] < 5], figure)
    >>> animation.save("movie.gif", writer="pillow")
    """
    from matplotlib.animation import FuncAnimation

    if not len(trajectories):
        raise InvalidInputError("there is no trajectory to show")
    if axes is None:
        axes = figure.add_subplot()
    table = trajectories.sort_values(["n", "t"], kind="stable")
    n, t = table["n"].to_numpy(), table["t"].to_numpy(np.float64)
    places = table[["x", "y"]].to_numpy(np.float64)
    times = np.unique(t)
    bounds = [(places[:, axis].min(), places[:, axis].max()) for axis in (0, 1)]
    axes.set(
        xlim=bounds[0] if xlim in ("auto", None) else xlim,
        ylim=bounds[1] if ylim is None else ylim,
        xlabel=f"x ({UNITS['x']})",
        ylabel=f"y ({UNITS['y']})",
        aspect=aspect,
    )
    (line,) = axes.plot([], [], **{"marker": ".", "markersize": 3, "linewidth": 0.8, **style})
    clock = axes.set_title("")

    def draw(frame: int) -> list[Any]:
        shown = (t <= times[frame]) & (t >= times[frame] - tail)
        ends = 1 + np.flatnonzero(np.diff(n[shown]) != 0)
        line.set_data(*np.insert(places[shown], ends, np.nan, axis=0).T)
        clock.set_text(f"t = {times[frame]:.3g} s")
        return [line, clock]

    return FuncAnimation(
        figure, draw, frames=len(times), interval=_milliseconds(interval, times), blit=False
    )


def _milliseconds(interval: float | str, times: Any) -> float:
    """Time between images."""
    if not isinstance(interval, str):
        return float(interval)
    speed = multiple("interval", interval, "ms between images, or a speed like '2x'")
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    return 1000 * step / speed
