"""TrackMate's simple export of tracks: ``<Tracks><particle><detection t x y z/>…``."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.units import length_unit
from tramway.data.formats.xml_detections import Detections, read_detections

from .trackmate import calibrated_interval


def _recognises(start: FileStart) -> bool:
    return bool(start.xml) and start.xml[0][0] == "Tracks"


def _read(path: Path) -> Localizations:
    found: Detections = read_detections(path, track="particle", described="Tracks")
    read = found.localizations()
    said = found.description
    read.length_unit = length_unit(said.get("spaceUnits"))
    read.unit_source = "" if read.length_unit else said.get("spaceUnits", "")
    read.frame_interval, note = calibrated_interval(
        said.get("frameInterval"), said.get("timeUnits"), read.length_unit
    )
    read.notes += note
    return read


READER = Reader("trackmate-tracks", "TrackMate, exported tracks (XML)", _recognises, _read)
