"""saSPT and quot: ``y x frame trajectory …``, in pixels, frames from 0."""

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Reader
from tramway.data.formats.table_format import TableFormat

_FORMAT = TableFormat(
    marks=frozenset({"trajectory", "frame", "x", "y"}),
    columns={
        "n": ["trajectory"],
        "frame": ["frame"],
        "x": ["x"],
        "y": ["y"],
        "localization_precision": ["x_err+y_err"],
    },
    length_unit="px",
)


def _recognises(start: FileStart) -> bool:
    # With a time, it is Spot-On's; saSPT knows no z.
    return _FORMAT.recognises(start) and not {"t", "z"} & set(start.header)


READER = Reader("saspt", "saSPT or quot, table of trajectories", _recognises, _FORMAT.read)
