"""DECODE: emitters in HDF5, in pixels or nm, with the size of pixels along x and y."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.errors import FileFormatError


def _recognises(start: FileStart) -> bool:
    return {"data/xyz", "data/frame_ix"} <= start.hdf5_names


def _read(path: Path) -> Localizations:
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
    unit = said.get("xy_unit")
    size = _pixel_size(said.get("px_size"))
    notes = []
    if unit == "px" and size is not None:
        scale = np.array([*size, 1e-3])  # z is in nm always
        unit = "µm"
        notes.append(f"pixels of {size[0]:g} by {size[1]:g} µm, as the file says")
    else:
        scale = np.ones(3)
    columns = {name: position[:, rank] * scale[rank] for rank, name in enumerate("xyz")}
    if unit == "px":
        del columns["z"]
        notes.append("z, which is in nm while x and y are in pixels of unknown size, was left out")
    if sigma is not None:
        columns["localization_precision"] = np.sqrt(np.mean((sigma[:, :2] * scale[:2]) ** 2, 1))
    return Localizations(
        columns | {"frame": frame},
        length_unit=unit if unit in ("px", "nm", "µm") else None,
        notes=notes,
    )


def _pixel_size(said: object) -> tuple[float, float] | None:
    """µm along x and y, from what is said in nm."""
    try:
        sizes = np.broadcast_to(np.asarray(said, dtype=np.float64).ravel(), 2) * 1e-3
    except (TypeError, ValueError):
        return None
    return (float(sizes[0]), float(sizes[1])) if (sizes > 0).all() else None


READER = Reader("decode", "DECODE, emitters (HDF5)", _recognises, _read)
