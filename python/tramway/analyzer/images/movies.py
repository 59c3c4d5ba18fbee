"""Movies of frames, with localizations and trajectories over them."""

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.attributes import multiple, positive, positive_integer, warn_without_effect
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from .stack import Frame, ImageStack

_DPI = 72  # at which a point of matplotlib is a pixel
_BYTE = 255
_CODECS = {".webm": ("libvpx-vp9", ["-crf", "20", "-b:v", "0"])}  # else what matplotlib takes


def write_movie(
    stack: "ImageStack",
    output_file: str | os.PathLike[str],
    *,
    locations: pd.DataFrame | None = None,
    trajectories: pd.DataFrame | None = None,
    frames: Iterable[Any] | None = None,
    origin: ArrayLike | pd.Series | None = None,
    colormap: Any = "gray",
    markersize: float = 2,
    linecolor: Any = "many",
    linewidth: float | None = None,
    magnification: int | str | None = None,
    playback_rate: float | None = None,
    light_intensity: float = 1.0,
    fourcc: str | None = None,
) -> None:
    """Write a movie of the frames, with localizations and trajectories over them.

    Parameters
    ----------
    stack
        The movie.
    output_file
        Path: ``.gif`` needs nothing else, ``.webm``, ``.mp4`` and others need ffmpeg.
    locations
        Columns ``x y t``, µm and s: red squares in the frame of their time.
    trajectories
        Columns ``n x y t``, µm and s: those with a localization at the time of a frame are drawn
        up to it.
    frames
        Pairs (time in s, frame), times increasing; or frames alone, if `origin` has a time ``t``.
        All frames by default.
    origin
        Center of the lower left pixel, µm, of `frames` that are cropped: the lower corner that
        :meth:`ImageStack.cropping_bounds` gives. A Series of ``x``, ``y`` and ``t`` says the time
        of the first frame, too.
    colormap
        That of matplotlib. The scale is that of bytes, 0 to 255, where frames are of bytes; else
        from the least to the greatest of all their values.
    markersize
        Side of the squares, pixels of the movie.
    linecolor
        Of trajectories: ``"many"``, one colour, an array of rows of three numbers from 0 to 1, or
        None for red. The colour of a trajectory follows from its number.
    linewidth
        Of trajectories, pixels of the movie; 1 by default.
    magnification
        Pixels of the movie for each of the frames along an axis, 1 by default; ``"2x"`` for twice
        the width of a pixel over the localization precision, rounded.
    playback_rate
        Speed: 1 by default, as fast as it was; 0.5 for half of it.
    light_intensity
        Factor of the brightness.
    fourcc
        No effect: the codec follows from the extension of the file.

    Raises
    ------
    InvalidInputError
        If there is no frame, times do not increase, frames are not of one shape, columns are
        missing, or something is not known that is needed: time between frames, pixel size,
        localization precision.
    MissingPackageError
        If ffmpeg is needed and not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import tifffile
    >>> frames = np.random.default_rng(0).integers(0, 99, (3, 32, 48), dtype=np.uint8)
    >>> tifffile.imwrite("cell4.tif", frames, photometric="minisblack")
    >>> a = RWAnalyzer()
    >>> a.images.from_tiff_file("cell4.tif")
    >>> a.images.pixel_size, a.images.frame_interval = 0.16, 0.02  # µm, s
    >>> write_movie(first(a.images), "cell4.gif", trajectories=movie, magnification=4)
    """
    if fourcc is not None:
        warn_without_effect("fourcc", "the codec follows from the extension of the file")
    interval = stack.frame_interval
    if interval is None:
        raise InvalidInputError("the times of frames are not known: set a.spt_data.dt, in s")
    _check_columns("locations", locations, "xyt")
    _check_columns("trajectories", trajectories, "nxyt")
    where, start = _origin(origin)
    timed = list(_timed(stack, frames, start, interval))
    _check_frames(timed)
    speed = 1.0 if playback_rate is None else positive("playback_rate", playback_rate)
    movie = _Movie(stack, timed, where, _magnified(stack, magnification))
    movie.set_scale(colormap, positive("light_intensity", light_intensity))
    colors = _colors(linecolor)

    def draw(time: float) -> None:
        if trajectories is not None:
            active = trajectories["n"][np.abs(trajectories["t"] - time) < interval / 2]
            past = trajectories[trajectories["t"] < time + interval / 2]
            for n in active:
                color = colors[int(n) % len(colors)]
                movie.add_line(
                    past[past["n"] == n].sort_values("t"),
                    color,
                    1 if linewidth is None else linewidth,
                )
        if locations is not None:
            now = locations[np.abs(locations["t"] - time) < interval / 2]
            movie.add_squares(now, positive("markersize", markersize))

    movie.write(Path(output_file).expanduser(), speed / interval, draw)


