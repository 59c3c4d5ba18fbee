"""swift: ThunderSTORM's columns, with tracks and their segments of one kind of motion each."""

from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import NO_TRACK, Localizations, Reader
from tramway.data.formats.table_format import check_purposes
from tramway.data.formats.text_table import TextTable
from tramway.errors import InvalidInputError

from .thunderstorm import columns_with_units, described, has_positions

_MARKS = frozenset({"track.id", "seg.id"})
_SEGMENT = "seg.id"
_MOTION = "seg.motion"


def _read(path: Path, tracks: str = "track.id", drop_immobile: bool = False) -> Localizations:
    """Read the tracks, or the segments, of a file.

    Parameters
    ----------
    path
        The file.
    tracks
        ``'track.id'``: whole tracks. ``'seg.id'``: each segment is a track of its own.
    drop_immobile
        Whether localizations of segments that swift calls immobile are left out. What is left of a
        track is cut where one was.
    """
    if tracks not in ("track.id", "seg.id"):
        raise InvalidInputError(f"`tracks` is {tracks!r}, expected 'track.id' or 'seg.id'")
    table = TextTable(FileStart(path))
    found = {"n": tracks, **columns_with_units(table.names)}
    check_purposes(found, table)
    words = {_MOTION: ["immobile"]} if _MOTION in table.names else {}
    extra = {_SEGMENT: _SEGMENT} if drop_immobile and words else {}
    read = described(found, str(path)).localizations(found | extra, table, words)
    read.notes.append(f"tracks are those of {tracks}")
    is_immobile = read.columns.pop(_MOTION, None)
    segment = read.columns.pop(_SEGMENT, None)
    if is_immobile is None:
        return read
    share = float(is_immobile.mean())
    if segment is not None:
        # A step from before to after an immobile segment is not one that was observed.
        number = read.columns["n"]
        _, both = np.unique(np.column_stack([number, segment]), axis=0, return_inverse=True)
        read.columns["n"] = np.where(number == NO_TRACK, NO_TRACK, both.ravel())
        read.columns = {name: v[~is_immobile] for name, v in read.columns.items()}
    done = "left out" if drop_immobile else "kept, drop_immobile=True leaves them out"
    read.notes.append(f"{share:.0%} of localizations are in immobile segments: {done}")
    return read


def _recognises(start: FileStart) -> bool:
    return set(start.header) >= _MARKS and has_positions(start.header)


READER = Reader("swift", "swift, tracked localizations", _recognises, _read)
