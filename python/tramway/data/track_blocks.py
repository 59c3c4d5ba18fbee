"""All tracks of a file that is larger than the memory, some at a time, in their order."""

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import FileFormatError, InvalidInputError

from .streaming import Piece, has_tracks
from .trajectories import in_trajectories, trajectory_pieces


def track_blocks(path: str | os.PathLike[str], **how: Any) -> Iterator[pd.DataFrame]:
    """Read a text file some tracks at a time.

    Memory is that of a block, some 100,000 localizations, or of the longest track.

    Parameters
    ----------
    path
        The file; its rows are in ascending order of track numbers.
    how
        Parameters of :func:`read_trajectories`.

    Yields
    ------
    DataFrame
        Whole tracks, as :func:`check_trajectories` returns them. One after the other, the blocks
        are what :func:`read_trajectories` returns, to the bit.

    Raises
    ------
    FileFormatError, InvalidInputError, OSError
        As :func:`read_trajectories`; if there are no tracks in the file, or not in order.

    Warns
    -----
    DataQualityWarning
        As there; of what is in several blocks, with the numbers of the first of these.

    Examples
    --------
    >>> movie.to_csv("movie.txt", sep=" ", index=False)
    >>> sum(len(block) for block in track_blocks("movie.txt"))
    4000
    """
    name = str(Path(path).expanduser())
    pieces = has_tracks(trajectory_pieces(path, **how), name)
    told: set[str] = set()
    for columns in whole_tracks(pieces, name):
        with telling_once(told):
            try:
                block = in_trajectories(columns, name)
            except InvalidInputError as error:
                raise FileFormatError(str(error)) from None
        yield block


@contextmanager
def telling_once(told: set[str]) -> Iterator[None]:
    """Let what is said of the data be said once, whatever the numbers in it; `told` is what was."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        kind = re.sub(r"[0-9.e+-]+", "", str(warning.message))
        if kind not in told:
            told.add(kind)
            warnings.warn(warning.message, warning.category, stacklevel=3)


def whole_tracks(pieces: Iterable[Piece], source: str) -> Iterator[dict[str, NDArray[Any]]]:
    """Cut pieces of a table between tracks, in place of anywhere.

    Parameters
    ----------
    pieces
        Rows with a column ``n``, in ascending order of it.
    source
        What messages call the table.

    Yields
    ------
    dict
        The columns, of all rows of some tracks.

    Raises
    ------
    InvalidInputError
        If the rows are not in that order.
    """
    rest: dict[str, NDArray[Any]] = {}
    for piece in pieces:
        if not len(piece["n"]):
            continue
        columns = {name: np.concatenate([rest.get(name, v[:0]), v]) for name, v in piece.items()}
        number = columns["n"]
        back = np.flatnonzero(number[1:] < number[:-1])
        if back.size:
            raise InvalidInputError(
                f"{source}: track {number[back[0] + 1]} comes after track {number[back[0]]}. As a "
                "whole, a file is streamed in the order of its tracks: sort its rows by track and "
                "time, or define regions of interest, for which the order does not matter"
            )
        end = np.searchsorted(number, number[-1])
        if end:
            yield {name: values[:end] for name, values in columns.items()}
        rest = {name: values[end:] for name, values in columns.items()}
    if rest:
        yield rest
