"""rapidSTORM: numbers below a comment that describes the columns in XML; tracks, one on a line."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, mean_square
from tramway.data.formats.text_table import TextTable
from tramway.data.formats.units import SECONDS, length_unit, time_unit
from tramway.errors import FileFormatError

_BEGINNING = re.compile(r"#\s*<localizations")
_UNCERTAINTIES = ("Position-0-0-uncertainty", "Position-1-0-uncertainty")
_PURPOSES = {
    "Position-0-0": "x",
    "Position-1-0": "y",
    "Position-2-0": "z",
    "ImageNumber-0-0": "frame",
}


@dataclass
class _Columns:
    """What the first line says.

    Attributes
    ----------
    fields
        Identifier and unit of each field of a row.
    repeated
        The same of what each row has any number of times behind them, with their number in front:
        the localizations of a track.
    """

    fields: list[tuple[str, str]] = field(default_factory=list)
    repeated: list[tuple[str, str]] = field(default_factory=list)

    def found(self, path: Path) -> tuple[dict[str, str], dict[str, str | None]]:
        """Ranks of the columns that are wanted, among those of a localization, and their units."""
        fields = self.repeated or self.fields
        ranks: dict[str, str] = {}
        units: dict[str, str | None] = {}
        for rank, (name, unit) in enumerate(fields):
            purpose = _PURPOSES.get(name)
            if purpose == "frame" and time_unit(unit) in SECONDS:
                purpose, units["t"] = "t", time_unit(unit)
            elif purpose is not None:
                units[purpose] = length_unit(unit)
            if purpose is not None:
                ranks[purpose] = str(rank)
        missing = [purpose for purpose in ("x", "y") if purpose not in ranks]
        if not ranks.keys() & {"frame", "t"}:
            missing.append("frame")
        if missing:
            raise FileFormatError(f"{path}, line 1: no column for {', '.join(missing)}")
        names = dict(fields)
        if {*_UNCERTAINTIES} <= names.keys() and len({names[n] for n in _UNCERTAINTIES}) == 1:
            along = [str([name for name, _ in fields].index(n)) for n in _UNCERTAINTIES]
            ranks["localization_precision"] = "+".join(along)
            units["localization_precision"] = length_unit(names[_UNCERTAINTIES[0]])
        if units["x"] != units["y"]:
            raise FileFormatError(f"{path}, line 1: coordinates in different units")
        return ranks, units


def _recognises(start: FileStart) -> bool:
    return bool(_BEGINNING.match(start.text))


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    columns = _described(start)
    found, units = columns.found(path)
    if columns.repeated:
        read = _tracks(path, columns, found)
    else:
        table = TextTable(start, header_lines=1)
        table.names = list(map(str, range(len(columns.fields))))
        read = TableFormat(frozenset(), {}).localizations(found, table)
    read.length_unit, read.time_unit = units["x"], units.get("t")
    for purpose in ("z", "localization_precision"):
        own = units.get(purpose)
        if own is not None and own != read.length_unit:
            read.other_units[purpose] = own
    return read


def _described(start: FileStart) -> _Columns:
    columns = _Columns()
    depth = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += tag == "localizations"
        if tag == "field":
            found = attributes.get("identifier", ""), attributes.get("unit", "")
            (columns.repeated if depth > 1 else columns.fields).append(found)

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        parser.Parse(start.text.partition("\n")[0].lstrip("# "), True)
    except expat.ExpatError as error:
        raise FileFormatError(
            f"{start.path}, line 1: the description of columns: {error}"
        ) from None
    return columns


def _tracks(path: Path, columns: _Columns, found: dict[str, str]) -> Localizations:
    """Read a file of tracks, one on a line: mean values, a number, so many localizations."""
    before, width = len(columns.fields), len(columns.repeated)
    numbers, tracks = [], []
    with path.open("rb") as file:
        file.readline()
        for line, text in enumerate(file, start=2):
            fields = text.split()
            if not fields:
                continue
            count = (len(fields) - before - 1) // width
            try:
                if count < 0 or int(fields[before]) != count:
                    raise ValueError
                values = np.array(fields[before + 1 :], dtype=np.float64).reshape(count, width)
            except (ValueError, IndexError):
                raise FileFormatError(
                    f"{path}, line {line}: {len(fields)} fields, expected {before} numbers, the "
                    f"number of localizations of the track, and {width} numbers for each"
                ) from None
            tracks.append(values)
            numbers.append(np.full(count, line - 2, dtype=np.int64))
    if not tracks:
        raise FileFormatError(f"{path}: no track, expected one on each line")
    table = np.concatenate(tracks)
    fields_of_all = {str(rank): table[:, rank] for rank in range(width)}
    taken = {purpose: mean_square(fields_of_all, ranks) for purpose, ranks in found.items()}
    return Localizations(taken | {"n": np.concatenate(numbers)})


READER = Reader("rapidstorm", "rapidSTORM, localizations or tracks", _recognises, _read)
