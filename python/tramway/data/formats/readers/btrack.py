"""btrack: ``t x y z states label``, its tracks ``ID t x y z parent root … dummy``, or HDF5."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import NO_TRACK, Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable
from tramway.errors import FileFormatError

_OBJECTS = frozenset({"t", "x", "y", "label"})
_TRACKS = frozenset({"ID", "t", "x", "y", "parent", "root"})
_DUMMY = "dummy"
_FORMAT = TableFormat(
    marks=frozenset(),
    columns={"n": ["ID", "label"], "frame": ["t"], "x": ["x"], "y": ["y"], "z": ["z"]},
)


def _recognises(start: FileStart) -> bool:
    if {"objects", "tracks"} <= start.hdf5_names or "objects/obj_type_1" in start.hdf5_names:
        return True
    names = set(start.header)
    return names >= _TRACKS or (names >= _OBJECTS and "states" in names)


def _read(path: Path) -> Localizations:
    if FileStart(path).is_hdf5:
        return _objects(path)
    table = TextTable(FileStart(path))
    words = {_DUMMY: ["true", "1", "1.0"]} if _DUMMY in table.names else {}
    read = _FORMAT.localizations(_FORMAT.found(table), table, words)
    is_dummy = read.columns.pop(_DUMMY, None)
    if is_dummy is not None and is_dummy.any():
        read.columns = {name: values[~is_dummy] for name, values in read.columns.items()}
        read.notes.append(
            f"{int(is_dummy.sum())} positions that btrack filled in, where nothing was seen, "
            "were left out"
        )
    return read


def _objects(path: Path) -> Localizations:
    """Read objects, and the tracks of which each has the ranks of its own; below 0: filled in."""
    import h5py

    with h5py.File(path, "r") as root:
        kinds = list(root["objects"])
        if len(kinds) != 1:
            raise FileFormatError(
                f"{path}: objects of {len(kinds)} types, {', '.join(kinds)[:200]}, expected one: "
                "export the tracks of each, export_csv"
            )
        place = f"objects/{kinds[0]}/coords"
        positions = np.asarray(root[place][()], dtype=np.float64)
        tracks = root.get(f"tracks/{kinds[0]}", {})
        ranks, ends = (
            np.asarray(tracks[name][()], dtype=np.int64) if name in tracks else np.empty(0, int)
            for name in ("tracks", "map")
        )
    number = np.full(len(positions), NO_TRACK, dtype=np.int64)
    ranks, ends = ranks.ravel(), ends.reshape(-1, 2)
    track = np.repeat(np.arange(len(ends)), np.diff(ends, axis=1).ravel())
    if len(track) != len(ranks) or (ranks >= len(number)).any():
        raise FileFormatError(f"{path}: tracks are of objects that are not there")
    seen = ranks >= 0
    number[ranks[seen]] = track[seen]
    columns = dict(zip(("frame", "x", "y", "z"), positions.T, strict=False))
    read = Localizations(columns | {"n": number})
    if not seen.all():
        read.notes.append(
            f"{int((~seen).sum())} positions that btrack filled in, where nothing was seen, were "
            "left out"
        )
    return read


READER = Reader("btrack", "btrack, objects or tracks (CSV or HDF5)", _recognises, _read)
