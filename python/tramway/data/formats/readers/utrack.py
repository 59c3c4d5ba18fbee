"""u-track's ``tracksFinal``: compound tracks of segments, in pixels, frames from 1."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.matlab import structures_in
from tramway.data.formats.reader import Localizations, Reader
from tramway.errors import FileFormatError

_PER_FRAME = 8  # x y z amplitude and their deviations
_NAMES = ("x", "y", "z")


def _recognises(start: FileStart) -> bool:
    return "tracksFinal" in start.matlab_names


def _read(path: Path) -> Localizations:
    compound = structures_in(path, "tracksFinal", ["tracksCoordAmpCG", "seqOfEvents"])
    values, frames, numbers = [], [], []
    segments = cuts = 0
    for rank, track in enumerate(compound, start=1):
        if not {"tracksCoordAmpCG", "seqOfEvents"} <= track.keys():
            raise FileFormatError(f"{path}: tracksFinal({rank}) has no coordinates or no events")
        if not track["tracksCoordAmpCG"].size:
            raise FileFormatError(
                f"{path}: tracksFinal({rank}) has no full array of coordinates: if "
                "they are sparse, make them full in MATLAB, full(tracksCoordAmpCG)"
            )
        coordinates = np.atleast_2d(np.asarray(track["tracksCoordAmpCG"], dtype=np.float64))
        events = np.atleast_2d(np.asarray(track["seqOfEvents"], dtype=np.float64))
        if coordinates.shape[1] % _PER_FRAME or events.shape[1] != 4 or not len(events):
            raise FileFormatError(
                f"{path}: tracksFinal({rank}) has coordinates of shape {coordinates.shape} and "
                f"events of shape {events.shape}, expected 8 numbers per frame and 4 per event"
            )
        cuts += int((events[:, 3] > 0).sum())
        count, width = len(coordinates), coordinates.shape[1] // _PER_FRAME
        block = coordinates.reshape(count * width, _PER_FRAME)
        # A segment has no position before it begins, after it ends, and where it was missed.
        is_seen = np.isfinite(block[:, :2]).all(axis=1)
        values.append(block[is_seen])
        frames.append(np.tile(np.min(events[:, 0]) + np.arange(width), count)[is_seen])
        numbers.append(np.repeat(segments + np.arange(1, count + 1), width)[is_seen])
        segments += count
    if not values:
        raise FileFormatError(f"{path}: tracksFinal is empty")
    table = np.concatenate(values)
    columns = {name: table[:, rank] for rank, name in enumerate(_NAMES)}
    columns |= {"n": np.concatenate(numbers), "frame": np.concatenate(frames)}
    columns["localization_precision"] = np.sqrt(np.mean(table[:, 4:6] ** 2, axis=1))
    read = Localizations(columns, length_unit="px", first_frame=1)
    if cuts:
        read.problems.append(f"compound tracks split or merge {cuts} times: they were cut there")
    return read


READER = Reader("utrack", "u-track, tracksFinal (MATLAB)", _recognises, _read)
