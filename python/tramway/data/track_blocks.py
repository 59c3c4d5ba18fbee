"""All tracks of a file that is larger than the memory, some at a time, in their order."""

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import FileFormatError, InvalidInputError

from .streaming import Piece, has_tracks
from .track_sort import sorted_by_track
from .trajectories import in_trajectories, trajectory_pieces


@checked
def track_blocks(path: str | os.PathLike[str], **how: Any) -> Iterator[pd.DataFrame]:
    """Read a text file some tracks at a time.

    Memory is that of a block, some 100,000 localizations, or of the longest track. Rows that are
    not in the order of tracks are sorted on the disk; see ``track_sort.py``.

    Parameters
    ----------
    path
        The file.
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
        As :func:`read_trajectories`; if there are no tracks in the file, or rows of tracks that
        were in order, and so are given already, come again much later.

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
        Rows with a column ``n``; where they are not in ascending order of it, they are sorted.
    source
        What messages call the table.

    Yields
    ------
    dict
        The columns, of all rows of some tracks.

    Raises
    ------
    InvalidInputError
        If a track comes again after it was given, with all before it.
    """
    rest: dict[str, NDArray[Any]] = {}
    given: Any = None
    pieces = iter(pieces)
    for piece in pieces:
        if not len(piece["n"]):
            continue
        columns = {name: np.concatenate([rest.get(name, v[:0]), v]) for name, v in piece.items()}
        number = columns["n"]
        if (number[1:] < number[:-1]).any():
            for block in sorted_by_track(chain([columns], pieces)):
                if given is not None and block["n"][0] <= given:
                    raise InvalidInputError(
                        f"{source}: track {block['n'][0]} comes again after track {given} and all "
                        "before it. As a whole, a file is streamed track by track: sort its rows "
                        "by track and time, see whether several files were put together, or define "
                        "regions of interest, for which the order does not matter"
                    )
                yield block
            return
        end = np.searchsorted(number, number[-1])
        if end:
            given = number[end - 1]
            yield {name: values[:end] for name, values in columns.items()}
        rest = {name: values[end:] for name, values in columns.items()}
    if rest:
        yield rest