class _Movie:
    """A figure of as many pixels as the movie has."""

    def __init__(
        self,
        stack: "ImageStack",
        frames: list[tuple[float, "Frame"]],
        origin: NDArray[np.float64] | None,
        magnification: int,
    ) -> None:
        from matplotlib.figure import Figure

        self._frames = frames
        height, width = frames[0][1].shape
        size = (width * magnification / _DPI, height * magnification / _DPI)
        self._figure = Figure(figsize=size, dpi=_DPI)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._image = stack.mpl.roi(
            frames[0][1], origin, self._axes, interpolation="nearest", aspect="auto"
        )
        # What lies beyond the frame must not widen it.
        self._axes.autoscale(False)
        self._drawn: list[Any] = []

    def set_scale(self, colormap: Any, brightness: float) -> None:
        """Set colours and brightness, the same in all frames."""
        low, high = 0.0, float(_BYTE)
        if self._frames[0][1].dtype != np.uint8:
            low = min(float(frame.min()) for _, frame in self._frames)
            high = max(float(frame.max()) for _, frame in self._frames)
        self._image.set_cmap(colormap)
        self._image.set_clim(low, low + (high - low) / brightness)

    def add_line(self, places: pd.DataFrame, color: Any, width: float) -> None:
        """Draw a trajectory in the next frame."""
        self._drawn += self._axes.plot(places["x"], places["y"], color=color, linewidth=width)

    def add_squares(self, places: pd.DataFrame, size: float) -> None:
        """Draw localizations in the next frame."""
        self._drawn += self._axes.plot(
            places["x"], places["y"], "s", color="red", markersize=size, markeredgewidth=0
        )

    def write(self, path: Path, rate: float, draw: Any) -> None:
        """Write all frames, `rate` in a second, after drawing over each what is there then."""
        from matplotlib.animation import FuncAnimation

        from tramway.plotting.movie_files import writer_for

        writer = writer_for(path)

        def shown(number: int) -> list[Any]:
            for artist in self._drawn:
                artist.remove()
            self._drawn = []
            time, frame = self._frames[number]
            self._image.set_data(frame)
            draw(time)
            return self._drawn

        codec, options = _CODECS.get(path.suffix.lower(), (None, None))
        animation = FuncAnimation(
            self._figure, shown, frames=len(self._frames), init_func=list, blit=False
        )
        animation.save(
            path,
            writer,
            fps=rate,  # type: ignore[arg-type]  # any number does
            dpi=_DPI,
            codec=codec,
            extra_args=options,
        )


def _check_columns(name: str, table: Any, columns: str) -> None:
    if table is not None and not set(columns) <= {*getattr(table, "columns", ())}:
        said = " ".join(map(str, table)) if isinstance(table, pd.DataFrame) else type(table)
        raise InvalidInputError(f"`{name}` is {said}, expected a table of {' '.join(columns)}")


def _check_frames(frames: list[tuple[float, "Frame"]]) -> None:
    if not frames:
        raise InvalidInputError("`frames` is empty: there is nothing to show")
    shapes = {np.shape(frame) for _, frame in frames}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2 or 0 in next(iter(shapes)):
        raise InvalidInputError(f"`frames` are of shapes {sorted(shapes)}, expected one, of 2 axes")
    for (before, _), (after, _) in itertools.pairwise(frames):
        if after <= before:
            raise InvalidInputError(f"`frames`: {after} s comes after {before} s, expected order")


def _origin(origin: Any) -> tuple[NDArray[np.float64] | None, float | None]:
    """Take place and time apart."""
    if origin is None:
        return None, None
    start = None
    if isinstance(origin, pd.Series):
        start = float(origin["t"]) if "t" in origin else None
        origin = origin.reindex(["x", "y"])
    place = np.asarray(origin, np.float64).ravel()
    if place.shape != (2,) or not np.isfinite(place).all():
        raise InvalidInputError(f"`origin` is {place}, expected two numbers, µm: x, y")
    return place, start


def _timed(
    stack: "ImageStack", frames: Iterable[Any] | None, start: float | None, interval: float
) -> Iterator[tuple[float, "Frame"]]:
    if frames is None:
        yield from stack.as_frames(return_time=True)
        return
    for number, one in enumerate(frames):
        if isinstance(one, tuple | list) and len(one) == 2 and np.ndim(one[0]) == 0:
            yield float(one[0]), np.asarray(one[1])
        elif start is None:
            raise InvalidInputError(
                "`frames` have no times: give pairs of time (s) and frame, as "
                "region.crop_frames(return_time=True) does, or an `origin` with `t`"
            )
        else:
            yield start + number * interval, np.asarray(one)


def _magnified(stack: "ImageStack", magnification: int | str | None) -> int:
    """Give the pixels of the movie for each of the frames."""
    if magnification is None:
        return 1
    if not isinstance(magnification, str):
        return positive_integer("magnification", magnification)
    factor = multiple("magnification", magnification, "a whole number, or some as '2x'")
    precision = stack.localization_precision()
    if not isinstance(precision, float | int):
        raise InvalidInputError(
            f"`magnification` is {magnification!r}, of the localization precision, which is "
            f"{precision!r}: set a.spt_data.localization_precision, in µm"
        )
    return max(1, round(factor * stack.size_of_pixels() / precision))


def _colors(linecolor: Any) -> list[Any]:
    from matplotlib import colors, rcParams

    if linecolor is None:
        return ["red"]
    if not isinstance(linecolor, str):
        return list(np.atleast_2d(np.asarray(linecolor, np.float64)))
    if linecolor == "many":
        return list(rcParams["axes.prop_cycle"].by_key()["color"])
    if not colors.is_color_like(linecolor):
        raise InvalidInputError(f"`linecolor` is {linecolor!r}, expected a colour, or 'many'")
    return [linecolor]
