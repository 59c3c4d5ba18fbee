"""Parquet: trackpy's tables, and any other with columns of usual names, or as a user says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.linking import optional_package
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import track_numbers
from tramway.data.formats.usual_names import chosen, other_units, units_of
from tramway.errors import FileFormatError

from .trackpy import is_trackpy

_ROWS = 100_000
"""Rows of a piece."""


def _recognises(start: FileStart) -> bool:
    return start.is_parquet


def _read(
    path: Path,
    columns: Mapping[str, str] | None = None,
    length_unit: str | None = None,
    time_unit: str | None = None,
) -> Localizations:
    """Read a table; parameters as those of the reader ``csv``."""
    with _opened(path) as file:
        plan = _plan(path, file, columns, length_unit, time_unit)
        # One by one: all of them take as much memory again before they are arrays.
        return plan.localizations(
            lambda name: file.read(columns=[name], use_threads=False).column(name)
        )


def _pieces(
    path: Path,
    columns: Mapping[str, str] | None = None,
    length_unit: str | None = None,
    time_unit: str | None = None,
) -> Iterator[Localizations]:
    with _opened(path) as file:
        plan = _plan(path, file, columns, length_unit, time_unit)
        for batch in file.iter_batches(_ROWS, columns=plan.names, use_threads=False):
            yield plan.localizations(batch.column)


def _opened(path: Path) -> Any:
    optional_package("pyarrow", "formats")
    return optional_package("pyarrow.parquet", "formats").ParquetFile(path)


@dataclass(frozen=True)
class _Plan:
    """Which columns are for what, and their units; `other`: of those that have one of their own."""

    path: Path
    found: Mapping[str, str]
    length: str | None
    time: str | None
    other: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        return sorted(set(self.found.values()))

    def localizations(self, column: Callable[[str], Any]) -> Localizations:
        """Take the columns of a table, or of a batch of its rows, by their names."""
        values = {}
        for purpose, name in self.found.items():
            array = np.asarray(column(name).to_numpy(zero_copy_only=False))
            if array.dtype.kind not in "iuf":
                raise FileFormatError(
                    f"{self.path}: column {name} is of {array.dtype}, expected numbers"
                )
            values[purpose] = array
        if "n" in values:
            values["n"] = track_numbers(values["n"], True, str(self.path))
        return Localizations(values, self.length, dict(self.other), self.time)


def _plan(
    path: Path,
    file: Any,
    columns: Mapping[str, str] | None,
    length_unit: str | None,
    time_unit: str | None,
) -> _Plan:
    names = list(file.schema_arrow.names)
    found = chosen(names, columns, str(path))
    missing = [name for name in ("x", "y") if name not in found]
    if missing or not {"t", "frame"} & found.keys():
        raise FileFormatError(f"{path}: no x, y and frame or t among {', '.join(names)[:500]}")
    length, time = units_of(found, length_unit, time_unit)
    if length is None and is_trackpy(set(names)):
        length = "px"
        if "ep" in names:
            found.setdefault("localization_precision", "ep")
    other = other_units(found, length, str(path)) if length_unit is None else {}
    return _Plan(path, found, length, time, other)


READER = Reader("parquet", "Parquet table, trackpy's or another", _recognises, _read, _pieces)
