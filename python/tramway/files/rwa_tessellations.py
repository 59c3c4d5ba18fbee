"""How tessellations are laid out in a ``.rwa`` file."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.errors import FileFormatError, InvalidInputError, UnknownAttributeError
from tramway.tessellation import (
    HexagonalTessellation,
    QuadTreeTessellation,
    SquareTessellation,
    Tessellation,
    TimeSegments,
    VoronoiTessellation,
    squares,
    time_segments,
)
from tramway.units import SPACE_COLUMNS

from .hdf5_tree import Group
from .rwa_decoding import decode, read_field
from .rwa_encoding import encode, encode_csr, encode_flags, encode_once
from .stored_object import StoredObject, check_version, class_name_of, set_type, store_verbatim
from .stored_tessellation import StoredTessellation

if TYPE_CHECKING:
    import h5py

_HEXAGONS_TYPE = "tramway.tessellation.hexagon.HexagonalMesh"
_SQUARES_TYPE = "tramway.tessellation.grid.RegularMesh"
_VORONOI_TYPE = "tramway.tessellation.base.Voronoi"
_QUAD_TREE_TYPE = "tramway.tessellation.kdtree.KDTreeMesh"
_WINDOW_TYPE = "tramway.tessellation.window.SlidingWindow"
_SCALER_TYPE = "tramway.core.scaler.Scaler"
_KIND = "kind"
_HERE = "tramway.tessellation."
_UNSCALED = ("HexagonalMesh", "RegularMesh", "RandomMesh")


# --- writing --------------------------------------------------------------------------------------


_LINKS = ("time_edge", "time_dimension")
"""What a window of the original has where neighbours are linked in time, too."""


def write_tessellation(parent: Group, name: str, cells: Tessellation) -> None:
    """Store a tessellation under a name in a group.

    Raises
    ------
    InvalidInputError
        If it is of a kind that this package does not make.
    """
    if isinstance(cells, StoredTessellation):
        encode(parent, name, cells.stored)
    elif isinstance(cells, TimeSegments):
        _write_window(parent.create_group(name), cells)
    else:
        _write_cells(parent.create_group(name), cells)


def _write_window(group: Group, segments: TimeSegments) -> None:
    """Store the cells of space once: the original repeats them as it reads, as is done here."""
    set_type(group, _WINDOW_TYPE, 1)
    starts, ends = segments.intervals.T
    duration = float(ends[0] - starts[0])
    encode(group, "duration", duration)
    encode(group, "shift", float(starts[1] - starts[0]) if len(starts) > 1 else duration)
    encode(group, "_time_lattice", segments.intervals)
    for name, value in segments.links.items():
        encode(group, name, value)
    write_tessellation(group, "_spatial_mesh", segments.spatial)
    computed = ("adjacency_label", "cell_adjacency", "cell_centers", "cell_label", "cell_volume")
    encode_flags(group, "_lazy", **dict.fromkeys(computed, True))
    encode_once(group, "scaler", _write_scaler, (), True)


def _write_cells(group: Group, cells: Tessellation) -> None:
    type_name, fields = _own_fields(cells)
    set_type(group, type_name, 1)
    # What the original has to compute itself (True), and what it finds here.
    lazy = dict.fromkeys(("cell_vertices", "vertex_adjacency", "vertices"), True)
    if isinstance(cells, SquareTessellation):
        lazy["diagonal_adjacency"] = True
    if isinstance(cells, QuadTreeTessellation) and cells.dim == 2:
        fields |= _outlines(cells)
        lazy = dict.fromkeys(lazy, False)
    encode(group, "_cell_centers", cells.cell_centers)
    if isinstance(cells, SquareTessellation):
        encode(group, "_cell_adjacency", _face_adjacency(cells))
    else:
        pairs = np.ones(len(cells.adjacency), np.bool_), cells.adjacency, cells.adjacency_starts
        encode_csr(group, "_cell_adjacency", (cells.n_cells, cells.n_cells), *pairs)
    encode(group, "_cell_volume", cells.cell_volume)
    for name, value in fields.items():
        encode(group, name, value)
    encode_flags(group, "_lazy", cell_adjacency=False, cell_volume=False, **lazy)
    encode_once(group, "scaler", _write_scaler, SPACE_COLUMNS[: cells.dim], False)


def _write_scaler(group: Group, name: str, columns: tuple[str, ...], init: bool) -> None:
    """Store a scaler that scales nothing; `init`: that has not seen any data yet."""
    scaler = group.create_group(name)
    set_type(scaler, _SCALER_TYPE, 1)
    encode(scaler, "init", init)
    for part in ("columns", "euclidean"):
        encode(scaler, part, list(columns))


def _own_fields(cells: Tessellation) -> tuple[str, dict[str, Any]]:
    """Type of a tessellation in the original, and what it has beside what all have."""
    match cells:
        case HexagonalTessellation():
            return _HEXAGONS_TYPE, {
                "hexagon_radius": float(cells.hexagon_radius),
                "hexagon_count": tuple(int(count) for count in cells.hexagon_count),
                "tilt": float(cells.tilt),
            }
        case SquareTessellation():
            bounds = zip(cells.lower_bound, cells.upper_bound, cells.count_per_dim, strict=True)
            columns = list(SPACE_COLUMNS[: cells.dim])
            return _SQUARES_TYPE, {
                "lower_bound": pd.Series(cells.lower_bound, columns),
                "upper_bound": pd.Series(cells.upper_bound, columns),
                "count_per_dim": pd.Series(cells.count_per_dim, columns),
                "grid": [np.linspace(lower, upper, count + 1) for lower, upper, count in bounds],
            }
        case VoronoiTessellation():
            return _VORONOI_TYPE, {"region": cells.region}
        case QuadTreeTessellation():
            return _QUAD_TREE_TYPE, {
                "root_corner": cells.root_corner,
                "root_side": float(cells.root_side),
                "depths": cells.depths,
            }
    kind = type(cells).__name__
    if _kinds().get(kind) is not type(cells):
        raise InvalidInputError(
            f"a {kind} cannot be stored in a .rwa file, expected what the functions of "
            "`tramway.tessellation` make"
        )
    # The original takes them for what it knows that has centers, neighbours and volumes.
    return _VORONOI_TYPE, {_KIND: kind, **{name: getattr(cells, name) for name in _fields(cells)}}


def _kinds() -> dict[str, type[Tessellation]]:
    """List the kinds of cells of this package, by the name that a file gives them."""
    kinds = Tessellation.__subclasses__()
    return {kind.__name__: kind for kind in kinds if kind.__module__.startswith(_HERE)}


def _fields(kind: Any) -> list[str]:
    """Names of the fields of a tessellation beside those that all have."""
    common = {field.name for field in dataclasses.fields(Tessellation)}
    return [field.name for field in dataclasses.fields(kind) if field.name not in common]


def _face_adjacency(grid: SquareTessellation) -> Any:
    """Neighbours across faces: the original adds the diagonal ones itself, as it infers."""
    from scipy import sparse

    pairs = grid.cell_adjacency.tocoo()
    places = np.array(np.unravel_index(np.arange(grid.n_cells), grid.count_per_dim))
    across_a_face = (places[:, pairs.row] != places[:, pairs.col]).sum(axis=0) == 1
    rows, columns = pairs.row[across_a_face], pairs.col[across_a_face]
    return sparse.csr_matrix((np.ones(len(rows), bool), (rows, columns)), pairs.shape)


def _outlines(tree: QuadTreeTessellation) -> dict[str, Any]:
    """Corners of the cells and the lines between them: the original cannot compute them again."""
    from scipy import sparse

    corners = np.concatenate(tree.polygons())
    # In units of the smallest cells there are, so that cells agree on the corners they share.
    unit = tree.root_side / 2.0 ** tree.depths.max()
    places = np.rint((corners - tree.root_corner) / unit)
    distinct, vertex = np.unique(places, axis=0, return_inverse=True)
    of_cell = vertex.reshape(tree.n_cells, 4)
    begin, end = of_cell.ravel(), np.roll(of_cell, -1, axis=1).ravel()
    lines = np.unique(np.concatenate([[begin, end], [end, begin]], axis=1), axis=1)
    n_vertices = len(distinct)
    return {
        "_vertices": tree.root_corner + distinct * unit,
        "_vertex_adjacency": sparse.coo_matrix(
            (np.ones(lines.shape[1], bool), tuple(lines)), (n_vertices, n_vertices)
        ),
        "_cell_vertices": dict(enumerate(of_cell)),
    }


# --- reading --------------------------------------------------------------------------------------


def read_tessellation(group: "h5py.Group") -> Tessellation | StoredObject:
    """Tessellation that a group holds; a :class:`StoredObject` if not even its centers are known.

    Raises
    ------
    FileFormatError
        If its parts are not of the same number of cells.
    """
    check_version(group)
    if "_spatial_mesh" in group and "_time_lattice" in group:
        return _read_window(group)
    if "_cell_centers" not in group:
        return store_verbatim(group)
    fields = {"cell_centers": _read_centers(group)}
    volume = read_field(group, "_cell_volume")
    if volume is not None:
        fields["cell_volume"] = volume
    adjacency = _read_adjacency(group)
    # Grids, Voronoi cells and trees of the original are kept as they are: it does not store their
    # neighbours and volumes, or computes them in another way.
    if class_name_of(group) == "HexagonalMesh" and "hexagon_radius" in group:
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
    if class_name_of(group) == "RegularMesh" and "_cell_adjacency" in group:
        return _read_squares(group)
    if _KIND in group and (kind := _kinds().get(decode(group[_KIND]))) is not None:
        more = {name: decode(group[name]) for name in _fields(kind)}
        return _checked(group, kind, adjacency, fields, **more)
    if class_name_of(group) == "Voronoi" and "region" in group:
        region = decode(group["region"])
        return _checked(group, VoronoiTessellation, adjacency, fields, region=region)
    if class_name_of(group) == "KDTreeMesh" and "depths" in group:
        root = (decode(group[name]) for name in ("root_corner", "root_side", "depths"))
        return QuadTreeTessellation.from_depths(*root)
    return _checked(group, StoredTessellation, adjacency, fields, stored=store_verbatim(group))


def cell_count(group: "h5py.Group | None") -> int | None:
    """Count the cells of a stored tessellation; None if it does not say."""
    if group is None:
        return None
    if "_spatial_mesh" in group and "_time_lattice" in group:
        of_space = cell_count(group["_spatial_mesh"])
        times = group["_time_lattice"]
        if of_space is None or times.dtype.kind != "f":
            return None
        return of_space * len(times)
    return len(group["_cell_centers"]) if "_cell_centers" in group else None


def _read_window(group: "h5py.Group") -> Tessellation | StoredObject:
    """Time segments; with their centers only where that is all that is known of the cells."""
    spatial = read_tessellation(group["_spatial_mesh"])
    intervals = decode(group["_time_lattice"])
    if not isinstance(spatial, Tessellation) or intervals.dtype.kind != "f":
        return store_verbatim(group)
    said = {name: read_field(group, name) for name in _LINKS}
    links = {name: value for name, value in said.items() if value is not None}
    try:
        return dataclasses.replace(time_segments(spatial, intervals), links=links)
    except UnknownAttributeError:  # areas, or neighbours, are not in the file
        return StoredTessellation(
            store_verbatim(group),
            cell_centers=np.tile(spatial.cell_centers, (len(intervals), 1)),
            intervals=intervals,
            spatial=spatial,
        )


def _read_squares(group: "h5py.Group") -> SquareTessellation:
    """Squares from what defines them; the neighbours in the file are those across faces only."""
    lower, upper, count = (
        list(decode(group[name])) for name in ("lower_bound", "upper_bound", "count_per_dim")
    )
    cells = squares(
        [lower],
        count_per_dim=[int(number) for number in count],
        lower_bound=lower,
        upper_bound=upper,
    )
    if cells.n_cells != len(group["_cell_centers"]):
        raise FileFormatError(
            f"{group.name}: {len(group['_cell_centers'])} centers, expected {cells.n_cells}: as "
            "many as `count_per_dim` says"
        )
    # The original multiplies in another order: these are its numbers, to the last bit.
    volume = read_field(group, "_cell_volume")
    return dataclasses.replace(
        cells,
        cell_centers=_read_centers(group),
        cell_volume=cells.cell_volume if volume is None else volume,
    )


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
            f"{group.name}: centers, adjacency and volumes are not of the same number of cells"
        )
    if adjacency is not None:
        more |= {"adjacency_starts": adjacency[0], "adjacency": adjacency[1]}
    return kind(**fields, **more)


def _read_centers(group: "h5py.Group") -> NDArray[np.float64]:
    """Cell centers in µm: some of the original's tessellations store them scaled."""
    centers = np.asarray(decode(group["_cell_centers"]), np.float64)
    if "scaler" not in group or class_name_of(group) in _UNSCALED:
        return centers
    check_version(group["scaler"])
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
