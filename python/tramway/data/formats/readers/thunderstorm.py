"""ThunderSTORM: ``id frame x [nm] y [nm] … uncertainty [nm]``; localizations, frames from 1."""

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.json_stream import objects_of
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, check_purposes
from tramway.data.formats.text_table import TextTable
from tramway.data.formats.units import length_unit
from tramway.data.formats.usual_names import by_usual_names, other_units, unit_in
from tramway.errors import FileFormatError

_UNCERTAINTY = ("uncertainty_xy", "uncertainty")


def columns_with_units(names: Sequence[str]) -> dict[str, str]:
    """Columns ``frame``, ``x [unit]``, ``y [unit]``, ``z [unit]`` and the uncertainty.

    ThunderSTORM lets its users choose a unit for each of them.
    """
    stems = {name.partition(" [")[0]: name for name in reversed(names) if " [" in name}
    found = {purpose: stems[purpose] for purpose in "xyz" if purpose in stems}
    if "frame" in names:
        found["frame"] = "frame"
    uncertainty = next((stems[stem] for stem in _UNCERTAINTY if stem in stems), None)
    if uncertainty is not None:
        found["localization_precision"] = uncertainty
    return found


def has_positions(names: Sequence[str]) -> bool:
    """Whether a header has frames, and x and y with units of length in brackets."""
    found = columns_with_units(names)
    return {"frame", "x", "y"} <= found.keys() and all(
        length_unit(unit_in(found[purpose])) for purpose in "xy"
    )


def described(found: dict[str, str], source: str) -> TableFormat:
    """Give the format of a table with such columns."""
    length = length_unit(unit_in(found["x"]))
    return TableFormat(
        frozenset(),
        {},
        length_unit=length,
        other_units=other_units(found, length, source),
        first_frame=1,
    )


def _is_list(start: FileStart) -> bool:
    """Whether it is ThunderSTORM's JSON: a list of molecules, with the names of the table."""
    beginning = start.text.lstrip()
    return beginning.startswith("[") and '"frame"' in beginning and '"x [' in beginning


def _recognises(start: FileStart) -> bool:
    if _is_list(start):
        return True
    names = set(start.header)
    # Tracks in columns like these are another program's.
    has_tracks = "track.id" in names or "n" in by_usual_names(start.header)
    return has_positions(start.header) and not has_tracks


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    if _is_list(start):
        return _listed(path)
    table = TextTable(start)
    found = columns_with_units(table.names)
    check_purposes(found, table)
    return described(found, str(path)).localizations(found, table)


def _listed(path: Path) -> Localizations:
    found: dict[str, str] = {}
    columns: dict[str, array[float]] = {}
    for molecule in objects_of(path):
        if not found:
            found = columns_with_units(list(molecule))
            if not {"frame", "x", "y"} <= found.keys():
                raise FileFormatError(f"{path}: no frame, x and y among {', '.join(molecule):.500}")
            columns = {purpose: array("d") for purpose in found}
        for purpose, name in found.items():
            columns[purpose].append(float(molecule[name]))
    form = described(found, str(path)) if found else TableFormat(frozenset(), {})
    return Localizations(
        {purpose: np.frombuffer(values) for purpose, values in columns.items()},
        form.length_unit,
        dict(form.other_units),
        first_frame=form.first_frame,
    )


READER = Reader("thunderstorm", "ThunderSTORM, localizations", _recognises, _read)
