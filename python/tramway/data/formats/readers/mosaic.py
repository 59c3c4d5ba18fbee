"""MosaicSuite's particle tracker: ``Trajectory Frame x y z m0 …``, in pixels, frames from 0."""

from tramway.data.formats.table_format import TableFormat

READER = TableFormat(
    marks=frozenset({"Trajectory", "Frame", "x", "y"}),
    columns={"n": ["Trajectory"], "frame": ["Frame"], "x": ["x"], "y": ["y"], "z": ["z"]},
    length_unit="px",
).reader("mosaic", "MosaicSuite, table of trajectories")
