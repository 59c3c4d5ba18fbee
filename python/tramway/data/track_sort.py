"""Rows of a table that is larger than the memory, sorted by track on the disk."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .streaming import Piece

_ROWS = 100_000
"""Rows of a block, unless it is a track that has more."""


def sorted_by_track(pieces: Iterable[Piece]) -> Iterator[dict[str, NDArray[Any]]]:
    """Sort rows by their column ``n``; those of one track stay in their order.

    Each piece is sorted and appended to temporary files, one a column, as large as the table in
    memory would be, where the system has its temporary files (``TMPDIR``). Then the pieces are
    merged; memory is that of a piece, a block, and some numbers for each piece.

    Parameters
    ----------
    pieces
        Columns of numbers, of one name and length each.

    Yields
    ------
    dict
        The columns, of all rows of some tracks, in ascending order.

    Raises
    ------
    OSError
        If the files cannot be written: disk full.
    """
    with TemporaryDirectory(prefix="tramway-") as folder, ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        kind: np.dtype[Any]
        ends, kind = [0], np.dtype(np.float64)
        for piece in pieces:
            if not files:
                kind = np.dtype(np.int64 if piece["n"].dtype.kind in "iu" else np.float64)
                files = {
                    name: stack.enter_context((Path(folder) / str(rank)).open("w+b"))
                    for rank, name in enumerate(piece)
                }
            order = np.argsort(piece["n"], kind="stable")
            for name, file in files.items():
                values = piece[name].astype(kind if name == "n" else np.float64, copy=False)
                file.write(np.ascontiguousarray(values[order]).data)
            ends.append(ends[-1] + len(order))
        columns = {
            name: _Column(file, kind if name == "n" else np.dtype(np.float64))
            for name, file in files.items()
        }
        yield from _merged(columns, ends)


class _Column(NamedTuple):
    """Numbers of eight bytes each in a file; read, since pages of maps would count as memory."""

    file: BinaryIO
    kind: np.dtype[Any]

    def rows(self, begin: int, end: int) -> NDArray[Any]:
        self.file.seek(8 * begin)
        return np.frombuffer(self.file.read(8 * (end - begin)), self.kind)


def _merged(columns: dict[str, _Column], ends: Sequence[int]) -> Iterator[dict[str, NDArray[Any]]]:
    """Merge runs of sorted rows, each from one of `ends` to the next."""
    runs = [(begin, end) for begin, end in pairwise(ends) if begin < end]
    while runs:
        step = max(1, _ROWS // len(runs))
        number = columns["n"]
        # In no run more than so many rows are before the last track of the block.
        last = min(number.rows(min(a + step, b) - 1, min(a + step, b))[0] for a, b in runs)
        stops = [_first_after(last, number, a, b, step) for a, b in runs]
        rows = [(a, stop) for (a, _), stop in zip(runs, stops, strict=True)]
        block = {
            name: np.concatenate([column.rows(*some) for some in rows])
            for name, column in columns.items()
        }
        order = np.argsort(block["n"], kind="stable")
        yield {name: values[order] for name, values in block.items()}
        runs = [(stop, b) for (_, b), stop in zip(runs, stops, strict=True) if stop < b]


def _first_after(last: Any, number: _Column, begin: int, end: int, step: int) -> int:
    """Rank of the first row of a later track in a run."""
    while begin < end:
        some = number.rows(begin, min(begin + step, end))
        found = int(np.searchsorted(some, last, side="right"))
        begin += found
        if found < len(some):
            break
    return begin
