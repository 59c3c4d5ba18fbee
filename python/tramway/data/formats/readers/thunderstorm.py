"""ThunderSTORM: ``id frame x [nm] y [nm] … uncertainty [nm]``; localizations, frames from 1."""

from pathlib import Path

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, check_purposes
from tramway.data.formats.text_table import TextTable
from tramway.data.formats.units import length_unit
from tramway.data.formats.usual_names import by_usual_names
from tramway.errors import FileFormatError


def _recognises(start: FileStart) -> bool:
    names = set(start.header)
    # Tracks in columns like these are another program's.
    has_tracks = "track.id" in names or "n" in by_usual_names(start.header)
    return "frame" in names and _unit(names) is not None and not has_tracks


def _unit(names: set[str]) -> str | None:
    """Tell the unit in which both coordinates are."""
    units = ("nm", "px", "um", "µm", "m")
    return next((unit for unit in units if {f"x [{unit}]", f"y [{unit}]"} <= names), None)


def _read(path: Path) -> Localizations:
    table = TextTable(FileStart(path))
    unit = _unit(set(table.names))
    if unit is None:
        raise FileFormatError(f"{path}: no columns x [nm] and y [nm], nor the same in px or µm")
    names = {
        "frame": "frame",
        "x": f"x [{unit}]",
        "y": f"y [{unit}]",
        "z": f"z [{unit}]",
    }
    for name in (f"uncertainty_xy [{unit}]", f"uncertainty [{unit}]"):
        if name in table.names:
            names.setdefault("localization_precision", name)
    found = {purpose: name for purpose, name in names.items() if name in table.names}
    check_purposes(found, table)
    described = TableFormat(frozenset(), {}, length_unit=length_unit(unit), first_frame=1)
    return described.localizations(found, table)


READER = Reader("thunderstorm", "ThunderSTORM, localizations", _recognises, _read)
