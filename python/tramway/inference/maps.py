"""The result of an inference: one row per cell."""

import re
from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from tramway.errors import InvalidInputError, MissingResultError
from tramway.tessellation import Partition

_COORDINATE_SUFFIX = re.compile(r" [a-z]?[0-9]*$")


class Maps:
    """Inferred quantities, one row per cell that holds data.

    Parameters
    ----------
    maps
        Indexed by cell number; a scalar feature is one column (``diffusivity``), a vector feature
        one column per coordinate (``force x``, ``force y``). Units: :data:`tramway.units.UNITS`.
        NaN where a quantity is undefined in a cell; a cell without data has no row.
    mode
        Plugin name of the model that made them.
    attributes
        How they were made: the parameters of the model, and what the solver reported. Also readable
        as attributes of the object: ``maps.sigma``.
    """

    def __init__(self, maps: pd.DataFrame, mode: str, **attributes: object) -> None:
        self.maps = maps
        self.mode = mode
        self.attributes = attributes

    def __getattr__(self, name: str) -> object:
        # Called only where ordinary look-up failed; pickle asks before `attributes` exists.
        attributes: Mapping[str, object] = self.__dict__.get("attributes", {})
        if name in attributes:
            return attributes[name]
        raise AttributeError(f"these maps have no attribute '{name}', only {sorted(attributes)}")

    @property
    def features(self) -> list[str]:
        """Names of the mapped quantities, vectors once: ``['diffusivity', 'force']``."""
        return list(dict.fromkeys(feature_of(column) for column in self.maps.columns))

    def __contains__(self, feature: Hashable) -> bool:
        return feature in self.features

    def __getitem__(self, feature: str) -> pd.DataFrame:
        """Columns of one feature.

        Raises
        ------
        MissingResultError
            If the maps have no such feature; the message lists those they have.
        """
        columns = [column for column in self.maps.columns if feature_of(column) == feature]
        if not columns:
            raise MissingResultError(
                f"no feature '{feature}' in these maps, only {', '.join(self.features)}"
            )
        return self.maps[columns]

    def __len__(self) -> int:
        return len(self.maps)

    def __repr__(self) -> str:
        return f"Maps({self.mode}: {', '.join(self.features)}; {len(self)} cells)"


def feature_of(column: str) -> str:
    """Feature that a column belongs to: the column's name without its coordinate."""
    return _COORDINATE_SUFFIX.sub("", column)


def maps_of(
    name: str, result: object, partition: Partition, attributes: Mapping[str, object]
) -> Maps:
    """Make maps of what a function of the user's returned.

    Parameters
    ----------
    name
        Its name, for messages, and as the mode of the maps.
    result
        DataFrame indexed by cell number; dict of such columns, each a Series or an array
        (n_cells,); or Maps, which are returned as they are.
    partition
        What it was called with.
    attributes
        Those of the maps.

    Raises
    ------
    InvalidInputError
        If it is something else, has numbers of cells twice, or of cells that do not exist, or
        columns that are not numbers.
    """
    maps = result if isinstance(result, Maps) else Maps(_table(name, result, partition), name)
    table, n_cells = maps.maps, partition.tessellation.n_cells
    is_cell = pd.api.types.is_integer_dtype(table.index.dtype) and table.index.is_unique
    if not (is_cell and (len(table) == 0 or 0 <= table.index.min() <= table.index.max() < n_cells)):
        raise InvalidInputError(
            f"the maps of `{name}` have the index {list(table.index[:5])} …, expected numbers of "
            f"cells, from 0 to {n_cells - 1}, each once"
        )
    for column, kind in table.dtypes.items():
        if not isinstance(column, str) or kind.kind not in "biuf":
            raise InvalidInputError(
                f"the maps of `{name}` have a column {column!r} of {kind}, expected a name, and "
                "numbers"
            )
    return maps if isinstance(result, Maps) else Maps(table, name, **attributes)


def _table(name: str, result: object, partition: Partition) -> pd.DataFrame:
    if isinstance(result, pd.DataFrame):
        return result
    n_cells = partition.tessellation.n_cells
    if not isinstance(result, Mapping) or not result:
        raise InvalidInputError(
            f"`{name}` returned {result!r:.80}, expected a DataFrame, a dict of columns, or Maps"
        )
    columns = {}
    for column, values in result.items():
        if not isinstance(values, pd.Series):
            if np.shape(values) != (n_cells,):
                raise InvalidInputError(
                    f"`{name}` returned '{column}' of shape {np.shape(values)}, expected one value "
                    f"for each of the {n_cells} cells, or a Series indexed by cell number"
                )
            values = pd.Series(np.asarray(values))
        columns[column] = values
    return pd.DataFrame(columns)
