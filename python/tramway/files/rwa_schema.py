"""How partitions and maps are laid out in a ``.rwa`` file."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.data.columns import is_numbered
from tramway.errors import FileFormatError
from tramway.inference.maps import Maps, describe_maps
from tramway.tessellation.partition import Partition, describe_partition
from tramway.tessellation.summed_partition import SummedPartition

from .artefact import EncodedArtefact
from .hdf5_reading import Outline, as_written, checked
from .hdf5_tree import Copy, Group
from .rwa_decoding import decode, dict_keys, dict_members, is_table, read_field
from .rwa_encoding import encode, encode_flags
from .rwa_sums import has_sums, read_sums, write_sums
from .rwa_tessellations import cell_count, read_tessellation, write_tessellation
from .stored_object import (
    ErrorsTranslated,
    StoredObject,
    check_version,
    class_name_of,
    open_member,
    set_type,
    store_verbatim,
)
from .structure import has_member

if TYPE_CHECKING:
    import h5py

NODE_TYPE = "tramway.core.analyses.Analyses"
"""The class that the original's commands read without loading everything; all of it reads that."""

_PARTITION_TYPE = "tramway.tessellation.base.Partition"
_PARTITIONS = ("Partition", "CellStats")
_MAPS_TYPE = "tramway.inference.base.Maps"


def write_data(group: Group, data: Any, name: str = "_data") -> None:
    """Store the artefact of a node of an analysis tree, under a name in its group.

    Raises
    ------
    InvalidInputError
        If it, or something inside it, cannot be stored; the message says what.
    """
    if isinstance(data, Partition):
        _write_partition(group.create_group(name), data)
    elif isinstance(data, Maps):
        _write_maps(group.create_group(name), data)
    elif isinstance(data, EncodedArtefact):
        assert data.image is not None
        group.members[name] = Copy(data.image)
    else:
        encode(group, name, data)


def read_data(item: "h5py.Group | h5py.Dataset", localizations: Any) -> Any:
    """Artefact that :func:`write_data`, or the original, stored.

    Parameters
    ----------
    item
        Where it is.
    localizations
        Data of the root of the tree; partitions of all of them do not store them again.

    Returns
    -------
    object
        A :class:`StoredObject` where it is of a kind that cannot be represented here.

    Raises
    ------
    FileFormatError
        If it is damaged; the message names its place in the file.
    """
    with ErrorsTranslated(item):
        item = checked(item)
        if _is_made_here(item):
            check_version(item)
        if is_partition(item):
            return _read_partition(item, localizations)
        return _read_maps(item) if class_name_of(item) == "Maps" else decode(item)


_OUTLINED = (
    *("maps", "mode", "index", "data", "keys", "_start", "_stop", "_step"),
    *("_points", "_sums", "_tessellation", "_spatial_mesh", "_time_lattice", "_cell_centers"),
)
"""What :func:`describe_data` looks at."""


def outline_of(node: "h5py.Group") -> Outline:
    """Read of the artefacts of a stored node, and of those below it, what describes them."""
    return Outline(node, "_data", _OUTLINED, without=("_metadata", "_comments"))


def describe_data(
    item: "h5py.Group | h5py.Dataset", localizations: "h5py.Group | None"
) -> str | None:
    """Say what the ``repr`` of an artefact would, by names and shapes; None if these do not tell.

    Parameters
    ----------
    item
        The artefact, stored.
    localizations
        Those of its tree, stored, None if there are none.
    """
    with ErrorsTranslated(item):
        kind = class_name_of(item)
        if kind == "Maps":
            return _describe_maps(as_written(item, without="values") or item)
        is_known = kind in _PARTITIONS
        if is_known or is_table(item):
            check_version(item)
        if not is_known:
            count = _row_count(item)
            return None if count is None else describe_localizations(count, _column_names(item))
        if has_sums(item):
            return None
        # One that is damaged is not one that is not there.
        is_own = has_member(item, "_points")
        n_points = _row_count(open_member(item, "_points") if is_own else localizations)
        n_cells = cell_count(item.get("_tessellation"))
        if n_points is None or n_cells is None:
            return None
        return describe_partition(n_points, n_cells)


