"""Sources of trajectories: files and tables, their settings, and what was made of them."""

from .in_memory import RWAnalyses, SourceInMemory, SPTDataFrame
from .rwa_file import RWAFile
from .settings import SETTINGS, Imaging, LocalizationNoise
from .source import Source
from .streamed_file import StreamedFile
from .table import SourceTable
from .text_file import SPTAsciiFile
from .tracking_file import SPTFile

__all__ = [
    "SETTINGS",
    "Imaging",
    "LocalizationNoise",
    "RWAFile",
    "RWAnalyses",
    "SPTAsciiFile",
    "SPTDataFrame",
    "SPTFile",
    "Source",
    "SourceInMemory",
    "SourceTable",
    "StreamedFile",
]
