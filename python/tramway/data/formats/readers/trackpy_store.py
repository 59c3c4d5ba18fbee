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

_LONGEST_NAMES = 1 << 16


def _recognises(start: FileStart) -> bool:
    return any(name == "FrameData" or name.startswith("Frame_") for name in start.hdf5_names)


def _read(path: Path) -> Localizations:
    import h5py

    parts: list[dict[str, NDArray[Any]]] = []
    with h5py.File(path, "r") as root:
        for name in root:
            link = root.get(name, getlink=True)
            if isinstance(link, h5py.HardLink) and name.startswith("Frame"):
                table = root[name].get("table")
                if not isinstance(table, h5py.Dataset) or table.dtype.names is None:
                    raise FileFormatError(f"{path}: {name} is no table that trackpy appended to")
                parts.append(_columns(table, path))
    names = set.intersection(*(set(part) for part in parts)) if parts else set()
    if not is_trackpy(names):
        raise FileFormatError(f"{path}: no table with columns frame x y particle")
    columns = {}
    for purpose, choices in FORMAT.columns.items():
        name = next((choice for choice in choices if choice in names), None)
        if name is not None:
            columns[purpose] = np.concatenate([part[name] for part in parts])
    if "n" in columns:
        columns["n"] = track_numbers(columns["n"], True, str(path))
    return Localizations(columns, length_unit="px")


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
