"""Which of matplotlib's writers writes a movie."""

import os
from pathlib import Path
from typing import Any

from tramway.errors import MissingPackageError


def writer_for(filename: str | os.PathLike[str], writer: Any = None) -> Any:
    """Choose the writer by the extension: matplotlib takes one that cannot write such a file.

    Parameters
    ----------
    filename
        Path of the movie.
    writer
        One that was asked for, as ``"ffmpeg"``, or an object of matplotlib.

    Raises
    ------
    MissingPackageError
        If it takes ffmpeg, which is not installed.
    """
    from matplotlib.animation import FFMpegWriter

    if Path(filename).suffix.lower() == ".gif":
        return writer or "pillow"
    if writer in (None, "ffmpeg") and not FFMpegWriter.isAvailable():
        raise MissingPackageError(
            f"'{filename}' needs ffmpeg, which is not found: install it (apt, brew or "
            "conda install ffmpeg), or save a .gif"
        )
    return writer
