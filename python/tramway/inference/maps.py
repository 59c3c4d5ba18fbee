"""The result of an inference: one row per cell."""

import os
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.arguments import checked
from tramway.display import html_table
from tramway.errors import InvalidInputError, MissingResultError
from tramway.tessellation import Partition, TimeSegments
from tramway.units import DEVIATION, unit_of

if TYPE_CHECKING:
    from .model import Model

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
        Plugin name of the model that made them; ``"table"`` for a table of your own.
    partition
        What they were inferred from. It is neither pickled nor saved with the maps: a node of an
        analysis tree gives them that of its parent, when they are asked for it.
    attributes
        How they were made: the parameters of the model, and what the solver reported. Also readable
        as attributes of the object: ``maps.sigma``.

    Examples
    --------
    >>> maps
    Maps(dv: diffusivity, potential, force, diffusivity std, potential std, force std; 126 cells)
    >>> maps.features
    ['diffusivity', 'potential', 'force', 'diffusivity std', 'potential std', 'force std']
    >>> round(float(maps.maps["diffusivity"].median()), 2)  # µm²/s
    0.09
    """

    @checked
    def __init__(
        self,
        maps: pd.DataFrame,
        mode: str = "table",
        *,
        partition: Partition | None = None,
        **attributes: object,
    ) -> None:
        self.maps = maps
        self.mode = mode
        self._partition = partition
        self.attributes = attributes
        self.find_partition: Callable[[], Partition | None] | None = None

    @property
    def partition(self) -> Partition | None:
        """What they were inferred from, None where that is not known."""
        if self.find_partition is not None:
            self.partition = self.find_partition()
        return self._partition

    @partition.setter
    def partition(self, partition: Partition | None) -> None:
        self._partition, self.find_partition = partition, None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_partition": None, "find_partition": None}

    def __getattr__(self, name: str) -> object:
        # Called only where ordinary look-up failed; pickle asks before `attributes` exists.
        attributes: Mapping[str, object] = self.__dict__.get("attributes", {})
        if name in attributes:
            return attributes[name]
        if name == "localization_error" and isinstance(attributes.get("sigma"), float):
            return float(attributes["sigma"]) ** 2  # type: ignore[arg-type]
        features = [] if "maps" not in self.__dict__ else self.features
        if name in features:
            raise AttributeError(f"`{name}` is a feature of these maps: maps['{name}']")
        known = ", ".join(sorted(attributes)) or "none"
        raise AttributeError(f"no attribute '{name}'; what is said of these maps: {known}")

    def __setattr__(self, name: str, value: object) -> None:
        # What was said of the maps, and is stored with them, stays in one place.
        attributes: dict[str, object] = self.__dict__.get("attributes", {})
        if name in attributes:
            attributes[name] = value
        else:
            super().__setattr__(name, value)

    @property
    def model(self) -> "Model | None":
        """The model that made them; None if they were made by something else."""
        from .registry import find_model

        return find_model(self.mode)

    def unit_of(self, feature: str) -> str | None:
        """Give the unit of a feature, or of its standard deviation; None if it has none."""
        vector = None if self.model is None else self.model.vector
        if vector is not None and feature.removesuffix(DEVIATION) == vector.name:
            return vector.unit
        return unit_of(feature)

    def inferred_from(self) -> Partition:
        """Partition that the maps were inferred from.

        Raises
        ------
        MissingResultError
            If they do not know it.
        InvalidInputError
            If it has fewer cells than they have.
        """
        if self.partition is None:
            raise MissingResultError(
                "these maps do not know what they were inferred from: set maps.partition, or take "
                "them from their node in an analysis tree"
            )
        cells, n_cells = self.maps.index, self.partition.tessellation.n_cells
        if len(cells) and not 0 <= cells.min() <= cells.max() < n_cells:
            raise InvalidInputError(
                f"maps.partition has {n_cells} cells, but the maps have cells numbered "
                f"{cells.min()} to {cells.max()}: give the partition that they were inferred from"
            )
        return self.partition

    @property
    def status(self) -> "pd.Series[Any]":
        """What there is to say of each cell; see :func:`tramway.inference.cell_status`."""
        from .status import cell_status

        return cell_status(self, self.inferred_from())

    def contrast(self, cells: Sequence[int], baseline: Sequence[int]) -> tuple[float, float]:
        """Difference of potential between two sets of cells, with its standard deviation, kT.

        See :func:`tramway.inference.contrast`.
        """
        from .contrast import contrast

        return contrast(self, self.inferred_from(), cells, baseline)

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
        columns = [n for n, name in enumerate(self.maps.columns) if feature_of(name) == feature]
        if not columns:
            raise MissingResultError(
                f"no feature '{feature}' in these maps, only {', '.join(self.features)}"
            )
        return self.maps.iloc[:, columns]  # looking names up takes ten times as long

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
        attributes: dict[str, Any] = self.attributes
        return Maps(table, self.mode, partition=partition.segment(index), **attributes)

    def sub(self, cells: "Sequence[int] | Sequence[bool] | slice", reindex: bool = False) -> "Maps":
        """Choose cells, by their numbers, or by whether each row is wanted.

        With `reindex` they are numbered from 0, and the maps know no partition.

        Raises
        ------
        InvalidInputError
            If a cell has no row.
        """
        if isinstance(cells, slice):
            cells = range(*cells.indices(int(self.maps.index.max()) + 1))
        try:
            chosen = self.maps.loc[np.asarray(cells)]
        except (KeyError, IndexError) as error:
            raise InvalidInputError(f"`cells`: {error}, expected cells that have a row") from None
        partition = None if reindex else self.partition
        attributes: dict[str, Any] = self.attributes
        return Maps(
            chosen.reset_index(drop=True) if reindex else chosen,
            self.mode,
            partition=partition,
            **attributes,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Give one table of cells, values and status; see :func:`tramway.inference.table_of`."""
        from .tables import table_of

        return table_of(self)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write :meth:`to_dataframe` as CSV."""
        from .tables import table_of, write_csv

        write_csv(path, table_of(self))

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write :meth:`to_dataframe` as Parquet; this needs pyarrow."""
        from .tables import table_of, write_parquet

        write_parquet(path, table_of(self))

    def to_geojson(self, path: str | os.PathLike[str]) -> None:
        """Write outlines of cells and :meth:`to_dataframe` as GeoJSON, in µm."""
        from .tables import write_geojson

        write_geojson(path, [(self, {})])

    def to_tiff(self, path: str | os.PathLike[str], pixel_size: float) -> None:
        """Write an image that Fiji opens with its scale; see :func:`tramway.inference.write_tiff`.

        Parameters
        ----------
        path
            The file.
        pixel_size
            Side of a pixel, µm.
        """
        from .raster import write_tiff

        write_tiff(path, self, pixel_size)

    def __len__(self) -> int:
        return len(self.maps)

    def __repr__(self) -> str:
        return describe_maps(self.mode, self.maps.columns, len(self))

    def _repr_html_(self) -> str:
        """Show the range of each feature, and how the maps were made."""
        rows = []
        for feature in self.features:
            values = self[feature].to_numpy(dtype=np.float64)
            values = values[np.isfinite(values)]
            quartiles = np.percentile(values, [0, 25, 50, 75, 100]) if values.size else []
            rows.append([feature, self.unit_of(feature) or "", *(f"{q:.3g}" for q in quartiles)])
        header = ("feature", "unit", "least", "quarter", "median", "three quarters", "most")
        made = [(name, value) for name, value in self.attributes.items() if np.isscalar(value)]
        return f"{html_table(rows, header)}{html_table([('model', self.mode), *made])}"


def describe_maps(mode: str, columns: Iterable[object], n_cells: int) -> str:
    """Say in a line what maps are."""
    names = ", ".join(dict.fromkeys(feature_of(str(column)) for column in columns))
    return f"Maps({mode}: {names}; {n_cells} cells)"


def feature_of(column: str) -> str:
    """Feature that a column belongs to: the column's name without its coordinate."""
    return _COORDINATE_SUFFIX.sub("", column)


@checked
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

    Examples
    --------
    >>> counts = {"count": partition.location_count}  # one value for each cell
    >>> maps_of("counting", counts, partition, {}).features
    ['count']
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
    if isinstance(result, Maps):
        return result
    return Maps(table, name, partition=partition, **attributes)


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
