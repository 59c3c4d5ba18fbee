"""Arrays of records in folders of Zarr, version 2, whose fields may have several numbers each.

The library itself, from its version 3 on, has no type for such fields.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError

from .linking import optional_package

_COMPRESSORS = ("blosc", "bz2", "gzip", "lz4", "lzma", "zlib", "zstd")
"""Others could hold programs, as pickles do."""
_LARGEST_RATIO = 200
_ALWAYS_ALLOWED = 1 << 26
_LARGEST_DESCRIPTION = 1 << 24


def description_of(folder: Path) -> dict[str, Any] | None:
    """Give what a folder says of the array that it is; None if it is none."""
    said = folder / ".zarray"
    if not said.is_file() or said.stat().st_size > _LARGEST_DESCRIPTION:
        return None
    try:
        found = json.loads(said.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def field_names(folder: Path) -> set[str]:
    """Names of the fields of the records in a folder; none if it is no array of records."""
    kind = (description_of(folder) or {}).get("dtype")
    return {str(field[0]) for field in kind if field} if isinstance(kind, list) else set()


def read_records(folder: Path) -> NDArray[Any]:
    """Read an array of records.

    Raises
    ------
    FileFormatError
        If it is of another kind, or a part of it is damaged or larger than it can be.
    """
    said = description_of(folder) or {}
    record = _type_of(said["dtype"])
    [length], [rows] = said["shape"], said["chunks"]
    compressor = said.get("compressor") or {"id": None}
    if record.hasobject or said.get("filters") or compressor["id"] not in (None, *_COMPRESSORS):
        raise FileFormatError(
            f"{folder} holds objects, or is compressed by {compressor['id']!s:.40}, expected plain "
            f"records compressed by one of {', '.join(_COMPRESSORS)}"
        )
    count, inside = math.ceil(length / rows), {path.name for path in folder.iterdir()}
    missing = next((rank for rank in range(count) if str(rank) not in inside), None)
    if missing is not None:
        raise FileFormatError(f"{folder}: no {missing} in it, the folder was not copied as a whole")
    parts = [folder / str(rank) for rank in range(count)]
    stored = sum(part.stat().st_size for part in parts)
    if length * record.itemsize > max(_ALWAYS_ALLOWED, _LARGEST_RATIO * stored):
        raise FileFormatError(
            f"{folder}: {length} records in {stored} bytes: such a file is made to fill the "
            "memory, it is not read"
        )
    codec = None
    if compressor["id"] is not None:
        codec = optional_package("numcodecs", "geff").get_codec(compressor)
    table = np.empty(length, dtype=record)
    for rank, part in enumerate(parts):
        content = part.read_bytes()
        if codec is not None:
            content = codec.decode(content)
        begin = rank * rows
        here = np.frombuffer(content, dtype=record)
        if len(here) != rows:
            raise FileFormatError(f"{part} has {len(here)} records, expected {rows}")
        table[begin : begin + rows] = here[: length - begin]
    return table


def _type_of(said: Any) -> np.dtype[Any]:
    """Type that a list of names, types and shapes means."""
    if isinstance(said, list):
        said = [(name, _type_of(kind), *map(tuple, shape)) for name, kind, *shape in said]
    found: np.dtype[Any] = np.dtype(said)
    return found
