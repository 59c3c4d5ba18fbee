"""How partitions, tessellations and maps are laid out in a ``.rwa`` file."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import FileFormatError, InvalidInputError, UnknownAttributeError
from tramway.inference.maps import Maps
from tramway.tessellation.hexagons import HexagonalTessellation
from tramway.tessellation.partition import Partition
from tramway.tessellation.tessellation import Tessellation

from .rwa_encoding import (
    StoredObject,
    decode,
    encode,
    read_field,
    set_type,
    store_verbatim,
    translate_errors,
    type_of,
)

if TYPE_CHECKING:
    import h5py

NODE_TYPE = "tramway.core.analyses.base.Analyses"
_PARTITION_TYPE = "tramway.tessellation.base.Partition"
_MAPS_TYPE = "tramway.inference.base.Maps"
_HEXAGONS_TYPE = "tramway.tessellation.hexagon.HexagonalMesh"
_SCALER_TYPE = "tramway.core.scaler.Scaler"
_UNSCALED = ("HexagonalMesh", "RegularMesh", "RandomMesh")


class StoredTessellation(Tessellation):
    """A tessellation of a kind that is not made here, as read from a file.

    It has its cell centres, and the adjacency and volumes of its cells where the file holds them;
    to ask for what it does not have is an :class:`UnknownAttributeError` that names its kind.

    Attributes
    ----------
    stored
        The stored tessellation; it goes into files again unchanged.
    """

    stored: StoredObject

    def __init__(self, stored: StoredObject, **fields: NDArray[Any]) -> None:
        for name, value in {"stored": stored, **fields}.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        stored = self.__dict__.get("stored")  # pickle asks before there is any
        type_name = stored.type_name if stored else "stored tessellation"
        raise UnknownAttributeError(
            f"'{name}' is not available: a {type_name} is read with "
            f"{', '.join(sorted(set(self.__dict__) - {'stored'}))} only; tessellate again"
        )

    def __repr__(self) -> str:
        return f"StoredTessellation({self.stored.type_name}, {self.n_cells} cells)"

    def polygons(self) -> list[NDArray[np.float64]]:
        """Not available: the outlines of such cells are not computed here."""
        return self.__getattr__("polygons")  # type: ignore[no-any-return]


def write_data(group: "h5py.Group", data: Any) -> None:
    """Store the artefact of a node of an analysis tree.

    Raises
    ------
    InvalidInputError
        If it, or something inside it, cannot be stored; the message says what.
    """
    if isinstance(data, Partition):
        _write_partition(group.create_group("_data"), data)
    elif isinstance(data, Maps):
        _write_maps(group.create_group("_data"), data)
    else:
        encode(group, "_data", data)


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
    with translate_errors(item):
        if is_partition(item):
            return _read_partition(item, localizations)
        return _read_maps(item) if _class_name(item) == "Maps" else decode(item)


def is_node(item: "h5py.Group | h5py.Dataset") -> bool:
    """Whether a stored object is a node of an analysis tree."""
    return _class_name(item) == "Analyses"


def is_partition(item: "h5py.Group | h5py.Dataset") -> bool:
    """Whether a stored object is a partition."""
    return _class_name(item) in ("Partition", "CellStats")


def _class_name(item: "h5py.Group | h5py.Dataset") -> str:
    # The original's modules have moved, and were once spelled "tesselation".
    module, _, class_name = (type_of(item) or "").rpartition(".")
    return class_name if module.startswith("tramway.") else ""


# --- partitions -----------------------------------------------------------------------------------


def _write_partition(group: "h5py.Group", partition: Partition) -> None:
    set_type(group, _PARTITION_TYPE, 1)
    # The original looks displacements up by row label.
    encode(group, "_points", partition.points.reset_index(drop=True))
    encode(group, "_cell_index", np.asarray(partition.cell_index, np.int64))
    encode(group, "_lazy", {"bounding_box": True, "cell_index": False, "location_count": True})
    encode(group, "param", partition.param)
    match partition.tessellation:
        case StoredTessellation() as tessellation:
            encode(group, "_tessellation", tessellation.stored)
        case HexagonalTessellation() as tessellation:
            _write_hexagons(group.create_group("_tessellation"), tessellation)
        case tessellation:
            raise InvalidInputError(
                f"a {type(tessellation).__name__} has no place in a .rwa file, expected a "
                "HexagonalTessellation"
            )


def _read_partition(group: "h5py.Group", localizations: Any) -> Partition | StoredObject:
    points = read_field(group, "_points")
    points = localizations if points is None else points
    if not isinstance(points, pd.DataFrame):
        return store_verbatim(group, f"it is a partition of points that cannot be read: {points}")
    name = next((name for name in ("_tessellation", "_tesselation") if name in group), None)
    if name is None or "_cell_index" not in group:
        raise FileFormatError(f"{group.name} has no _tessellation or no _cell_index")
    tessellation = _read_tessellation(group[name])
    if isinstance(tessellation, StoredObject):
        return store_verbatim(group, f"its tessellation is a {tessellation.type_name}")
    cell_index = _one_cell_each(decode(group["_cell_index"]), len(points))
    if cell_index is None:
        return store_verbatim(group, "its cells overlap: points belong to several of them")
    param = read_field(group, "param") or {}
    return Partition(points=points, tessellation=tessellation, cell_index=cell_index, param=param)


def _one_cell_each(index: Any, n_points: int) -> NDArray[np.int64] | None:
    """Cell of each point from any form the original stores; None where a point has several."""
    if isinstance(index, np.ndarray):
        return index.astype(np.int64)
    rows, cells = index if isinstance(index, tuple) else index.nonzero()
    if len(np.unique(rows)) != len(rows):
        return None
    single = np.full(n_points, -1, np.int64)
    single[rows] = cells
    return single


# --- tessellations --------------------------------------------------------------------------------


def _write_hexagons(group: "h5py.Group", hexagons: HexagonalTessellation) -> None:
    from scipy import sparse

    set_type(group, _HEXAGONS_TYPE, 1)
    encode(group, "_cell_centers", hexagons.cell_centers)
    encode(group, "_cell_adjacency", sparse.csr_matrix(hexagons.cell_adjacency))
    encode(group, "_cell_volume", hexagons.cell_volume)
    encode(group, "hexagon_radius", float(hexagons.hexagon_radius))
    encode(group, "hexagon_count", tuple(int(count) for count in hexagons.hexagon_count))
    encode(group, "tilt", float(hexagons.tilt))
    # What the original has to compute itself (True), and what it finds here.
    recomputed = dict.fromkeys(("cell_vertices", "vertex_adjacency", "vertices"), True)
    encode(group, "_lazy", {"cell_adjacency": False, "cell_volume": False, **recomputed})
    scaler = group.create_group("scaler")
    set_type(scaler, _SCALER_TYPE, 1)
    encode(scaler, "init", False)
    for name in ("columns", "euclidean"):
        encode(scaler, name, ["x", "y"])


def _read_tessellation(group: "h5py.Group") -> Tessellation | StoredObject:
    if "_cell_centers" not in group:
        return store_verbatim(group)
    fields = {"cell_centers": _read_centers(group)}
    volume = read_field(group, "_cell_volume")
    if volume is not None:
        fields["cell_volume"] = volume
    adjacency = _read_adjacency(group)
    if _class_name(group) == "HexagonalMesh" and "hexagon_radius" in group:
        radius = float(decode(group["hexagon_radius"]))
        if adjacency is None:
            adjacency = _lattice_adjacency(fields["cell_centers"], radius)
        fields.setdefault("cell_volume", np.full(len(adjacency[0]) - 1, 2 * 3**0.5 * radius**2))
        rows, columns = decode(group["hexagon_count"])
        return _checked(
            group,
            HexagonalTessellation,
            adjacency,
            fields,
            hexagon_radius=radius,
            hexagon_count=(int(rows), int(columns)),
            tilt=float(read_field(group, "tilt") or 0.0),
        )
    return _checked(group, StoredTessellation, adjacency, fields, stored=store_verbatim(group))


def _checked(
    group: "h5py.Group",
    kind: Callable[..., Tessellation],
    adjacency: tuple[NDArray[np.int64], NDArray[np.int64]] | None,
    fields: Mapping[str, NDArray[Any]],
    **more: Any,
) -> Tessellation:
    """Make a tessellation of what a file holds, if the shapes agree."""
    centers, volume = fields["cell_centers"], fields.get("cell_volume")
    n_cells = len(centers)
    if (
        centers.ndim != 2
        or (volume is not None and volume.shape != (n_cells,))
        or (adjacency is not None and len(adjacency[0]) != n_cells + 1)
    ):
        raise FileFormatError(
            f"{group.name}: centres, adjacency and volumes are not of the same number of cells"
        )
    if adjacency is not None:
        more |= {"adjacency_starts": adjacency[0], "adjacency": adjacency[1]}
    return kind(**fields, **more)


def _read_centers(group: "h5py.Group") -> NDArray[np.float64]:
    """Cell centres in µm: some of the original's tessellations store them scaled."""
    centers = np.asarray(decode(group["_cell_centers"]), np.float64)
    if "scaler" not in group or _class_name(group) in _UNSCALED:
        return centers
    factor, center = (read_field(group["scaler"], name) for name in ("factor", "center"))
    if factor is not None:
        centers = centers * np.asarray(factor, np.float64)
    if center is not None:
        centers = centers + np.asarray(center, np.float64)
    return centers


