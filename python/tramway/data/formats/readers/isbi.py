"""The tracks of the particle tracking challenge of ISBI 2012, which several programs export."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.xml_detections import read_detections

_ROOT = "TrackContestISBI2012"


def _recognises(start: FileStart) -> bool:
    return any(tag == _ROOT for tag, _ in start.xml[:3])


def _read(path: Path) -> Localizations:
    read = read_detections(path, track="particle", described=_ROOT).localizations()
    read.length_unit = "px"
    return read


READER = Reader("isbi", "ISBI 2012 challenge, tracks (XML)", _recognises, _read)
