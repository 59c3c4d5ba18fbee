"""DECODE: emitters in HDF5 or text, in pixels or nm, with the size of pixels along x and y."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.text_table import TextTable
from tramway.errors import FileFormatError

_MARKS = frozenset({"x", "y", "z", "phot", "frame_ix"})
_BEGINNING = b"# DECODE EmitterSet"


def _recognises(start: FileStart) -> bool:
    return {"data/xyz", "data/frame_ix"} <= start.hdf5_names or start.bytes.startswith(_BEGINNING)


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    return _table(start) if start.bytes.startswith(_BEGINNING) else _emitters(path)


def _emitters(path: Path) -> Localizations:
    import h5py

    with h5py.File(path, "r") as root:
        position = np.asarray(root["data/xyz"][()], dtype=np.float64)
        frame = root["data/frame_ix"][()]
        deviation = root["data"].get("xyz_sig")
        has_deviation = isinstance(deviation, h5py.Dataset) and deviation.shape == position.shape
        sigma = np.asarray(deviation[()], dtype=np.float64) if has_deviation else None
        said = dict(root["meta"].attrs) if "meta" in root else {}
    if position.ndim != 2 or position.shape[1] != 3:
        raise FileFormatError(f"{path}: xyz has shape {position.shape}, expected (emitters, 3)")
    columns = dict(zip("xyz", position.T, strict=True)) | {"frame": frame}
    return _scaled(columns, None if sigma is None else sigma[:, :2].T, said)


def _table(start: FileStart) -> Localizations:
    """Read the table that DECODE writes as text, below its metadata in a comment."""
    table = TextTable(start)
    missing = _MARKS - set(table.names)
    if missing:
        raise FileFormatError(f"{start.path}: no column for {', '.join(sorted(missing))}")
    deviations = [name for name in ("x_sig", "y_sig") if name in table.names]
    values = table.read(["x", "y", "z", "frame_ix", *deviations])
    columns = {"frame" if name == "frame_ix" else name: values[name] for name in values}
    sigma = [np.asarray(columns.pop(name), dtype=np.float64) for name in deviations]
    is_known = len(sigma) == 2 and np.isfinite(sigma).any()
    described = json.loads(start.text.split("\n", 3)[2].lstrip("# "))
    return _scaled(columns, np.array(sigma) if is_known else None, described)


def _scaled(
    columns: dict[str, NDArray[Any]], sigma: NDArray[np.float64] | None, said: Mapping[str, Any]
) -> Localizations:
    """Take the units that the metadata say; z is in nm always."""
    unit = said.get("xy_unit")
    unit = unit.decode() if isinstance(unit, bytes) else unit
    size = _pixel_size(said.get("px_size"))
    read = Localizations(
        columns,
        length_unit=unit if unit in ("px", "nm", "µm") else None,
        other_units={"z": "nm"},
    )
    scale = np.ones(2)
    if unit == "px" and size is not None:
        read.pixel_size = size[0]
        scale[1] = size[1] / size[0]
        read.columns["y"] = read.columns["y"] * scale[1]
        read.notes.append(f"pixels of {size[0]:g} by {size[1]:g} µm, as the file says")
    if sigma is not None:
        along = np.sqrt(np.mean((sigma * scale[:, None]) ** 2, axis=0))
        read.columns["localization_precision"] = along
    return read


def _pixel_size(said: object) -> tuple[float, float] | None:
    """µm along x and y, from what is said in nm."""
    try:
        sizes = np.broadcast_to(np.asarray(said, dtype=np.float64).ravel(), 2) * 1e-3
    except (TypeError, ValueError):
        return None
    return (float(sizes[0]), float(sizes[1])) if (sizes > 0).all() else None


READER = Reader("decode", "DECODE, emitters (HDF5 or CSV)", _recognises, _read)
