"""How partitions of which only sums are known are laid out in a ``.rwa`` file.

To the original, they are partitions without points; what is of the sums is beside that.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tramway.errors import FileFormatError
from tramway.tessellation.summed_partition import MidpointSums, SummedPartition, Sums
from tramway.units import SPACE_COLUMNS

from .hdf5_tree import Group
from .rwa_decoding import read_field
from .rwa_encoding import encode, encode_flags
from .rwa_tessellations import read_tessellation, write_tessellation
from .stored_object import StoredObject, store_verbatim

if TYPE_CHECKING:
    import h5py

_NAME = "_sums"


def write_sums(group: Group, partition: SummedPartition) -> None:
    """Store a partition of sums in a group that says what it is."""
    axes = SPACE_COLUMNS[: partition.tessellation.dim]
    columns = ["n", *axes, "t", *(f"d{axis}" for axis in axes), "dt"]
    encode(group, "_points", pd.DataFrame(np.empty((0, len(columns))), columns=columns))
    encode(group, "_cell_index", np.empty(0, np.int64))
    encode_flags(group, "_lazy", bounding_box=True, cell_index=False, location_count=True)
    encode(group, "param", partition.param)
    write_tessellation(group, "_tessellation", partition.tessellation)
    midpoints = partition.midpoints
    stored = {
        "starts": partition.sums.starts,
        "groups": partition.sums.groups,
        "bounding_box": partition.bounding_box,
    }
    if midpoints is not None:
        stored["midpoint_starts"] = midpoints.sums.starts
        stored["midpoint_groups"] = midpoints.sums.groups
        stored["covariance"] = midpoints.covariance
    encode(group, _NAME, stored)


def has_sums(group: "h5py.Group") -> bool:
    """Whether a stored partition is one of sums."""
    return _NAME in group


def read_sums(group: "h5py.Group") -> SummedPartition | StoredObject:
    """Read what :func:`write_sums` stored.

    Raises
    ------
    FileFormatError
        If something is missing, or does not fit.
    """
    tessellation = read_tessellation(group["_tessellation"])
    if isinstance(tessellation, StoredObject):
        return store_verbatim(group, f"its tessellation is a {tessellation.type_name}")
    stored = read_field(group, _NAME)
    names = ("starts", "groups", "bounding_box")
    if not isinstance(stored, dict) or any(name not in stored for name in names):
        raise FileFormatError(f"{group.name}/{_NAME} is not complete, expected {', '.join(names)}")
    n_cells, dim = tessellation.n_cells, tessellation.dim
    if not isinstance(stored["bounding_box"], pd.DataFrame):
        raise FileFormatError(f"{group.name}/{_NAME}/bounding_box is no table")
    midpoints = None
    if "midpoint_starts" in stored:
        at_midpoints = _sums(group, stored, "midpoint_", 2 * n_cells, dim)
        midpoints = MidpointSums(at_midpoints, float(stored["covariance"]))
    sums = _sums(group, stored, "", n_cells, dim)
    param = read_field(group, "param") or {}
    return SummedPartition(tessellation, sums, midpoints, stored["bounding_box"], param)


def _sums(
    group: "h5py.Group", stored: dict[str, object], which: str, n_cells: int, dim: int
) -> Sums:
    starts, groups = (np.asarray(stored.get(f"{which}{name}")) for name in ("starts", "groups"))
    fits = (
        starts.shape == (n_cells + 1,)
        and starts.dtype.kind == "i"
        and groups.ndim == 2
        and groups.shape[1] == 3 + dim
        and groups.dtype.kind == "f"
        and starts[0] == 0
        and starts[-1] == len(groups)
        and (np.diff(starts) >= 0).all()
    )
    if not fits:
        raise FileFormatError(
            f"{group.name}/{_NAME}: {which}starts {starts.shape} and {which}groups {groups.shape} "
            f"do not fit, expected those of {n_cells} cells in {dim} dimensions"
        )
    return Sums(starts.astype(np.int64), np.ascontiguousarray(groups, dtype=np.float64))
