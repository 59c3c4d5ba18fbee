"""trackpy's tables in text, linked or not: ``y x mass size ecc … frame [particle]``, in pixels."""

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Reader
from tramway.data.formats.table_format import TableFormat

FORMAT = TableFormat(
    marks=frozenset({"frame", "x", "y"}),
    columns={
        "n": ["particle"],
        "frame": ["frame"],
        "x": ["x"],
        "y": ["y"],
        "z": ["z"],
        "localization_precision": ["ep", "ep_x+ep_y"],
    },
    length_unit="px",
)
"""Also that of its tables in other containers."""


def is_trackpy(names: set[str]) -> bool:
    """Whether a table with columns of these names is trackpy's."""
    return FORMAT.marks <= names and bool({"particle", "ecc", "raw_mass"} & names)


def _recognises(start: FileStart) -> bool:
    return is_trackpy(set(start.header))


READER = Reader("trackpy", "trackpy, table as text", _recognises, FORMAT.read)
