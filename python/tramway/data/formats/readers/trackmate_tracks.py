"""TrackMate's simple export of tracks: ``<Tracks><particle><detection t x y z/>…``."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.units import SECONDS, length_unit, time_unit
from tramway.data.formats.xml_detections import Detections, read_detections


def _recognises(start: FileStart) -> bool:
    return bool(start.xml) and start.xml[0][0] == "Tracks"


def _read(path: Path) -> Localizations:
    found: Detections = read_detections(path, track="particle", described="Tracks")
    read = found.localizations()
    said = found.description
    read.length_unit = length_unit(said.get("spaceUnits"))
    unit = time_unit(said.get("timeUnits"))
    if unit in SECONDS:
        interval = float(said.get("frameInterval", "nan"))
        read.frame_interval = interval * SECONDS[unit] if interval > 0 else None
    else:
        interval_said = f"{said.get('frameInterval', '?')} {said.get('timeUnits', '?')}"
        read.notes.append(f"the frame interval in the file, {interval_said}, is in no unit of time")
    return read


READER = Reader("trackmate-tracks", "TrackMate, exported tracks (XML)", _recognises, _read)
