"""Maps and cells in segments of time: side by side, and as animations."""

from typing import TYPE_CHECKING, Any

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.inference import Maps
from tramway.tessellation import Partition, TimeSegments

from .cells import draw_scale_bar, figure_size, plot_cells
from .colorbar import draw_colorbar
from .maps import label_of, plot_map
from .movie_files import writer_for
from .scale import color_limits, shown_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_COLUMNS = 4
_PANEL = 2.2  # inches of the wider side of each


@checked
def plot_segments(
    maps: Maps,
    feature: str,
    partition: Partition,
    *,
    unit: str | None = "std",
    clim: tuple[float, float] | None = None,
    logscale: bool | str | None = False,
    **options: Any,
) -> "Figure":
    """Draw a feature of maps in all segments of time, side by side, in one scale of colours.

    Parameters
    ----------
    maps, feature, partition, unit, clim, logscale, options
        Those of :func:`tramway.plotting.plot_map`; limits are chosen from all segments together.

    Returns
    -------
    matplotlib.figure.Figure
        It is not shown.

    Raises
    ------
    InvalidInputError
        If there are no segments of time, or no value.

    Examples
    --------
    >>> from tramway.tessellation import sample_nearest, sliding_window, time_segments
    >>> window = sliding_window(steps["t"], duration=0.2)
    >>> in_time = sample_nearest(steps, time_segments(cells, window))
    >>> maps = infer_diffusivity_potential(
    ...     in_time, localization_precision=0.01, diffusivity_prior=20, potential_prior=1
    ... )
    >>> plot_segments(maps, "diffusivity", in_time).savefig("segments.png")
    """
    from matplotlib import pyplot

    segments = partition.tessellation
    if not isinstance(segments, TimeSegments):
        raise InvalidInputError(
            "`partition` has no time segments: draw it with plot_map, or set a.time"
        )
    clim = clim or color_limits(shown_segments(maps, feature, partition), logscale=bool(logscale))
    count = segments.n_segments
    rows = -(-count // _COLUMNS)
    columns = -(-count // rows)  # so that the last row is about as long as the others
    width, height = figure_size(partition.segment(0), longest=_PANEL, margins=(0.2, 0.4))
    figure, grid = pyplot.subplots(
        rows,
        columns,
        figsize=(columns * width + 0.8, rows * height),
        layout="compressed",
        squeeze=False,
    )
    panels = list(grid.flat)
    for axes in panels[count:]:
        axes.remove()
    for number, axes in enumerate(panels[:count]):
        plot_map(
            maps, feature, partition, axes=axes, segment=number, clim=clim, logscale=logscale,
            colorbar=False, title=_times(segments, number), **options,
        )  # fmt: skip
        axes.title.set_fontsize("medium")
        axes.set_axis_off()
    draw_scale_bar(panels[columns * (rows - 1)])
    first = panels[0].collections[0]
    draw_colorbar(panels[:count], first, label_of(maps, feature, unit), "both")
    _share_legend(figure, panels[:count])
    return figure


def _share_legend(figure: "Figure", panels: "Sequence[Axes]") -> None:
    """Put one legend below all panels in place of one below each, which takes their room."""
    keys: dict[str, Any] = {}
    for axes in panels:
        legend = axes.get_legend()
        if legend is not None:
            keys |= {str(patch.get_label()): patch for patch in legend.get_patches()}
            legend.remove()
    if keys:
        figure.legend(
            handles=list(keys.values()), loc="outside lower left", ncols=len(keys), frameon=False,
            fontsize="small", handlelength=1.4,
        )  # fmt: skip


@checked
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
        Keep it as long as it runs; ``save`` and ``to_jshtml`` write it. ``save`` to a file other
        than a GIF needs ffmpeg, and raises MissingPackageError without.

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
    if options.get("clim") is None:
        options["clim"] = color_limits(
            shown_segments(maps, feature, partition), logscale=bool(options.get("logscale"))
        )
    is_first = [options.pop("colorbar", True)]

    def draw(axes: "Axes", segment: int | None) -> None:
        plot_map(
            maps, feature, partition, axes=axes, segment=segment, colorbar=is_first[0], **options
        )
        is_first[0] = False

    return _animation(partition, figure, axes, interval, draw)


@checked
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

    class Animation(FuncAnimation):
        """Says what is missing: matplotlib takes a writer that cannot write such a file."""

        def save(self, filename: Any, writer: Any = None, *args: Any, **options: Any) -> None:
            super().save(filename, writer_for(filename, writer), *args, **options)

    where = figure.add_subplot() if axes is None else axes
    cells = partition.tessellation
    segments = cells if isinstance(cells, TimeSegments) else None

    def image(number: int) -> list[Any]:
        where.cla()
        draw(where, None if segments is None else number)
        if segments is not None:
            where.set_title(_times(segments, number))
        return []

    count = 1 if segments is None else segments.n_segments
    return Animation(figure, image, frames=count, interval=interval, blit=False)


def _times(segments: TimeSegments, number: int) -> str:
    first, last = segments.intervals[number]
    return f"{first:.4g} – {last:.4g} s"