def _read_adjacency(group: "h5py.Group") -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Neighbours as CSR, without those that the original labels as not valid."""
    matrix = read_field(group, "_cell_adjacency")
    if matrix is None:
        return None
    edges = matrix.tocoo()
    valid = np.ones(edges.nnz, bool)
    edge_label = read_field(group, "_adjacency_label")
    if edge_label is not None and edges.data.dtype != bool:
        valid &= edge_label[edges.data] > 0  # the values of the matrix number the edges
    cell_label = read_field(group, "_cell_label")
    if cell_label is not None:
        valid &= (cell_label[edges.row] > 0) & (cell_label[edges.col] > 0)
    return _neighbours(edges.row[valid], edges.col[valid], matrix.shape[0])


def _lattice_adjacency(
    centers: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Neighbours in a hexagonal lattice: at distance 2 r, where the next ones are at 2 √3 r."""
    from scipy.spatial import KDTree

    pairs = KDTree(centers).query_pairs(2.5 * radius, output_type="ndarray")
    both_ways = np.concatenate([pairs, pairs[:, ::-1]])
    return _neighbours(both_ways[:, 0], both_ways[:, 1], len(centers))


def _neighbours(
    cells: NDArray[Any], neighbours: NDArray[Any], n_cells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.lexsort((neighbours, cells))
    starts = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=n_cells))])
    return starts.astype(np.int64), neighbours[order].astype(np.int64)


# --- maps -----------------------------------------------------------------------------------------


def _write_maps(group: "h5py.Group", maps: Maps) -> None:
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
