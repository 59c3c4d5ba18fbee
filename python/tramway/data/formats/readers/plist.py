"""The array ``plist`` of MATLAB files: localizations in µm, in columns that a user names."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.matlab import read_array
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import track_numbers
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAMES = ("n", "x", "y", "z", "t", "frame", "localization_precision")
_DEFAULT = ("t", "x", "y")


def _recognises(start: FileStart) -> bool:
    return "plist" in start.matlab_names


def _read(path: Path, columns: Sequence[str] = _DEFAULT) -> Localizations:
    """Read the array.

    Parameters
    ----------
    path
        The file.
    columns
        Names of all columns, in their order; those that are not ``n x y z t frame
        localization_precision`` are left out. A ``t`` of whole numbers is the number of the frame.
    """
    values = read_array(path, "plist")
    if values.ndim != 2 or values.shape[1] != len(columns):
        raise InvalidInputError(
            f"plist in {path} is an array of shape {values.shape}, expected (N, {len(columns)}), "
            f"for its columns are said to be {' '.join(columns)}: set a.spt_data.columns"
        )
    found: dict[str, NDArray[Any]] = {
        name: np.ascontiguousarray(column, dtype=np.float64)
        for name, column in zip(columns, values.T, strict=True)
        if name in _NAMES
    }
    missing = [name for name in ("x", "y") if name not in found]
    if missing or not {"t", "frame"} & found.keys():
        raise InvalidInputError(
            f"`columns` is {' '.join(columns)}, expected x, y, and t or frame among them"
        )
    if "frame" not in found and not (found["t"] % 1).any():
        found["frame"] = found.pop("t")
    if "n" in found:
        found["n"] = track_numbers(found["n"], True, str(path))
    return Localizations(found, length_unit="µm", time_unit="s" if "t" in found else None)


READER = Reader("plist", "an array plist (MATLAB)", _recognises, _read)
