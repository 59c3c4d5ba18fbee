"""Text tables that begin with a column of row numbers, as pandas writes its index."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_LINE = 2**20
"""Longest first line that is looked at, bytes."""


def read_numbered_rows(
    path: Path, columns: Sequence[str] | None, usual: Sequence[str]
) -> tuple[list[str], list[Any]] | None:
    """Read a table whose rows have one field more than there are names, their number in front.

    Parameters
    ----------
    path
        The file.
    columns
        Names of the columns but the first; they replace those of a header.
    usual
        Names where there is neither a header nor `columns`.

    Returns
    -------
    tuple or None
        Names and values of the columns without the row numbers. None if the file is no such table:
        rows of another length, names that begin in the first column, or a first column whose
        integers do not increase all the way, as track numbers do not.
    """
    with path.open("rb") as file:
        line = file.readline(_LINE).decode("utf-8", "replace")
    fields = line.split()
    is_headed = not all(_is_number(field) for field in fields)
    if is_headed and not line[:1].isspace():
        return None
    names = list(columns or (fields if is_headed else usual))
    try:
        table = pd.read_csv(
            path, sep=r"\s+", header=None, skiprows=int(is_headed), comment="#", dtype=np.float64
        )
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError):
        return None
    values = table.to_numpy()
    if values.shape[1] != len(names) + 1 or len(set(names)) < len(names) or np.isnan(values).any():
        return None
    numbers = values[:, 0]
    if not (np.diff(numbers) > 0).all() or (numbers != np.rint(numbers)).any():
        return None
    return names, [np.ascontiguousarray(column) for column in values[:, 1:].T]


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
