"""Trajectories that many regions are cut out of."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .columns import assemble
from .polygon import Area, Polygon
from .translocations import (
    Column,
    columns_from,
    columns_of,
    coordinates_of,
    rows_of,
)


class Croppable:
    """Trajectories that many regions are cut out of: the work that these share is done once.

    Parameters
    ----------
    trajectories
        Table as :func:`check_trajectories` returns it. It must not be changed meanwhile.

    Raises
    ------
    InvalidInputError
        If the table is not sorted or not finite.

    Examples
    --------
    >>> from tramway.data import Box
    >>> table = Croppable(movie).translocations([Box((1, 1), (2, 2))])
    >>> bool(table["x"].between(1, 2).all())
    True
    """

    @checked
    def __init__(self, trajectories: pd.DataFrame) -> None:
        self._trajectories = trajectories
        self._columns = columns_of(trajectories)
        self._core = _core.Croppable(*coordinates_of(trajectories))
        self._rows = lru_cache(maxsize=1)(self._core.crop)  # a region's table and tracks follow
        self._known: dict[tuple[Area, ...], tuple[int, str]] = {}

    @cached_property
    def _bounds_of_tracks(self) -> NDArray[np.int64]:
        """Row that each track begins with, and the number of rows."""
        numbers = np.asarray(self._columns["n"])
        begins = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
        return np.concatenate([[0], begins, [len(numbers)]])

    def columns(self, areas: Sequence[Area]) -> dict[str, Column]:
        """Columns of the table that :meth:`translocations` makes, in less time."""
        if not areas:
            return self._columns
        return columns_from(self._columns, *self._rows(tuple(areas)))

    def columns_of_tracks(self, areas: Sequence[Area]) -> dict[str, Column]:
        """Columns of the trajectories that have translocations in any area, from end to end.

        Tracks are numbered from 1, so that the numbers say nothing of tracks elsewhere.
        """
        rows, numbers = self._rows_of_tracks(areas)
        columns = rows_of(self._columns, rows)
        columns["n"] = numbers
        return columns

    def _rows_of_tracks(self, areas: Sequence[Area]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the rows of :meth:`columns_of_tracks`, and number their tracks."""
        bounds = self._bounds_of_tracks
        origins, _ = self._rows(tuple(areas))
        visitors = np.unique(np.searchsorted(bounds, origins, side="right") - 1)
        sizes = bounds[visitors + 1] - bounds[visitors]
        ends = np.cumsum(sizes)
        rows = np.arange(sizes.sum()) + np.repeat(bounds[visitors] - ends + sizes, sizes)
        return rows, np.repeat(np.arange(1, len(visitors) + 1), sizes)

    def look_at(self, regions: Iterable[Sequence[Area]]) -> None:
        """Count and hash what is in many regions at once, so that this is known when asked for.

        All threads do it, in one pass over the table. What is wrong with a column or a region is
        said when :meth:`digest` is asked for it.
        """
        dimension = sum(name in self._columns for name in SPACE_COLUMNS)

        def can_be_cropped(area: Area) -> bool:
            if isinstance(area, Polygon):
                return dimension == 2
            return len(area.lower) in (dimension, dimension + 1)

        known = [tuple(areas) for areas in regions if areas and all(map(can_be_cropped, areas))]
        with suppress(InvalidInputError):  # of a column
            found = self._core.digests(known, *self._others)
            self._known = dict(zip(known, found, strict=True))

    def count(self, areas: Sequence[Area]) -> int:
        """Count the rows of what :meth:`translocations` returns."""
        if not areas:
            return len(self._trajectories)
        known = self._known.get(tuple(areas))
        return len(self._rows(tuple(areas))[0]) if known is None else known[0]

    def digest(self, areas: Sequence[Area]) -> str:
        """Hash what :meth:`translocations` returns for one area or more, in a tenth of the time.

        It is XXH3 with 128 bits, in hexadecimal, over the localizations that translocations begin
        and end at, all their columns to the bit, and the numbers of their tracks: what is elsewhere
        has no influence. It tells data that changed, not those that somebody forged.

        Raises
        ------
        InvalidInputError
            If a column holds neither numbers, booleans nor text.
        """
        known = self._known.get(tuple(areas))
        if known is not None:
            return known[1]
        return self._core.digest(*self._rows(tuple(areas)), *self._others)

    def digest_of_tracks(self, areas: Sequence[Area]) -> str:
        """Hash what :meth:`columns_of_tracks` returns, as :meth:`digest` does."""
        rows, numbers = self._rows_of_tracks(areas)
        has_next = np.flatnonzero(numbers[1:] == numbers[:-1])
        return self._core.digest(rows[has_next], numbers[has_next], *self._others)

    @cached_property
    def _others(self) -> tuple[NDArray[np.uint64], int]:
        """Words for all columns but number, place and time; and one for what columns there are."""
        others = {
            name: values
            for name, values in self._columns.items()
            if name not in ("n", *SPACE_COLUMNS, "t")
        }
        words = np.empty((len(self._trajectories), len(others)), np.uint64)
        for place, (name, values) in enumerate(others.items()):
            words[:, place] = _words(values, name)
        kinds = {
            name: values.dtype.str if isinstance(values, np.ndarray) else "text"
            for name, values in self._columns.items()
        }
        return words, _word(repr(kinds))

    def translocations(self, areas: Sequence[Area]) -> pd.DataFrame:
        """Translocations whose origin is in any area; the trajectories where there is none.

        See :func:`translocations` and :func:`translocations_of_union`.
        """
        if not areas:
            return self._trajectories
        table = assemble(self.columns(areas))
        table.attrs = dict(self._trajectories.attrs)
        return table


def _words(values: Column, name: str) -> NDArray[np.uint64]:
    """Stand for each value of a column by 64 bits: of a text, a hash."""
    if isinstance(values, np.ndarray):
        wide = np.float64 if values.dtype.kind == "f" else np.int64
        return values.astype(wide).view(np.uint64)
    if not all(isinstance(value, str) for value in values):
        raise InvalidInputError(
            f"column '{name}' holds {values.dtype} values, expected booleans, numbers or strings; "
            "convert or drop them"
        )
    numbers, texts = pd.factorize(values)
    return np.array([_word(text) for text in texts], np.uint64)[numbers]


def _word(text: str) -> int:
    """Hash a text to 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
