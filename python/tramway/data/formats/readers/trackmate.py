"""TrackMate's own file: spots, the edges between them, and which tracks passed its filters."""

from array import array
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.branches import cut_into_paths
from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import NO_TRACK, Localizations, Reader
from tramway.data.formats.units import MICROMETERS, SECONDS, length_unit, time_unit
from tramway.data.formats.xml_stream import read_xml
from tramway.errors import FileFormatError


class _Model:
    """What is in a file, taken tag by tag."""

    def __init__(self) -> None:
        # Arrays, since tuples of numbers take ten times as much.
        self.ids = array("q")
        self.spots = array("d")  # x, y, z, frame
        self.is_visible = array("b")
        self.edges = array("q")  # source, target, track
        self.filtered: set[int] | None = None
        self.units: Mapping[str, str] = {}
        self.image: Mapping[str, str] = {}
        self._track = 0
        self._in_filtered = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Spot":
            self.ids.append(int(attributes["ID"]))
            self.spots.extend(
                (
                    float(attributes["POSITION_X"]),
                    float(attributes["POSITION_Y"]),
                    float(attributes.get("POSITION_Z", 0)),
                    float(attributes["FRAME"]),
                )
            )
            self.is_visible.append(float(attributes.get("VISIBILITY", 1)) != 0)
        elif tag == "Edge":
            source, target = attributes["SPOT_SOURCE_ID"], attributes["SPOT_TARGET_ID"]
            self.edges.extend((int(source), int(target), self._track))
        elif tag == "Track":
            self._track = int(attributes["TRACK_ID"])
        elif tag == "TrackID" and self._in_filtered and self.filtered is not None:
            self.filtered.add(int(attributes["TRACK_ID"]))
        elif tag == "FilteredTracks":
            self._in_filtered, self.filtered = True, set()
        elif tag == "Model":
            self.units = attributes
        elif tag == "ImageData":
            self.image = attributes

    def end(self, tag: str) -> None:
        if tag == "FilteredTracks":
            self._in_filtered = False


def _recognises(start: FileStart) -> bool:
    return bool(start.xml) and start.xml[0][0] == "TrackMate"


def _read(path: Path) -> Localizations:
    model = _Model()
    read_xml(path, model.start, model.end)
    if not model.spots:
        raise FileFormatError(f"{path}: no spot in it, expected a model with spots and tracks")
    spots = np.frombuffer(model.spots, dtype=np.float64).reshape(-1, 4)
    ids = np.frombuffer(model.ids, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    if (np.diff(ids[order]) == 0).any():
        raise FileFormatError(f"{path}: two spots have one ID")
    edges = np.array(model.edges).reshape(-1, 3)
    notes = []
    if model.filtered is not None:
        passed = np.isin(edges[:, 2], list(model.filtered))
        out = np.unique(edges[~passed, 2]).size
        if out:
            notes.append(f"{out} tracks that TrackMate's filters dropped were left out")
        edges = edges[passed]
    rank = _ranks(edges[:, :2], ids, order, path)
    paths = cut_into_paths(rank[:, 0], rank[:, 1], spots[:, 3], len(ids))
    number = _numbers(paths.number, rank, edges[:, 2])
    # A spot that was hidden, and is in no track, is one that a filter dropped.
    is_kept = (np.array(model.is_visible) != 0) | (number != NO_TRACK)
    if not is_kept.all():
        notes.append(f"{int((~is_kept).sum())} spots that TrackMate's filters hid were left out")
    read = Localizations(
        {
            "n": number[is_kept],
            "x": spots[is_kept, 0],
            "y": spots[is_kept, 1],
            "z": spots[is_kept, 2],
            "frame": spots[is_kept, 3],
        },
        notes=notes,
        problems=paths.problem(),
    )
    _take_units(read, model)
    return read


def _ranks(
    ends: NDArray[np.int64], ids: NDArray[np.int64], order: NDArray[np.int64], path: Path
) -> NDArray[np.int64]:
    """Ranks of the spots that edges join."""
    place = np.searchsorted(ids[order], ends).clip(max=len(ids) - 1)
    rank: NDArray[np.int64] = order[place]
    missing = ends[ids[rank] != ends]
    if missing.size:
        raise FileFormatError(f"{path}: an edge leads to spot {missing[0]}, which is not there")
    return rank


def _numbers(
    paths: NDArray[np.int64], rank: NDArray[np.int64], track: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give paths the numbers of their tracks, and parts of a track that was cut new numbers."""
    number = np.full(len(paths), NO_TRACK, dtype=np.int64)
    if not track.size:
        return number
    of_spot = number.copy()
    of_spot[rank[:, 0]] = track
    of_spot[rank[:, 1]] = track
    in_track = paths != NO_TRACK
    pairs, pair = np.unique(
        np.column_stack([of_spot[in_track], paths[in_track]]), axis=0, return_inverse=True
    )
    is_first = np.ones(len(pairs), dtype=bool)
    is_first[1:] = np.diff(pairs[:, 0]) != 0
    new = pairs[:, 0].copy()
    new[~is_first] = track.max() + 1 + np.arange(int((~is_first).sum()))
    number[in_track] = new[pair.ravel()]
    return number


def _take_units(read: Localizations, model: _Model) -> None:
    """Take the units of the model; those of an image that was not calibrated are none."""
    said = {**model.image, **model.units}  # versions before 2 say units with the image
    read.length_unit = length_unit(said.get("spatialunits"))
    width = _number(model.image.get("pixelwidth"))
    if read.length_unit in MICROMETERS and width > 0:
        read.pixel_size = width * MICROMETERS[read.length_unit]
    elif read.length_unit == "px" and width > 0 and width != 1:
        read.units_per_pixel = width
        read.unit_source = f"a pixel of the image is {width:g} of its units, which are no pixels"
    read.frame_interval, notes = calibrated_interval(
        model.image.get("timeinterval"), said.get("timeunits"), read.length_unit
    )
    read.notes += notes
    if read.length_unit is None:
        read.unit_source = said.get("spatialunits", "")
    if read.pixel_size == 1:
        read.problems.append(
            "pixels of 1 µm are those of an image that was not calibrated: if it was not, set "
            "a.spt_data.pixel_size"
        )


def calibrated_interval(
    interval: str | None, unit: str | None, unit_of_length: str | None
) -> tuple[float | None, list[str]]:
    """Give the s between frames as TrackMate says it, or a note that it says nothing.

    An image without calibration has pixels of 1 pixel and, in ImageJ, frames every 1 sec.
    """
    seconds, known = _number(interval), time_unit(unit)
    if known in SECONDS and seconds > 0 and (unit_of_length != "px" or seconds != 1):
        return seconds * SECONDS[known], []
    return None, [f"the frame interval, {interval or '?'} {unit or '?'}, is that of no calibration"]


def _number(text: str | None) -> float:
    """NaN where there is none."""
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


READER = Reader("trackmate", "TrackMate, a saved session (XML)", _recognises, _read)
