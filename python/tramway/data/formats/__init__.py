"""Files of tracking and localization programs: one reader each, and one list of them."""

from .facts import FileFacts
from .linking import Linking
from .reader import NO_TRACK, Localizations, Reader
from .reading import Reading, read_file, read_localizations
from .registry import READERS, reader_of
from .streaming import StreamedReading, stream_file
from .track_blocks import read_track_blocks

__all__ = [
    "NO_TRACK",
    "READERS",
    "FileFacts",
    "Linking",
    "Localizations",
    "Reader",
    "Reading",
    "StreamedReading",
    "read_file",
    "read_localizations",
    "read_track_blocks",
    "reader_of",
    "stream_file",
]
