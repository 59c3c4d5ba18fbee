"""Animations of maps and cells in segments of time."""

from typing import TYPE_CHECKING, Any

from tramway.inference import Maps
from tramway.tessellation import Partition, TimeSegments

from .cells import plot_cells
from .maps import color_limits, plot_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def animate_map(
    maps: Maps,
    feature: str,
    partition: Partition,
    figure: "Figure",
    *,
    axes: "Axes | None" = None,
    interval: float = 500,
    **options: Any,
) -> "FuncAnimation":
    """Animate a feature of maps, one image for each segment of time.

    Parameters
    ----------
    maps, feature, partition, options
        Those of :func:`tramway.plotting.plot_map`; the colours are the same in all images.
    figure, axes
        Where to draw; new axes in the figure by default.
    interval
        Time between images, ms.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it as long as it runs; ``save`` and ``to_jshtml`` write it.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from tramway.tessellation import sample_nearest, time_segments
    >>> segmented = sample_nearest(steps, time_segments(cells, [[0, 0.2], [0.2, 0.4]]))
    >>> from tramway.inference import infer_diffusivity
    >>> maps_in_time = infer_diffusivity(
    ...     segmented, localization_precision=0.01, diffusivity_prior=20
    ... )
    >>> figure = Figure()
    >>> animation = animate_map(maps_in_time, "diffusivity", segmented, figure)
    >>> animation.save("map.gif", writer="pillow")
    """
    options.setdefault("clim", color_limits(maps, feature, logscale=bool(options.get("logscale"))))
    is_first = [options.pop("colorbar", True)]

    def draw(axes: "Axes", segment: int | None) -> None:
        plot_map(
            maps, feature, partition, axes=axes, segment=segment, colorbar=is_first[0], **options
        )
        is_first[0] = False

    return _animation(partition, figure, axes, interval, draw)


def animate_cells(
    partition: Partition,
    figure: "Figure",
    *,
    axes: "Axes | None" = None,
    interval: float = 500,
    **options: Any,
) -> "FuncAnimation":
    """Animate the translocations in their cells, one image for each segment of time.

    Parameters
    ----------
    partition, options
        Those of :func:`tramway.plotting.plot_cells`.
    figure, axes, interval
        Those of :func:`animate_map`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from tramway.tessellation import sample_nearest, time_segments
    >>> segmented = sample_nearest(steps, time_segments(cells, [[0, 0.2], [0.2, 0.4]]))
    >>> figure = Figure()
    >>> animation = animate_cells(segmented, figure)
    >>> animation.save("cells.gif", writer="pillow")
    """

    def draw(axes: "Axes", segment: int | None) -> None:
        plot_cells(partition, axes=axes, segment=segment, **options)

    return _animation(partition, figure, axes, interval, draw)


def _animation(
    partition: Partition,
    figure: "Figure",
    axes: "Axes | None",
    interval: float,
    draw: "Callable[[Axes, int | None], None]",
) -> "FuncAnimation":
    from matplotlib.animation import FuncAnimation

    where = figure.add_subplot() if axes is None else axes
    cells = partition.tessellation
    segments = cells if isinstance(cells, TimeSegments) else None

    def image(number: int) -> list[Any]:
        where.cla()
        draw(where, None if segments is None else number)
        if segments is not None:
            first, last = segments.intervals[number]
            where.set_title(f"t = {first:.4g} - {last:.4g} s")
        return []

    count = 1 if segments is None else segments.n_segments
    return FuncAnimation(figure, image, frames=count, interval=interval, blit=False)
