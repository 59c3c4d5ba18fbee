"""Tables as text, in columns that are separated by tabs."""

import inspect
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tramway.errors import InvalidInputError, WithoutEffectWarning

_GIVEN = ("sep", "index")
"""What readers rely on: tabs, and no column of row numbers unless it is asked for."""


def write_text_columns(
    table: pd.DataFrame,
    path: str | os.PathLike[str],
    options: Mapping[str, Any],
    *,
    index: bool = False,
    header: Any = True,
    float_format: str | None = None,
) -> None:
    """Write a table.

    Parameters
    ----------
    table
        The table.
    path
        The file; it is replaced.
    options
        More of :meth:`pandas.DataFrame.to_csv`; ``sep`` and ``index`` have no effect.
    index, header, float_format
        As there.

    Raises
    ------
    InvalidInputError
        If there is no such option, or it has no such value.
    """
    options = dict(options)
    for name in _GIVEN:
        if options.pop(name, None) is not None:
            why = "columns are separated by tabs, and rows have no numbers"
            warnings.warn(f"`{name}` has no effect: {why}", WithoutEffectWarning, stacklevel=3)
    known = list(inspect.signature(pd.DataFrame.to_csv).parameters)[2:]
    for name in options:
        if name not in known:
            raise InvalidInputError(
                f"`{name}` is no option of pandas.DataFrame.to_csv, which has {', '.join(known)}"
            )
    layout: dict[str, Any] = {"sep": "\t", "index": index, "header": header}
    try:
        table.to_csv(Path(path).expanduser(), float_format=float_format, **layout, **options)
    except (LookupError, TypeError, ValueError) as error:
        given = {"header": header, "float_format": float_format, **options}
        raise InvalidInputError(
            f"a table of columns {[*table]} cannot be written with {given}: {error}"
        ) from error
