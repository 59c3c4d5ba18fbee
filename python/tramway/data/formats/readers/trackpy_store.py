"""trackpy's stores: tables of pandas in HDF5, one per frame or one for all, in pixels."""

import pickletools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import track_numbers
from tramway.errors import FileFormatError

from .trackpy import FORMAT, is_trackpy

if TYPE_CHECKING:
    import h5py

_FIXED = "block0_values"
_FRAME = ("frame", b"frame")
_MOST_BLOCKS = 100
_LONGEST_NAMES = 1 << 16


def _recognises(start: FileStart) -> bool:
    return any(name.endswith(("/table", f"/{_FIXED}")) for name in start.hdf5_names)


def _read(path: Path) -> Localizations:
    import h5py

    parts: dict[str, dict[str, NDArray[Any]]] = {}
    with h5py.File(path, "r") as root:
        for name in root:
            link = root.get(name, getlink=True)
            group = root[name] if isinstance(link, h5py.HardLink) else None
            if not isinstance(group, h5py.Group):
                continue
            table = group.get("table")
            if isinstance(table, h5py.Dataset) and table.dtype.names is not None:
                part = _columns(table, path)
                is_frame = _index_name(group) == "frame"
                parts[name] = _with_frames(part, part.get("index") if is_frame else None)
            elif _FIXED in group:
                axis = group.get("axis1")
                is_frame = isinstance(axis, h5py.Dataset) and axis.attrs.get("name") in _FRAME
                parts[name] = _with_frames(_fixed(group, path), axis[()] if is_frame else None)
    chosen = _tables(parts, path)
    names = set.intersection(*map(set, chosen))
    columns = {}
    for purpose, choices in FORMAT.columns.items():
        name = next((choice for choice in choices if choice in names), None)
        if name is not None:
            columns[purpose] = np.concatenate([part[name] for part in chosen])
    if "n" in columns:
        columns["n"] = track_numbers(columns["n"], True, str(path))
    return Localizations(columns, length_unit="px")


def _with_frames(
    columns: dict[str, NDArray[Any]], frames: NDArray[Any] | None
) -> dict[str, NDArray[Any]]:
    """Take the labels of rows that are called so for the frames, if no column is."""
    return columns if frames is None or "frame" in columns else {**columns, "frame": frames}


def _index_name(group: "h5py.Group") -> str:
    """Name of the labels of rows of a table; empty if they have none."""
    try:
        texts = _names(group.attrs.get("info", b""))
    except ValueError:  # there is none, or it is no pickle
        return ""
    if "index_name" not in texts[:-1]:
        return ""
    return texts[texts.index("index_name") + 1]


def _tables(parts: dict[str, dict[str, NDArray[Any]]], path: Path) -> list[dict[str, NDArray[Any]]]:
    """Choose the tables of tracks, or of features if there are none: each frame is in one."""
    ours = {name: part for name, part in parts.items() if is_trackpy(set(part))}
    linked = {name: part for name, part in ours.items() if "particle" in part}
    chosen = linked or ours
    if not chosen:
        raise FileFormatError(f"{path}: no table with columns frame x y particle")
    frames = [np.unique(part["frame"]) for part in chosen.values()]
    if np.unique(np.concatenate(frames)).size < sum(part.size for part in frames):
        raise FileFormatError(
            f"{path}: tables {', '.join(list(chosen)[:10])} hold the same frames, expected tracks "
            "of one movie: save one of them by itself"
        )
    return list(chosen.values())


def _columns(table: "h5py.Dataset", path: Path) -> dict[str, NDArray[Any]]:
    """Columns of one table of pandas, which puts those of one type into a block."""
    rows = table[()]
    columns = {}
    for name in rows.dtype.names:
        values = rows[name]
        if values.ndim == 1:
            columns[name] = values
            continue
        names = _names(table.attrs.get(f"{name}_kind", b""))
        if values.ndim != 2 or len(names) != values.shape[1]:
            raise FileFormatError(f"{path}: {table.name} does not say what is in {name}")
        columns |= {own: values[:, rank] for rank, own in enumerate(names)}
    return columns


def _fixed(group: "h5py.Group", path: Path) -> dict[str, NDArray[Any]]:
    """Columns of a table of pandas in its fixed format: names and values of each block."""
    columns: dict[str, NDArray[Any]] = {}
    for block in range(_MOST_BLOCKS):
        items, values = group.get(f"block{block}_items"), group.get(f"block{block}_values")
        if items is None or values is None:
            break
        if values.dtype.kind not in "iuf":
            continue  # of text, or pickled
        names = [name.decode("utf-8", "replace") for name in items[()].astype("S").ravel()]
        if values.ndim != 2 or values.shape[1] != len(names):
            raise FileFormatError(f"{path}: {group.name} does not say what is in its columns")
        table = values[()]
        columns |= {name: table[:, rank] for rank, name in enumerate(names)}
    return columns


def _names(pickled: Any) -> list[str]:
    """Give the texts of a pickled list of texts, without loading it."""
    content = bytes(pickled) if isinstance(pickled, bytes) else str(pickled).encode()
    if len(content) > _LONGEST_NAMES:
        return []
    return [
        argument
        for opcode, argument, _ in pickletools.genops(content)
        if "UNICODE" in opcode.name and isinstance(argument, str)
    ]


READER = Reader("trackpy-store", "trackpy, HDF5 store", _recognises, _read)
