"""Parquet: trackpy's tables, and any other with columns of usual names, or as a user says."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.linking import optional_package
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import track_numbers
from tramway.data.formats.usual_names import chosen, other_units, units_of
from tramway.errors import FileFormatError

from .trackpy import is_trackpy


def _recognises(start: FileStart) -> bool:
    return start.is_parquet


def _read(
    path: Path,
    columns: Mapping[str, str] | None = None,
    length_unit: str | None = None,
    time_unit: str | None = None,
) -> Localizations:
    """Read a table; parameters as those of the reader ``csv``."""
    optional_package("pyarrow", "formats")
    parquet = optional_package("pyarrow.parquet", "formats")
    with parquet.ParquetFile(path) as file:
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
        table = file.read(columns=sorted(set(found.values())), use_threads=False)
    values = {}
    for purpose, name in found.items():
        array = np.asarray(table.column(name).to_numpy())
        if array.dtype.kind not in "iuf":
            raise FileFormatError(f"{path}: column {name} is of {array.dtype}, expected numbers")
        values[purpose] = array
    if "n" in values:
        values["n"] = track_numbers(values["n"], True, str(path))
    read = Localizations(values, length_unit=length, time_unit=time)
    if length_unit is None:
        read.other_units = other_units(found, length, str(path))
    return read


READER = Reader("parquet", "Parquet table, trackpy's or another", _recognises, _read)
