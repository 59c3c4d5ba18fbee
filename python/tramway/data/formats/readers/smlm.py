"""SMLM: a zip archive of binary tables, described by a manifest."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
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
    "localization_precision": ("uncertainty_xy", "uncertainty"),
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
    columns = {}
    for purpose, choices in _PURPOSES.items():
        name = next((choice for choice in choices if choice in names), None)
        if name is not None:
            columns[purpose] = np.concatenate([part[name] for part in parts])
    if not {"x", "y", "frame"} <= columns.keys():
        raise FileFormatError(f"{path}: no x, y and frame among {', '.join(sorted(names))}")
    return Localizations(columns, length_unit=_unit(manifest, tables[0]))


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
    names, kinds = layout["headers"], layout["dtype"]
    if len(names) != len(kinds) or set(kinds) - _TYPES or len(set(names)) < len(names):
        raise FileFormatError(f"{path}: the manifest does not say what columns {entry['name']} has")
    record = np.dtype(
        [(name, np.dtype(kind).newbyteorder("<")) for name, kind in zip(names, kinds, strict=True)]
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
    offsets = entry.get("offset", {})
    return {name: table[name].astype(np.float64) + float(offsets.get(name, 0)) for name in names}


def _unit(manifest: dict[str, Any], entry: dict[str, Any]) -> str | None:
    """Tell the unit of positions: that of the columns, or of the description that Locan adds."""
    layout = manifest["formats"][entry["format"]]
    said = dict(zip(layout["headers"], layout.get("units", []), strict=False))
    for item in manifest.get("locdata_meta", {}).get("unit", []):
        said.setdefault(item["property"], "")
        said[item["property"]] = said[item["property"]] or item["unit"]
    units = {length_unit(said.get(name)) for name in said if name in ("x", "position_x")}
    return units.pop() if len(units) == 1 else None


READER = Reader("smlm", "SMLM, localizations (zip)", _recognises, _read)
