"""SLIMfast's and vbSPT's ``trackedPar``: positions in µm, frames from 1, time stamps in s."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.matlab import read_structures, structures_in
from tramway.data.formats.reader import Localizations, Reader
from tramway.errors import FileFormatError


def _recognises(start: FileStart) -> bool:
    return "trackedPar" in start.matlab_names


def _read(path: Path) -> Localizations:
    tracks = structures_in(path, "trackedPar", ["xy", "Frame", "TimeStamp"])
    positions, frames, times, numbers = [], [], [], []
    for number, track in enumerate(tracks, start=1):
        xy = track.get("xy")
        if xy is None or xy.size == 0:
            continue
        if xy.ndim != 2 or xy.shape[1] < 2 or "Frame" not in track:
            raise FileFormatError(
                f"{path}: trackedPar({number}) has no xy of two columns and Frame"
            )
        count = len(xy)
        frame = np.asarray(track["Frame"], dtype=np.float64).ravel()
        time = np.asarray(track.get("TimeStamp", ()), dtype=np.float64).ravel()
        if frame.size != count or time.size not in (0, count):
            raise FileFormatError(
                f"{path}: trackedPar({number}) has {count} positions, {frame.size} frames and "
                f"{time.size} time stamps"
            )
        positions.append(np.asarray(xy, dtype=np.float64))
        frames.append(frame)
        times.append(time if time.size else np.full(count, np.nan))
        numbers.append(np.full(count, number, dtype=np.int64))
    if not positions:
        raise FileFormatError(f"{path}: trackedPar is empty")
    depths = {xy.shape[1] for xy in positions}
    # A third column is z where all tracks have it.
    dim = 3 if depths == {3} else 2
    coordinates = np.concatenate([xy[:, :dim] for xy in positions])
    read = Localizations(
        {
            "n": np.concatenate(numbers),
            **dict(zip("xyz", coordinates.T, strict=False)),
            "frame": np.concatenate(frames),
        },
        length_unit="µm",
        first_frame=1,
    )
    time = np.concatenate(times)
    if np.isfinite(time).all():
        read.columns["t"], read.time_unit = time, "s"
    _take_settings(read, path)
    return read


def _take_settings(read: Localizations, path: Path) -> None:
    """Take what SLIMfast writes beside the tracks: the pixel in µm, the frame interval in s."""
    if "settings" not in FileStart(path).matlab_names:
        return
    for said in read_structures(path, "settings", ["px2micron", "Delay"])[:1]:
        for name, attribute in (("px2micron", "pixel_size"), ("Delay", "frame_interval")):
            value = said.get(name, np.empty(0))
            if value.size == 1 and value.dtype.kind in "iuf" and value.item() > 0:
                setattr(read, attribute, float(value.item()))


READER = Reader("trackedpar", "SLIMfast or vbSPT, trackedPar (MATLAB)", _recognises, _read)
