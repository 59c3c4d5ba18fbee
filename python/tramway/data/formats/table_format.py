"""Formats that are a table of text whose header tells the program: most of them are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from .file_start import FileStart
from .reader import NO_TRACK, Localizations, Reader
from .text_table import TextTable


@dataclass(frozen=True)
class TableFormat:
    """A table whose columns have known names.

    Attributes
    ----------
    marks
        Names that are in the header of every file of this format, and together in no other's.
    columns
        Names of the columns, by what they are for: ``x y z n frame t localization_precision``;
        several names for those that differ between versions. Two columns for a precision, ``+``
        between their names: that along x and that along y.
    length_unit, other_units, time_unit, first_frame
        As in :class:`Localizations`.
    channel
        Name of the column that tells channels apart, if there is one.
    negative_is_none
        Whether a negative track number says that a localization belongs to no track.
    """

    marks: frozenset[str]
    columns: Mapping[str, Iterable[str]]
    length_unit: str | None = None
    other_units: Mapping[str, str] = field(default_factory=dict)
    time_unit: str | None = None
    first_frame: int = 0
    channel: str | None = None
    negative_is_none: bool = True
    notes: tuple[str, ...] = field(default=())

    def reader(self, name: str, title: str) -> Reader:
        """Make the reader of this format."""
        return Reader(name, title, self.recognises, self.read, self.pieces)

    def recognises(self, start: FileStart) -> bool:
        """Whether the marks are in the header."""
        return self.marks <= set(start.header)

    def read(self, path: Any, header_lines: int = 1, length: int | None = None) -> Localizations:
        """Read the columns that there are.

        Raises
        ------
        FileFormatError
            If a coordinate or the frames are not among them, or something is no number.
        """
        table = TextTable(FileStart(path), header_lines, length)
        return self.localizations(self.found(table), table)

    def pieces(self, path: Any) -> Iterator[Localizations]:
        """Read what :meth:`read` does, some 60,000 rows at a time."""
        table = TextTable(FileStart(path))
        return self.localizations_in_pieces(self.found(table), table)

    def found(self, table: TextTable) -> dict[str, str]:
        """Choose the columns of a table by what they are for."""
        found = {}
        for purpose, names in self.columns.items():
            chosen = next((n for n in names if set(n.split("+")) <= set(table.names)), None)
            if chosen is not None:
                found[purpose] = chosen
        check_purposes(found, table)
        return found

    def localizations(
        self,
        found: Mapping[str, str],
        table: TextTable,
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> Localizations:
        """Read columns that are chosen by what they are for, and columns of words by their names.

        Those of words have, under their names, whether one of the words is there.
        """
        channel = [self.channel] if self.channel and self.channel in table.names else []
        values = table.read([*_names(found), *channel], words)
        read = self._of_values(values, found, table, words or {})
        for name in channel:
            read.problems += of_channels(np.unique(values[name]).size)
        return read

    def localizations_in_pieces(
        self, found: Mapping[str, str], table: TextTable
    ) -> Iterator[Localizations]:
        """Read columns as :meth:`localizations` does, some 60,000 rows at a time."""
        for values in table.pieces(_names(found)):
            yield self._of_values(values, found, table, {})

    def _of_values(
        self,
        values: Mapping[str, NDArray[Any]],
        found: Mapping[str, str],
        table: TextTable,
        words: Mapping[str, Sequence[str]],
    ) -> Localizations:
        columns = {purpose: mean_square(values, chosen) for purpose, chosen in found.items()}
        columns |= {name: values[name] for name in words}
        if "n" in columns:
            columns["n"] = track_numbers(columns["n"], self.negative_is_none, str(table.path))
        read = Localizations(
            columns,
            self.length_unit,
            dict(self.other_units),
            self.time_unit,
            first_frame=self.first_frame,
            notes=list(self.notes),
        )
        doubled = set(_names(found)) & set(table.repeated)
        if doubled:
            read.problems.append(
                f"several columns are called {', '.join(sorted(doubled))}: the first was taken"
            )
        return read


def _names(found: Mapping[str, str]) -> list[str]:
    return sorted({name for chosen in found.values() for name in chosen.split("+")})


def check_purposes(found: Mapping[str, str], table: TextTable) -> None:
    """Refuse a table without coordinates, or without frames and times."""
    missing = [purpose for purpose in ("x", "y") if purpose not in found]
    if not {"t", "frame"} & found.keys():
        missing.append("frame or t")
    if missing:
        raise FileFormatError(
            f"{table.path}: no column for {', '.join(missing)} among {', '.join(table.names)[:500]}"
        )


def of_channels(count: int) -> list[str]:
    """Sentence for the warning, if localizations are of several channels."""
    if count < 2:
        return []
    return [
        f"localizations of {count} channels are in one file: they are not told apart when they are "
        "linked"
    ]


def mean_square(values: Mapping[str, NDArray[Any]], chosen: str) -> NDArray[Any]:
    """Give a column, or the root mean square of two."""
    parts = [values[name] for name in chosen.split("+")]
    if len(parts) == 1:
        return parts[0]
    root: NDArray[Any] = np.sqrt(np.mean(np.square(parts), axis=0))
    return root


def track_numbers(values: NDArray[Any], negative_is_none: bool, source: str) -> NDArray[np.int64]:
    """Whole track numbers; :data:`NO_TRACK` for those that are missing.

    Raises
    ------
    FileFormatError
        If one is no whole number, or too large to be exact.
    """
    if values.dtype.kind in "iu":
        if values.dtype.kind == "u" and values.size and values.max() > np.iinfo(np.int64).max:
            raise FileFormatError(f"{source}: track number {values.max()} is too large")
        numbers = values.astype(np.int64)
    else:
        values = values.astype(np.float64)
        is_missing = np.isnan(values)
        bad = np.flatnonzero(
            ~is_missing & ((values != np.trunc(values)) | (np.abs(values) > 2.0**53))
        )
        if bad.size:
            raise FileFormatError(
                f"{source}: track number {values[bad[0]]} of localization {bad[0] + 1}, expected a "
                "whole number"
            )
        numbers = np.where(is_missing, 0, values).astype(np.int64)
        numbers[is_missing] = NO_TRACK
    if negative_is_none:
        numbers[numbers < 0] = NO_TRACK
    return numbers
