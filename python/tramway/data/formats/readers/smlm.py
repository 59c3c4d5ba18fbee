"""SMLM: a zip archive of binary tables, described by a manifest."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import mean_square, of_channels
from tramway.data.formats.units import length_unit
from tramway.errors import FileFormatError

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 24
_LARGEST_RATIO = 200
_ALWAYS_ALLOWED = 1 << 26
_PURPOSES = {
    "x": ("x", "position_x"),
    "y": ("y", "position_y"),
    "z": ("z", "position_z"),
    "frame": ("frame",),
    "localization_precision": ("uncertainty_xy", "uncertainty", "x_precision+y_precision"),
}
_TYPES = {f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)} - {
    "float8",
    "float16",
}


def _recognises(start: FileStart) -> bool:
    return _MANIFEST in start.zip_names


def _read(path: Path) -> Localizations:
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(_content(archive, _MANIFEST, path, _LARGEST_MANIFEST))
        tables = [entry for entry in manifest["files"] if entry.get("type") == "table"]
        if not tables:
            raise FileFormatError(f"{path}: no table of localizations in the manifest")
        parts = [_table(archive, entry, manifest, path) for entry in tables]
    names = set.intersection(*(set(part) for part in parts))
    columns, taken = {}, {}
    for purpose, choices in _PURPOSES.items():
        name = next((choice for choice in choices if {*choice.split("+")} <= names), None)
        if name is not None:
            columns[purpose] = np.concatenate([mean_square(part, name) for part in parts])
            taken[purpose] = name
    if not {"x", "y", "frame"} <= columns.keys():
        raise FileFormatError(f"{path}: no x, y and frame among {', '.join(sorted(names))}")
    said = _units(manifest, tables[0])
    units = {purpose: said.get(name.partition("+")[0]) for purpose, name in taken.items()}
    read = Localizations(columns, length_unit=units["x"])
    for purpose in ("y", "z", "localization_precision"):
        own = units.get(purpose)
        if own is not None and own != read.length_unit:
            read.other_units[purpose] = own
    read.problems += of_channels(len({entry.get("channel") for entry in tables}))
    return read


def _content(archive: zipfile.ZipFile, name: str, path: Path, largest: int) -> bytes:
    """Bytes of a file of the archive, if they are not absurdly many."""
    entry = archive.getinfo(name)
    if entry.file_size > largest:
        raise FileFormatError(
            f"{path}: {name} is {entry.file_size} bytes, compressed to {entry.compress_size}: such "
            "a file is made to fill the memory, it is not read"
        )
    return archive.read(entry)


def _table(
    archive: zipfile.ZipFile, entry: dict[str, Any], manifest: dict[str, Any], path: Path
) -> dict[str, Any]:
    layout = manifest["formats"][entry["format"]]
    if layout.get("mode") == "text":
        raise FileFormatError(
            f"{path}: {entry['name']} in it is text: unpack the archive, and read that file"
        )
    names, kinds = layout["headers"], layout["dtype"]
    shapes = layout.get("shape") or [1] * len(names)
    same = len(names) == len(kinds) == len(shapes) == len(set(names))
    if not same or set(kinds) - _TYPES:
        raise FileFormatError(f"{path}: the manifest does not say what columns {entry['name']} has")
    record = np.dtype(
        [
            (name, np.dtype(kind).newbyteorder("<"), _shape(shape))
            for name, kind, shape in zip(names, kinds, shapes, strict=True)
        ]
    )
    size = archive.getinfo(entry["name"]).compress_size
    content = _content(archive, entry["name"], path, max(_ALWAYS_ALLOWED, _LARGEST_RATIO * size))
    rows = int(entry["rows"])
    if len(content) != rows * record.itemsize:
        raise FileFormatError(
            f"{path}: {entry['name']} has {len(content)} bytes, expected {rows} rows of "
            f"{record.itemsize}"
        )
    table = np.frombuffer(content, dtype=record)
    offsets = entry.get("offset") or {}
    return {
        name: table[name].astype(np.float64) + float(offsets.get(name, 0))
        for name in names
        if table[name].ndim == 1  # no patches of the image
    }


def _shape(said: Any) -> tuple[int, ...]:
    """Shape of one item of a column; Locan writes numbers as text."""
    shape = tuple(int(length) for length in (said if isinstance(said, list) else [said]))
    return () if shape == (1,) else shape


def _units(manifest: dict[str, Any], entry: dict[str, Any]) -> dict[str, str | None]:
    """Units of length of columns: as the manifest says, or the description that Locan adds.

    The format's own unit is nm, where a manifest has no units.
    """
    layout = manifest["formats"][entry["format"]]
    said = dict(zip(layout["headers"], layout.get("units", []), strict=False))
    for item in manifest.get("locdata_meta", {}).get("unit", []):
        said[item["property"]] = said.get(item["property"]) or item["unit"]
    if "units" not in layout and not said:
        return dict.fromkeys(layout["headers"], "nm")
    return {name: length_unit(unit) for name, unit in said.items()}


READER = Reader("smlm", "SMLM, localizations (zip)", _recognises, _read)
