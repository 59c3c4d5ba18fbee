"""The movies that localizations were found in: ``a.images``."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tramway.analyzer.attribute import AnalyzerAttribute
from tramway.attributes import optional, positive
from tramway.errors import InvalidInputError, MissingResultError

from .only_movie import OnlyMovie
from .stack import ImageStack, offset_in_pixels


class Images(OnlyMovie, AnalyzerAttribute):
    """Movies in TIFF files, one for each source of trajectories; by default there are none.

    One movie alone can be used like :class:`ImageStack`: ``a.images.stack``.

    Examples
    --------
    >>> import numpy as np
    >>> import tifffile
    >>> frames = np.zeros((3, 32, 48), dtype=np.uint16)  # of 32 rows and 48 columns
    >>> tifffile.imwrite("cell1.tif", frames, photometric="minisblack")
    >>> a = RWAnalyzer()
    >>> a.images.from_tiff_file("cell1.tif")
    >>> a.images.pixel_size = 0.16  # µm
    >>> a.images
    <Images: cell1.tif>
    """

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
        self._loc_offset = optional(offset_in_pixels)("loc_offset", value)

    @property
    def frame_interval(self) -> float | None:
        """Time between frames, s: that of ``a.spt_data``."""
        return None if self._analyzer is None else self._analyzer.spt_data.frame_interval

    @frame_interval.setter
    def frame_interval(self, value: float | None) -> None:
        self._owner().spt_data.frame_interval = value

    dt = frame_interval

    def localization_precision(self) -> float | str | None:
        """Give that of ``a.spt_data``, µm."""
        return None if self._analyzer is None else self._analyzer.spt_data.localization_precision

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


def from_tiff_file(filepath: str | os.PathLike[str]) -> Images:
    """Movie to be assigned, ``a.images = ...``; see :meth:`Images.from_tiff_file`.

    Examples
    --------
    >>> import numpy as np
    >>> import tifffile
    >>> frames = np.zeros((3, 32, 48), dtype=np.uint16)  # of 32 rows and 48 columns
    >>> tifffile.imwrite("cell1.tif", frames, photometric="minisblack")
    >>> a = RWAnalyzer()
    >>> a.images = images.from_tiff_file("cell1.tif")
    >>> a.images.filepaths
    ['cell1.tif']
    """
    return from_tiff_files(filepath)


def from_tiff_files(filepattern: str | os.PathLike[str]) -> Images:
    """Movies to be assigned, ``a.images = ...``; see :meth:`Images.from_tiff_files`.

    Examples
    --------
    >>> import numpy as np
    >>> import tifffile
    >>> frames = np.zeros((3, 32, 48), dtype=np.uint16)
    >>> for name in ("cell1.tif", "cell2.tif"):
    ...     tifffile.imwrite(name, frames, photometric="minisblack")
    >>> a = RWAnalyzer()
    >>> a.images = images.from_tiff_files("*.tif")
    >>> a.images.filepaths
    ['cell1.tif', 'cell2.tif']
    """
    images = Images()
    images.from_tiff_files(filepattern)
    return images
