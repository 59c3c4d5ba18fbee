"""Diatrack's session: the particles of each frame and their successors in the next, in pixels."""

from pathlib import Path

import numpy as np

from tramway.data.formats.branches import cut_into_paths
from tramway.data.formats.file_start import FileStart
from tramway.data.formats.matlab import read_structures
from tramway.data.formats.reader import NO_TRACK, Localizations, Reader
from tramway.errors import FileFormatError

_FIELDS = ("RefinedCooX", "RefinedCooY", "Successor")


def _recognises(start: FileStart) -> bool:
    others = {"trackedPar", "objects"}  # btrack's are in HDF5, too
    return "tracks" in start.matlab_names and not others & start.matlab_names


def _read(path: Path) -> Localizations:
    frames = read_structures(path, "tracks", _FIELDS)
    missing = [name for name in _FIELDS if not any(name in frame for frame in frames)]
    if missing:
        raise FileFormatError(f"{path}: no {' '.join(missing)} in the frames of tracks")
    x, y, successor = (
        [np.asarray(frame.get(name, ()), dtype=np.float64).ravel() for frame in frames]
        for name in _FIELDS
    )
    counts = np.array([values.size for values in x])
    if any(values.size not in (0, counts[rank]) for rank, values in enumerate(successor)) or any(
        values.size != counts[rank] for rank, values in enumerate(y)
    ):
        raise FileFormatError(f"{path}: a frame has not as many RefinedCooX as RefinedCooY")
    begin = np.concatenate([[0], np.cumsum(counts)])
    sources, targets = [], []
    for rank, values in enumerate(successor):
        has_next = np.flatnonzero(values > 0)
        following = values[has_next].astype(np.int64)
        if following.size and (
            rank + 1 == len(counts) or following.max() > counts[rank + 1] or (values % 1 != 0).any()
        ):
            raise FileFormatError(
                f"{path}: frame {rank + 1} has a successor that is not in the next frame"
            )
        sources.append(begin[rank] + has_next)
        targets.append(begin[rank + 1] + following - 1)
    frame = np.repeat(np.arange(1, len(counts) + 1), counts)
    paths = cut_into_paths(
        np.concatenate(sources).astype(np.int64),
        np.concatenate(targets).astype(np.int64),
        frame,
        int(begin[-1]),
    )
    number = np.where(paths.number == NO_TRACK, NO_TRACK, paths.number + 1)
    return Localizations(
        {"n": number, "x": np.concatenate(x), "y": np.concatenate(y), "frame": frame},
        length_unit="px",
        first_frame=1,
        problems=paths.problem(),
    )


READER = Reader("diatrack", "Diatrack, session (MATLAB)", _recognises, _read)