def _describe_maps(item: "Group | h5py.Group") -> str | None:
    check_version(item)
    table = item.get("maps")
    n_cells = _row_count(table)
    if n_cells is None:
        return None
    return describe_maps(read_field(item, "mode"), _column_names(table), n_cells)


def describe_localizations(count: int, columns: Iterable[object]) -> str:
    """Say in a line what the root of a tree holds."""
    return f"{count} localizations ({' '.join(map(str, columns))})"


def _is_made_here(item: "h5py.Group | h5py.Dataset") -> bool:
    return is_partition(item) or class_name_of(item) == "Maps"


def _row_count(table: "h5py.Group | None") -> int | None:
    """Rows of a stored table; None if it is not one in the format of today."""
    if table is None or not is_table(table):
        return None
    stored = table["index"]
    if "data" in stored:
        return len(stored["data"])
    index: Any = as_written(stored) or stored
    return len(range(*(int(index[name][()]) for name in ("_start", "_stop", "_step"))))


def _column_names(table: "h5py.Group") -> list[object]:
    columns = table["data"]
    return dict_keys(columns) if "keys" in columns else list(dict_members(columns))


def is_node(item: "h5py.Group | h5py.Dataset") -> bool:
    """Whether a stored object is a node of an analysis tree."""
    return class_name_of(item) == "Analyses"


def is_partition(item: "h5py.Group | h5py.Dataset") -> bool:
    """Whether a stored object is a partition."""
    return class_name_of(item) in _PARTITIONS


# --- partitions -----------------------------------------------------------------------------------


def _write_partition(group: Group, partition: Partition) -> None:
    set_type(group, _PARTITION_TYPE, 1)
    if isinstance(partition, SummedPartition):
        write_sums(group, partition)
        return
    # The original looks displacements up by row label.
    points = partition.points
    encode(group, "_points", points if is_numbered(points) else points.reset_index(drop=True))
    cell_index = np.asarray(partition.cells, np.int64)
    pairs = None if partition.point_index is None else (partition.point_index, cell_index)
    encode(group, "_cell_index", pairs or cell_index)
    encode_flags(group, "_lazy", bounding_box=True, cell_index=False, location_count=True)
    encode(group, "param", partition.param)
    write_tessellation(group, "_tessellation", partition.tessellation)


def _read_partition(group: "h5py.Group", localizations: Any) -> Partition | StoredObject:
    if has_sums(group):
        return read_sums(group)
    points = read_field(group, "_points")
    points = localizations if points is None else points
    if not isinstance(points, pd.DataFrame):
        return store_verbatim(group, f"it is a partition of points that cannot be read: {points}")
    name = next((name for name in ("_tessellation", "_tesselation") if name in group), None)
    if name is None or "_cell_index" not in group:
        raise FileFormatError(f"{group.name} has no _tessellation or no _cell_index")
    tessellation = read_tessellation(group[name])
    if isinstance(tessellation, StoredObject):
        return store_verbatim(group, f"its tessellation is a {tessellation.type_name}")
    param = read_field(group, "param") or {}
    index = decode(group["_cell_index"])
    if isinstance(index, np.ndarray):
        return Partition(points, tessellation, index.astype(np.int64), param)
    # Pairs of a point and a cell, or a matrix of them.
    pairs = index if isinstance(index, tuple) else index.nonzero()
    rows, cells = (np.asarray(numbers, np.int64) for numbers in pairs)
    return Partition.from_pairs(points, tessellation, rows, cells, param)


# --- maps -----------------------------------------------------------------------------------------


def _write_maps(group: Group, maps: Maps) -> None:
    set_type(group, _MAPS_TYPE, 1)
    encode(group, "maps", maps.maps)
    encode(group, "mode", maps.mode)
    for name, value in maps.attributes.items():
        encode(group, name, value)


def _read_maps(group: "h5py.Group") -> Maps | StoredObject:
    fields = {name: decode(group[name]) for name in group}
    mode = fields.pop("mode", None)
    # Old versions named the table after the mode, or "result".
    table_name = next((name for name in ("maps", mode, "result") if name in fields), None)
    if not isinstance(mode, str) or table_name is None:
        raise FileFormatError(f"{group.name} has no maps or no mode, expected both")
    table = fields.pop(table_name)
    if not isinstance(table, pd.DataFrame):
        return store_verbatim(group, f"its maps cannot be read: {table!r}")
    return Maps(table, mode, **fields)
