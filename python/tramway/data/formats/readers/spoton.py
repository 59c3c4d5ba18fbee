"""Spot-On's own tables: ``frame t trajectory x y``, in µm and s."""

from tramway.data.formats.table_format import TableFormat

READER = TableFormat(
    marks=frozenset({"frame", "t", "trajectory", "x", "y"}),
    columns={
        "n": ["trajectory"],
        "frame": ["frame"],
        "t": ["t"],
        "x": ["x"],
        "y": ["y"],
        "z": ["z"],
    },
    length_unit="µm",
    time_unit="s",
).reader("spoton", "Spot-On, table of trajectories")
