"""The result of an inference: one row per cell."""

import re
from collections.abc import Hashable, Mapping

import pandas as pd

from tramway.errors import InvalidInputError, MissingResultError
from tramway.tessellation import Partition, TimeSegments

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

    def segment(self, partition: Partition, index: int) -> "Maps":
        """Get the maps of one time segment, in rows by the number of the cell in space.

        Parameters
        ----------
        partition
            What the maps were inferred from; its own :meth:`~Partition.segment` goes with them.
        index
            Number of the segment, from 0.

        Raises
        ------
        InvalidInputError
            If there are no time segments, or none of that number.
        """
        segments = partition.tessellation
        if not isinstance(segments, TimeSegments):
            raise InvalidInputError("`partition` has no time segments")
        first = segments.check_segment(index) * segments.spatial.n_cells
        cells = self.maps.index.to_numpy() - first
        is_inside = (cells >= 0) & (cells < segments.spatial.n_cells)
        table = self.maps[is_inside].set_axis(cells[is_inside])
        return Maps(table, self.mode, **self.attributes)

    def __len__(self) -> int:
        return len(self.maps)

    def __repr__(self) -> str:
        return f"Maps({self.mode}: {', '.join(self.features)}; {len(self)} cells)"


def feature_of(column: str) -> str:
    """Feature that a column belongs to: the column's name without its coordinate."""
    return _COORDINATE_SUFFIX.sub("", column)
