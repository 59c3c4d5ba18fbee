"""Maps as tables for other programs: one row per cell, units in the names."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tramway.arguments import checked
from tramway.errors import InvalidInputError, MissingPackageError
from tramway.tessellation import TimeSegments
from tramway.units import SPACE_COLUMNS, UNITS

from .maps import Maps, feature_of
from .status import cell_status


@checked
def table_of(maps: Maps) -> pd.DataFrame:
    """Make one table of maps, their cells and what there is to say of each.

    Parameters
    ----------
    maps
        Maps of any model, which know the partition that they were inferred from.

    Returns
    -------
    pandas.DataFrame
        A row for each cell of the tessellation, in their order: ``cell``; with time segments,
        ``segment``, ``t min [s]``, ``t max [s]``; the center, ``x [µm]``, ``y [µm]``, maybe
        ``z [µm]``; ``area [µm²]`` or ``volume [µm³]``; ``count`` of translocations; the values and
        standard deviations, their unit in the name where they have one, NaN where there is no
        value; ``status`` (:func:`cell_status`).

    Raises
    ------
    MissingResultError
        If the maps do not know their partition.

    Examples
    --------
    >>> table_of(maps).columns.tolist()[:4]
    ['cell', 'x [µm]', 'y [µm]', 'area [µm²]']
    """
    partition = maps.inferred_from()
    cells = partition.tessellation
    number = np.arange(cells.n_cells)
    columns: dict[str, Any] = {"cell": number}
    if isinstance(cells, TimeSegments):
        segment = number // cells.spatial.n_cells
        columns |= {
            "cell": number % cells.spatial.n_cells,
            "segment": segment,
            "t min [s]": cells.intervals[segment, 0],
            "t max [s]": cells.intervals[segment, 1],
        }
    for rank, name in enumerate(SPACE_COLUMNS[: cells.dim]):
        columns[f"{name} [{UNITS[name]}]"] = cells.cell_centers[:, rank]
    columns["area [µm²]" if cells.dim == 2 else "volume [µm³]"] = cells.cell_volume
    columns["count"] = partition.location_count
    values = maps.maps.reindex(number)
    for name in values.columns:
        unit = maps.unit_of(feature_of(name))
        columns[name if unit is None else f"{name} [{unit}]"] = values[name].to_numpy()
    columns["status"] = cell_status(maps, partition).to_numpy(dtype=object)
    return pd.DataFrame(columns)


def write_csv(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Write such a table as CSV in UTF-8; empty where there is no value."""
    table.to_csv(Path(path).expanduser(), index=False)


def write_parquet(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Write such a table as Parquet.

    Raises
    ------
    MissingPackageError
        If pyarrow is not installed.
    """
    try:
        table.to_parquet(Path(path).expanduser(), engine="pyarrow", index=False)
    except ImportError as error:
        raise MissingPackageError(
            "Parquet needs pyarrow, which is not installed: pip install 'tramway-rs[formats]'"
        ) from error


def write_geojson(
    path: str | os.PathLike[str], several: Iterable[tuple[Maps, Mapping[str, Any]]]
) -> None:
    """Write the outlines of cells, with :func:`table_of` as their properties, as GeoJSON.

    Coordinates are µm in the plane of the movie, not degrees; where there is no value it is null.

    Parameters
    ----------
    path
        The file.
    several
        Maps, and further properties of all of their cells.

    Raises
    ------
    InvalidInputError
        If cells have no outlines: in three dimensions.
    """
    features: list[dict[str, Any]] = []
    for maps, said in several:
        cells = maps.inferred_from().tessellation
        if cells.dim != 2:
            raise InvalidInputError(
                "cells in three dimensions have no outlines to write as GeoJSON"
            )
        rows = table_of(maps).to_dict("records")
        for row, outline in zip(rows, cells.polygons(), strict=True):
            corners = np.asarray(outline).tolist()
            own = {str(name): _plain(value) for name, value in row.items()}
            features.append(
                {
                    "type": "Feature",
                    "id": len(features),
                    "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
                    "properties": {**said, **own},
                }
            )
    content = {"type": "FeatureCollection", "unit": "µm", "features": features}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    Path(path).expanduser().write_text(text, encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
