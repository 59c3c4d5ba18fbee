"""SMAP: localizations in nm, with their precision, in MATLAB files; frames from 1."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.matlab import read_structures
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import track_numbers
from tramway.errors import FileFormatError

_PURPOSES = {
    "xnm": "x",
    "ynm": "y",
    "znm": "z",
    "frame": "frame",
    "locprecnm": "localization_precision",
}
_TRACKS = ("track_id", "trackid")


def _recognises(start: FileStart) -> bool:
    return "saveloc" in start.matlab_names


def _read(path: Path) -> Localizations:
    fields = [*_PURPOSES, *_TRACKS, "filenumber"]
    [found] = read_structures(path, "saveloc.loc", fields) or [{}]
    values = {name: np.asarray(array).ravel() for name, array in found.items()}
    missing = [name for name in ("xnm", "ynm", "frame") if name not in values]
    if missing:
        raise FileFormatError(f"{path}: no {' '.join(missing)} in saveloc.loc")
    columns = {purpose: values[name] for name, purpose in _PURPOSES.items() if name in values}
    read = Localizations(columns, length_unit="nm", first_frame=1)
    files = values.get("filenumber", np.zeros(1))
    tracks = next((values[name] for name in _TRACKS if name in values), None)
    if tracks is not None:
        read.columns["n"] = _told_apart(track_numbers(tracks, True, str(path)), files, read)
    elif np.unique(files).size > 1:
        read.problems.append(
            f"localizations of {np.unique(files).size} movies are in one file: they are not told "
            "apart when they are linked"
        )
    return read


def _told_apart(
    tracks: NDArray[np.int64], files: NDArray[np.float64], read: Localizations
) -> NDArray[np.int64]:
    """Give tracks of several movies that have one number different ones; 0 is no track."""
    tracks = np.where(tracks == 0, np.iinfo(np.int64).min, tracks)
    if files.shape != tracks.shape or np.unique(files).size < 2:
        return tracks
    read.notes.append(f"tracks of {np.unique(files).size} movies were numbered anew")
    _, number = np.unique(np.column_stack([files, tracks]), axis=0, return_inverse=True)
    return np.where(tracks == np.iinfo(np.int64).min, tracks, number.ravel())


READER = Reader("smap", "SMAP, localizations (MATLAB)", _recognises, _read)
