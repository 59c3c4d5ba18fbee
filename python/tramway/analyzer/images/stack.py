"""One movie of ``a.images``: the frames of a TIFF file, and where their pixels are."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.analyzer.selection import Selection, in_order, selects
from tramway.attributes import StrictAttributes, finite, optional, positive
from tramway.errors import FileFormatError, InvalidInputError, MissingPackageError

if TYPE_CHECKING:
    from . import Images
    from .plots import ImagePlots

Frame = NDArray[Any]


def offset_in_pixels(name: str, value: Any) -> tuple[float, float]:
    """Check an offset in pixels along x and y."""
    if np.shape(value) != (2,):
        raise InvalidInputError(f"`{name}` is {value!r}, expected two numbers, in pixels: (x, y)")
    return finite(name, float(value[0])), finite(name, float(value[1]))


class ImageStack(StrictAttributes):
    """The frames of one TIFF file, read when they are first needed.

    Row 0 of a frame is its upper edge, where y is greatest. The center of the pixel in column j and
    row i is at ``x = (j + loc_offset_x) pixel_size``, ``y = (height - 1 - i + loc_offset_y)
    pixel_size``.

    Examples
    --------
    >>> import numpy as np
    >>> import tifffile
    >>> frames = np.zeros((3, 32, 48), dtype=np.uint16)
    >>> tifffile.imwrite("cell3.tif", frames, photometric="minisblack")
    >>> a = RWAnalyzer()
    >>> a.images.from_tiff_file("cell3.tif")
    >>> first(a.images).stack.shape  # frames, rows, columns
    (3, 32, 48)
    """

    def __init__(self, filepath: str, images: "Images") -> None:
        self._filepath = filepath
        self._images = images
        self._stack: Frame | None = None
        self._pixel_size: float | None = None
        self._loc_offset: tuple[float, float] | None = None

    @property
    def filepath(self) -> str:
        """Path of the file."""
        return self._filepath

    @property
    def stack(self) -> Frame:
        """The frames, (n_frames, height, width).

        Raises
        ------
        FileFormatError
            If the file is no TIFF, or no stack of frames in one colour.
        MissingPackageError
            If tifffile is not installed.
        """
        if self._stack is None:
            self._stack = _read(self._filepath)
        return self._stack

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.stack)

    @property
    def width(self) -> int:
        """Number of pixels along x."""
        return int(self.stack.shape[2])

    @property
    def height(self) -> int:
        """Number of pixels along y."""
        return int(self.stack.shape[1])

    @property
    def pixel_size(self) -> float | None:
        """Width of a pixel, µm; that of ``a.images`` by default."""
        return self._images.pixel_size if self._pixel_size is None else self._pixel_size

    @pixel_size.setter
    def pixel_size(self, value: float | None) -> None:
        self._pixel_size = optional(positive)("pixel_size", value)

    @property
    def loc_offset(self) -> tuple[float, float] | None:
        """Where the first column and the last row are, pixels (x, y); None: at 0."""
        return self._images.loc_offset if self._loc_offset is None else self._loc_offset

    @loc_offset.setter
    def loc_offset(self, value: Any) -> None:
        self._loc_offset = optional(offset_in_pixels)("loc_offset", value)

    @property
    def frame_interval(self) -> float | None:
        """Time between frames, s; that of the trajectories."""
        return self._images.frame_interval

    dt = frame_interval

    @property
    def bounds(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of ``x`` and ``y``: the edges of the frames, µm."""
        low = (np.array(self.loc_offset or (0.0, 0.0)) - 0.5) * self.size_of_pixels()
        high = low + np.array([self.width, self.height]) * self.size_of_pixels()
        return pd.DataFrame([low, high], index=["min", "max"], columns=["x", "y"])

    def as_frames(
        self, index: Selection[int] | None = None, return_time: bool = False
    ) -> Iterator[Any]:
        """Iterate over the frames.

        Parameters
        ----------
        index
            Which: a number from 0, several, or a function that is true for them; all by default.
        return_time
            Whether to give (time, frame) pairs, s; that of frame k is ``(k + 1) dt``.
        """
        interval = self.frame_interval
        if return_time and interval is None:
            raise InvalidInputError("the times of frames are not known: set a.spt_data.dt, in s")
        for one in in_order(index):
            for k, frame in enumerate(self.stack):
                if selects(one, k):
                    yield ((k + 1) * (interval or 0.0), frame) if return_time else frame

    def cropping_bounds(
        self, bounding_box: Iterable[ArrayLike], relative: bool = True
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Round a box to whole pixels.

        Parameters
        ----------
        bounding_box
            Lower and upper corner, µm; what is beyond x and y is left out.
        relative
            Whether `loc_offset` is left out of account.

        Returns
        -------
        tuple of two arrays
            The corners, µm: at the centers of the first and last pixels, inside the frames or not.
        """
        offset = (0.0, 0.0) if relative or self.loc_offset is None else self.loc_offset
        lower, upper = self._in_pixels(bounding_box, offset)
        size = self.size_of_pixels()
        return lower * size, upper * size

    def crop_frames(
        self,
        bounding_box: Iterable[ArrayLike],
        index: Selection[int] | None = None,
        return_time: bool = False,
    ) -> Iterator[Any]:
        """Iterate over the frames, cropped to a box as far as they reach.

        Parameters
        ----------
        bounding_box
            Lower and upper corner, µm; what is beyond x and y is left out.
        index, return_time
            Those of :meth:`as_frames`.
        """
        pixels = self._in_pixels(bounding_box, self.loc_offset or (0.0, 0.0))
        lower, upper = (corner.astype(np.int64) for corner in pixels)
        rows = slice(max(0, self.height - 1 - upper[1]), max(0, self.height - lower[1]))
        columns = slice(max(0, lower[0]), max(0, upper[0] + 1))
        for frame in self.as_frames(index, return_time):
            if return_time:
                yield frame[0], frame[1][rows, columns]
            else:
                yield frame[rows, columns]

    def size_of_pixels(self) -> float:
        """Give `pixel_size`, µm; it is an error if it is not set."""
        if self.pixel_size is None:
            raise InvalidInputError("it is not known how wide pixels are: set a.images.pixel_size")
        return self.pixel_size

    def _in_pixels(
        self, bounding_box: Iterable[ArrayLike], offset: tuple[float, float]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lower, upper = (np.asarray(corner, np.float64)[:2] for corner in bounding_box)
        if lower.shape != (2,) or upper.shape != (2,) or not (lower <= upper).all():
            raise InvalidInputError(
                f"`bounding_box` is {lower} to {upper}, expected a lower and an upper corner, µm"
            )
        size = self.size_of_pixels()
        return np.floor(lower / size - offset), np.ceil(upper / size - offset)

    def to_color_movie(
        self, output_file: str | os.PathLike[str] | None = None, **what: Any
    ) -> None:
        """Write a movie of the frames, with localizations and trajectories over them.

        Parameters
        ----------
        output_file
            Its path; the one of the frames with ``.avi`` by default. What it is follows from the
            extension: ``.gif`` needs nothing else, ``.webm``, ``.mp4`` and others need ffmpeg.
        what
            Parameters of :func:`tramway.analyzer.images.movies.write_movie`: `locations`,
            `trajectories`, `frames`, `origin`, and how they look.
        """
        from .movies import write_movie

        default = Path(self._filepath).with_suffix(".avi")
        write_movie(self, default if output_file is None else output_file, **what)

    def localization_precision(self) -> float | str | None:
        """Give that of ``a.spt_data``, µm."""
        return self._images.localization_precision()

    @property
    def mpl(self) -> "ImagePlots":
        """Pictures of frames, drawn with matplotlib."""
        from .plots import ImagePlots

        return ImagePlots(self)

    def __repr__(self) -> str:
        return f"<ImageStack {self._filepath}>"


def _read(path: str) -> Frame:
    try:
        import tifffile
    except ImportError as error:
        raise MissingPackageError(
            "images need tifffile, which is not installed: pip install 'tramway-rs[images]'"
        ) from error
    try:
        stack: Frame = tifffile.imread(path)
    except OSError:
        raise
    except Exception as error:
        raise FileFormatError(f"{path} cannot be read as TIFF: {error}") from error
    if stack.ndim == 2:
        stack = stack[np.newaxis]
    if stack.ndim != 3 or stack.dtype.kind not in "uif":
        raise FileFormatError(
            f"{path} has images of shape {stack.shape} and type {stack.dtype}, expected frames of "
            "one colour, (n_frames, height, width)"
        )
    return stack
