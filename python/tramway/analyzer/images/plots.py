"""Pictures of frames of a movie: ``stack.mpl``."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from .stack import Frame, ImageStack


class ImagePlots:
    """Frames of a movie below localizations or maps."""

    def __init__(self, stack: "ImageStack") -> None:
        self._stack = stack

    def plot(
        self,
        x: pd.DataFrame | ArrayLike,
        *args: Any,
        origin: ArrayLike | None = None,
        frame: "Frame | None" = None,
        axes: "Axes | None" = None,
        **options: Any,
    ) -> Any:
        """Draw localizations over a frame that ``imshow(frame)`` has drawn, in pixels.

        Parameters
        ----------
        x
            Table of columns ``x y``, µm; or coordinates x, followed by coordinates y.
        args, options
            Those of matplotlib's ``plot``, as ``'r.'``.
        origin
            Corner of a cropped frame, µm, as :meth:`ImageStack.cropping_bounds` gives it.
        frame
            The frame, if it is cropped.
        axes
            The current ones by default.

        Returns
        -------
        list of matplotlib.lines.Line2D
            What was drawn.
        """
        if isinstance(x, pd.DataFrame):
            position = x[["x", "y"]].to_numpy(np.float64)
        elif args:
            position, args = np.column_stack([x, args[0]]).astype(np.float64), args[1:]
        else:
            raise InvalidInputError("`x` is no table and there is no `y`: give one or the other")
        size = self._stack.size_of_pixels()
        height = self._stack.height if frame is None else len(frame)
        if origin is not None:
            pixels = (position - np.asarray(origin)[:2]) / size
        else:
            pixels = position / size - np.array(self._stack.loc_offset or (0.0, 0.0))
        return _current(axes).plot(pixels[:, 0], height - 1 - pixels[:, 1], *args, **options)

    def roi(
        self,
        frame: "Frame",
        origin: ArrayLike | None = None,
        axes: "Axes | None" = None,
        colormap: str = "gray",
        **options: Any,
    ) -> "AxesImage":
        """Draw a frame, or a part of one, in µm: localizations and maps can be drawn over it.

        Parameters
        ----------
        frame
            What :meth:`ImageStack.as_frames` or :meth:`ImageStack.crop_frames` gives.
        origin
            Center of its lower left pixel, µm, as :meth:`ImageStack.cropping_bounds` gives it; that
            of whole frames by default.
        axes
            The current ones by default.
        colormap, options
            Those of matplotlib's ``imshow``.
        """
        size = self._stack.size_of_pixels()
        if origin is None:
            origin = np.array(self._stack.loc_offset or (0.0, 0.0)) * size
        left, bottom = np.asarray(origin, np.float64)[:2] - size / 2
        height, width = frame.shape
        extent = (left, left + width * size, bottom, bottom + height * size)
        return _current(axes).imshow(frame, cmap=colormap, extent=extent, **options)


def _current(axes: "Axes | None") -> "Axes":
    from matplotlib import pyplot

    return pyplot.gca() if axes is None else axes
