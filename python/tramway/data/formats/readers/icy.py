"""Icy's tracks: ``<root><trackgroup><track id><detection t x y z/>…``, in pixels."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.xml_detections import read_detections

_VIRTUAL = "2"
"""Type of detections that Icy interpolates or predicts."""


def _recognises(start: FileStart) -> bool:
    tags = {tag for tag, _ in start.xml[:4]}
    return (
        bool(start.xml) and start.xml[0][0] == "root" and bool(tags & {"trackfile", "trackgroup"})
    )


def _read(path: Path) -> Localizations:
    found = read_detections(
        path, track="track", described="trackfile", counted="link", filled_in=_VIRTUAL
    )
    read = found.localizations()
    read.length_unit = "px"
    if found.filled_in:
        read.notes.append(
            f"{found.filled_in} detections that Icy filled in, where nothing was seen, were left "
            "out"
        )
    if found.counted:
        # Links join tracks that split or merge; each track is of one molecule without them.
        read.notes.append(f"{found.counted} links between tracks, which split or merge, were cut")
    return read


READER = Reader("icy", "Icy, tracks (XML)", _recognises, _read)
