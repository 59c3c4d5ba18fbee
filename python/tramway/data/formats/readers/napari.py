"""Tracks layers of napari: ``TrackID t [z] y x`` as text, or the array itself as ``.npy``."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, track_numbers
from tramway.errors import FileFormatError

_AXES = {"frame": "t", "x": "x", "y": "y", "z": "z"}
_NPY = b"\x93NUMPY"
_NAMES = ("TrackID", "track_id", "ID", "track_ID", "Track ID", "track")

_FORMAT = TableFormat(
    marks=frozenset(),
    columns={"n": _NAMES, **{to: [name, name.upper()] for to, name in _AXES.items()}},
)


def _recognises(start: FileStart) -> bool:
    if start.bytes.startswith(_NPY):
        return b"'descr': [" not in start.bytes[:256]  # not of records, which MINFLUX has
    names = {name if name in _NAMES else name.lower() for name in start.header}
    others = names - {*_NAMES, *_AXES.values(), "index", ""}
    return {"t", "x", "y"} <= names and bool(names & {*_NAMES}) and not others


def _read(path: Path) -> Localizations:
    if not FileStart(path).bytes.startswith(_NPY):
        return _FORMAT.read(path)
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.ndim != 2 or array.shape[1] not in (4, 5) or array.dtype.kind not in "iuf":
        raise FileFormatError(
            f"{path}: an array of shape {array.shape}, expected the columns ID t [z] y x of tracks"
        )
    names = ("n", "frame", *("z" for _ in range(array.shape[1] - 4)), "y", "x")
    columns = {name: np.asarray(array[:, rank]) for rank, name in enumerate(names)}
    columns["n"] = track_numbers(columns["n"], True, str(path))
    return Localizations(columns)


READER = Reader("napari", "napari, a layer of tracks", _recognises, _read)
