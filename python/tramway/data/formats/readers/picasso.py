"""Picasso: localizations in HDF5, in pixels, whose size is in the ``.yaml`` beside it."""

import re
from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.errors import FileFormatError

_PIXEL_SIZE = re.compile(r"^Pixelsize: *([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*$", re.MULTILINE)
_LARGEST_DESCRIPTION = 1 << 26
_PURPOSES = {"frame": "frame", "x": "x", "y": "y"}


def _recognises(start: FileStart) -> bool:
    return "locs" in start.hdf5_names


def _read(path: Path) -> Localizations:
    import h5py

    with h5py.File(path, "r") as root:
        locs = root["locs"]
        names = getattr(locs, "dtype", np.dtype(float)).names or ()
        missing = [name for name in _PURPOSES if name not in names]
        if missing:
            raise FileFormatError(f"{path}: no {' '.join(missing)} in the table of localizations")
        columns = {purpose: locs[name] for purpose, name in _PURPOSES.items()}
        if {"lpx", "lpy"} <= set(names):
            both = np.array([locs["lpx"], locs["lpy"]], dtype=np.float64)
            columns["localization_precision"] = np.sqrt(np.mean(both**2, axis=0))
    description = path.with_suffix(".yaml")
    read = Localizations(columns, length_unit="px", pixel_size=_pixel_size(description))
    if read.pixel_size is None:
        state = "has no Pixelsize" if description.is_file() else "is not there"
        read.unit_source = f"{description.name}, where Picasso writes it, {state}"
    else:
        read.notes.append(f"pixels of {read.pixel_size:g} µm, as {description.name} says")
    return read


def _pixel_size(description: Path) -> float | None:
    """µm, as the last of the steps that are described says it in nm; None: none does."""
    if not description.is_file() or description.stat().st_size > _LARGEST_DESCRIPTION:
        return None
    found = _PIXEL_SIZE.findall(description.read_text(encoding="utf-8", errors="replace"))
    size = float(found[-1]) * 1e-3 if found else 0.0
    return size if size > 0 else None


READER = Reader("picasso", "Picasso, localizations (HDF5 and YAML)", _recognises, _read)
