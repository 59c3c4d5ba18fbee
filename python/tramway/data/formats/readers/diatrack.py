"""Diatrack's session: the particles of each frame and their successors in the next, in pixels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.branches import cut_into_paths
from tramway.data.formats.file_start import FileStart
from tramway.data.formats.matlab import structures_in
from tramway.data.formats.reader import NO_TRACK, Localizations, Reader
from tramway.errors import FileFormatError

_FIELDS = ("RefinedCooX", "RefinedCooY", "Successor")


def _recognises(start: FileStart) -> bool:
    others = {"trackedPar", "objects"}  # btrack's are in HDF5, too
    return "tracks" in start.matlab_names and not others & start.matlab_names


def _read(path: Path) -> Localizations:
    seen: set[str] = set()
    parts: tuple[list[NDArray[np.float64]], ...] = ([], [], [])
    for number, fields in enumerate(structures_in(path, "tracks", _FIELDS), start=1):
        seen |= fields.keys()
        x, y, successor = (
            np.asarray(fields.get(name, ()), dtype=np.float64).ravel() for name in _FIELDS
        )
        if y.size != x.size or successor.size not in (0, x.size):
            raise FileFormatError(
                f"{path}: frame {number} has {x.size} RefinedCooX, {y.size} RefinedCooY and "
                f"{successor.size} Successor"
            )
        for column, values in zip(
            parts, (x, y, successor if successor.size else np.zeros(x.size)), strict=True
        ):
            column.append(values)
    missing = [name for name in _FIELDS if name not in seen]
    if missing:
        raise FileFormatError(f"{path}: no {' '.join(missing)} in the frames of tracks")
    counts = np.array([values.size for values in parts[0]])
    x, y, successor = (np.concatenate(column) for column in parts)
    for column in parts:
        column.clear()
    frame = np.repeat(np.arange(1, len(counts) + 1), counts)
    source, target = _edges(path, frame, successor, counts)
    del successor
    paths = cut_into_paths(source, target, frame, len(frame))
    number_of_track = np.where(paths.number == NO_TRACK, NO_TRACK, paths.number + 1)
    return Localizations(
        {"n": number_of_track, "x": x, "y": y, "frame": frame},
        length_unit="px",
        first_frame=1,
        problems=paths.problem(),
    )


def _edges(
    path: Path,
    frame: NDArray[np.int64],
    successor: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Rows of particles, and of their successors."""
    begins_next = np.cumsum(counts)
    wrong = (successor % 1 != 0) | (successor > np.append(counts[1:], 0)[frame - 1])
    if wrong.any():
        raise FileFormatError(
            f"{path}: frame {frame[wrong.argmax()]} has a successor that is not in the next frame"
        )
    source = np.flatnonzero(successor > 0).astype(np.int32)
    target = begins_next[frame[source] - 1] + successor[source].astype(np.int64) - 1
    return source, target.astype(np.int32)


READER = Reader("diatrack", "Diatrack, session (MATLAB)", _recognises, _read)
