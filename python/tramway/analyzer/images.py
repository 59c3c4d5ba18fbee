"""The movies that localizations were found in: ``a.images``."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.attributes import StrictAttributes, finite, optional, positive
from tramway.errors import (
    FileFormatError,
    InvalidInputError,
    MissingPackageError,
    MissingResultError,
    UnknownAttributeError,
)

from .attribute import AnalyzerAttribute
from .selection import Selection, in_order, selects

if TYPE_CHECKING:
    from .image_plots import ImagePlots

Frame = NDArray[Any]


def _offset(name: str, value: Any) -> tuple[float, float]:
    """Check an offset in pixels along x and y."""
    if np.shape(value) != (2,):
        raise InvalidInputError(f"`{name}` is {value!r}, expected two numbers, in pixels: (x, y)")
    return finite(name, float(value[0])), finite(name, float(value[1]))


class ImageStack(StrictAttributes):
    """The frames of one TIFF file, read when they are first needed.

    Row 0 of a frame is its upper edge, where y is greatest. The center of the pixel in column j and
    row i is at ``x = (j + loc_offset_x) pixel_size``, ``y = (height - 1 - i + loc_offset_y)
    pixel_size``.
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
        self._loc_offset = optional(_offset)("loc_offset", value)

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

    def to_color_movie(self, *_: object, **__: object) -> NoReturn:
        """Refuse: movies are made by matplotlib."""
        raise UnknownAttributeError(
            "`to_color_movie` is not there: draw a frame by `mpl.roi`, and animate trajectories "
            "over it, f.mpl.animate(figure, axes=axes).save('movie.mp4')"
        )

    @property
    def mpl(self) -> "ImagePlots":
        """Pictures of frames, drawn with matplotlib."""
        from .image_plots import ImagePlots

        return ImagePlots(self)

    def __repr__(self) -> str:
        return f"<ImageStack {self._filepath}>"


class Images(AnalyzerAttribute):
    """Movies in TIFF files, one for each source of trajectories; by default there are none."""

    def __init__(self) -> None:
        self._stacks: tuple[ImageStack, ...] = ()
        self._filepattern: str | None = None
        self._pixel_size: float | None = None
        self._loc_offset: tuple[float, float] | None = None

    def from_tiff_file(self, filepath: str | os.PathLike[str]) -> None:
        """Take the movie in one TIFF file."""
        self.from_tiff_files(filepath)

    def from_tiff_files(self, filepattern: str | os.PathLike[str]) -> None:
        """Take the movies in the TIFF files that match a path or pattern, in order.

        Raises
        ------
        InvalidInputError
            If there is no such file.
        """
        pattern = os.fspath(Path(filepattern).expanduser())
        paths = [pattern] if Path(pattern).is_file() else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
        if not paths:
            raise InvalidInputError(f"no file matches '{pattern}' (in {Path.cwd()})")
        self._filepattern = os.fspath(filepattern)
        self._stacks = tuple(ImageStack(path, self) for path in paths)

    @property
    def initialized(self) -> bool:
        """Whether there is any movie."""
        return bool(self._stacks)

    @property
    def filepattern(self) -> str | None:
        """Path or pattern of the files; None: there are none."""
        return self._filepattern

    @property
    def filepaths(self) -> list[str]:
        """Paths of the files."""
        return [stack.filepath for stack in self]

    @property
    def pixel_size(self) -> float | None:
        """Width of a pixel in all movies, µm; a movie can have its own."""
        return self._pixel_size

    @pixel_size.setter
    def pixel_size(self, value: float | None) -> None:
        self._pixel_size = optional(positive)("pixel_size", value)

    @property
    def loc_offset(self) -> tuple[float, float] | None:
        """Where the first column and the last row are, pixels (x, y); a movie can have its own."""
        return self._loc_offset

    @loc_offset.setter
    def loc_offset(self, value: Any) -> None:
        self._loc_offset = optional(_offset)("loc_offset", value)

    @property
    def frame_interval(self) -> float | None:
        """Time between frames, s: that of ``a.spt_data``."""
        return None if self._analyzer is None else self._analyzer.spt_data.frame_interval

    @frame_interval.setter
    def frame_interval(self, value: float | None) -> None:
        self._owner().spt_data.frame_interval = value

    dt = frame_interval

    def of_source(self, alias: str) -> ImageStack:
        """Find the movie whose file is named after a source.

        Raises
        ------
        MissingResultError
            If there is none, or there are several.
        """
        found = [stack for stack in self if alias in Path(stack.filepath).name]
        if len(found) != 1:
            raise MissingResultError(
                f"{len(found)} of {len(self)} image files have '{alias}' in their names, expected "
                "one: a.images.from_tiff_files('*.tif'), and an alias of the source that names it"
            )
        return found[0]

    def __iter__(self) -> Iterator[ImageStack]:
        return iter(self._stacks)

    def __len__(self) -> int:
        return len(self._stacks)

    def __repr__(self) -> str:
        return f"<Images: {', '.join(self.filepaths) or 'none'}>"


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


def from_tiff_file(filepath: str | os.PathLike[str]) -> Images:
    """Movie to be assigned, ``a.images = ...``; see :meth:`Images.from_tiff_file`."""
    return from_tiff_files(filepath)


def from_tiff_files(filepattern: str | os.PathLike[str]) -> Images:
    """Movies to be assigned, ``a.images = ...``; see :meth:`Images.from_tiff_files`."""
    images = Images()
    images.from_tiff_files(filepattern)
    return images
