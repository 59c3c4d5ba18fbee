"""Tables made of arrays, and taken apart again, without what pandas does for a Series of each."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def assemble(
    columns: "Mapping[str, NDArray[Any] | pd.Series[Any]]", index: Any = None
) -> pd.DataFrame:
    """Make a table of columns that are nobody else's.

    Parameters
    ----------
    columns
        Of one length, by their names.
    index
        Labels of the rows; 0, 1, … by default.

    Examples
    --------
    >>> assemble({"x": np.array([0.5, 1.5])})
         x
    0  0.5
    1  1.5
    """
    table = pd.DataFrame(dict(enumerate(columns.values())), index=index, copy=False)
    # A view, for users may give the names a name; tables share what finds a name among them.
    table.columns = _names(tuple(columns)).view()
    return table


def assemble_numbers(
    columns: "Mapping[str, NDArray[np.float64]]", index: Any = None
) -> pd.DataFrame:
    """Make a table of copies of columns, all of them numbers.

    Parameters
    ----------
    columns, index
        Those of :func:`assemble`, which takes three times as long for small tables; it copies none.

    Examples
    --------
    >>> assemble_numbers({"x": np.array([0.5, 1.5])})
         x
    0  0.5
    1  1.5
    """
    # Rows of one array: so the columns of the table are contiguous.
    values = np.array(list(columns.values())).T
    return pd.DataFrame(values, index=index, columns=_names(tuple(columns)).view(), copy=False)


@lru_cache(maxsize=64)
def _names(names: tuple[str, ...]) -> "pd.Index[Any]":
    """Names of columns: half of the time to make a table goes into those."""
    return pd.Index(names)


def arrays_of(table: pd.DataFrame) -> list[NDArray[Any]]:
    """Values of the columns: to make a Series of each takes pandas ten times as long."""
    arrays = getattr(table, "_iter_column_arrays", None)
    if arrays is None:
        return [column.to_numpy() for _, column in table.items()]
    return [_read_only(values) for values in arrays()]


class TakenApart:
    """Names and columns of tables, each taken apart once: nobody changes them meanwhile."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[pd.DataFrame, list[Any], list[NDArray[Any]]]] = {}

    def parts(self, table: pd.DataFrame) -> tuple[list[Any], list[NDArray[Any]]]:
        """Names of the columns, and :func:`arrays_of` them."""
        known = self._known.get(id(table))
        if known is None:  # the table is kept, so that no other one has its place
            known = self._known[id(table)] = table, table.columns.tolist(), arrays_of(table)
        return known[1:]


def is_numbered(table: pd.DataFrame) -> bool:
    """Whether the labels of the rows are 0, 1, … without being written anywhere."""
    labels = table.index
    if not isinstance(labels, pd.RangeIndex):
        return False
    return range(labels.start, labels.stop, labels.step) == range(len(labels))


def array_of(table: pd.DataFrame, name: str) -> NDArray[Any]:
    """Values of one column, as :func:`arrays_of` gives them.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    get, place = getattr(table, "_get_column_array", None), table.columns.get_loc(name)
    if get is None or not isinstance(place, int):  # there may be two
        return table[name].to_numpy()
    return _read_only(get(place))


def values_of(table: pd.DataFrame, names: "Sequence[str]") -> NDArray[np.float64]:
    """Put columns side by side as numbers, (rows, columns), contiguous.

    One by one: to choose several of them at once takes a table longer than the rest.

    Raises
    ------
    InvalidInputError
        If there is no column of a name.
    """
    try:
        columns = [np.asarray(array_of(table, name), np.float64) for name in names]
    except KeyError:
        check_columns(table, names)
        raise
    return np.stack(columns, axis=1)


def check_columns(table: pd.DataFrame, names: "Sequence[str]") -> None:
    """Refuse a table without the columns of some names.

    Raises
    ------
    InvalidInputError
        If one is missing.
    """
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise InvalidInputError(
            f"the table has no column {', '.join(missing)}, only "
            f"{', '.join(map(str, table.columns)) or 'none'}; expected {', '.join(names)}"
        )


def _read_only(values: Any) -> NDArray[Any]:
    """Keep the table from being changed by whoever changes an array."""
    if not isinstance(values, np.ndarray):
        values = values.to_numpy()
    seen: NDArray[Any] = values.view()
    seen.flags.writeable = False
    return seen
