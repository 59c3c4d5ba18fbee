"""ONI Nanoimager: ``Channel Frame X (nm) Y (nm) …``; localizations without tracks."""

from tramway.data.formats.table_format import TableFormat

READER = TableFormat(
    marks=frozenset({"Channel", "Frame", "X (nm)", "Y (nm)"}),
    columns={
        "frame": ["Frame"],
        "x": ["X (nm)"],
        "y": ["Y (nm)"],
        "z": ["Z (nm)"],
        "localization_precision": ["X precision (nm)+Y precision (nm)", "Precision (nm)"],
    },
    length_unit="nm",
).reader("oni", "ONI Nanoimager, localizations")
