"""What ``a.images`` of one movie has of that movie."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.analyzer.selection import Selection
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from .plots import ImagePlots
    from .stack import Frame, ImageStack


class OnlyMovie:
    """Movies of which there is one can be used like that one; see :class:`ImageStack`."""

    _stacks: tuple["ImageStack", ...]

    def _only(self, name: str) -> "ImageStack":
        if not self._stacks:
            raise InvalidInputError(
                f"`{name}` is that of a movie, and there is none: a.images.from_tiff_file(path)"
            )
        if len(self._stacks) != 1:
            raise InvalidInputError(
                f"`{name}` is that of a single movie, here are {len(self._stacks)}: use "
                f"f.get_image().{name} of a source `f`, or [stack.{name} for stack in a.images]"
            )
        return self._stacks[0]

    @property
    def filepath(self) -> str:
        """Path of the only movie."""
        return self._only("filepath").filepath

    @property
    def stack(self) -> "Frame":
        """Frames of the only movie, (n_frames, height, width)."""
        return self._only("stack").stack

    @property
    def n_frames(self) -> int:
        """Number of frames of the only movie."""
        return self._only("n_frames").n_frames

    @property
    def width(self) -> int:
        """Number of pixels along x of the only movie."""
        return self._only("width").width

    @property
    def height(self) -> int:
        """Number of pixels along y of the only movie."""
        return self._only("height").height

    @property
    def bounds(self) -> pd.DataFrame:
        """Edges of the frames of the only movie, µm; see :attr:`ImageStack.bounds`."""
        return self._only("bounds").bounds

    def as_frames(
        self, index: Selection[int] | None = None, return_time: bool = False
    ) -> Iterator[Any]:
        """Iterate over the frames of the only movie; see :meth:`ImageStack.as_frames`."""
        return self._only("as_frames()").as_frames(index, return_time)

    def cropping_bounds(
        self, bounding_box: Iterable[ArrayLike], relative: bool = True
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Round a box to pixels of the only movie; see :meth:`ImageStack.cropping_bounds`."""
        return self._only("cropping_bounds()").cropping_bounds(bounding_box, relative)

    def crop_frames(
        self,
        bounding_box: Iterable[ArrayLike],
        index: Selection[int] | None = None,
        return_time: bool = False,
    ) -> Iterator[Any]:
        """Iterate over the cropped frames of the only movie; see :meth:`ImageStack.crop_frames`."""
        return self._only("crop_frames()").crop_frames(bounding_box, index, return_time)

    def to_color_movie(
        self, output_file: str | os.PathLike[str] | None = None, **what: Any
    ) -> None:
        """Write the only movie in colour; see :meth:`ImageStack.to_color_movie`."""
        self._only("to_color_movie()").to_color_movie(output_file, **what)

    @property
    def mpl(self) -> "ImagePlots":
        """Pictures of frames of the only movie, drawn with matplotlib."""
        return self._only("mpl").mpl
