"""rapidSTORM: numbers below a comment that describes the columns in XML; tracks, one on a line."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat
from tramway.data.formats.text_table import TextTable
from tramway.data.formats.units import length_unit
from tramway.errors import FileFormatError

_BEGINNING = "# <localizations"
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

    def ranks(self, path: Path) -> dict[str, int]:
        """Ranks of the columns that are wanted, among those of a localization."""
        fields = self.repeated or self.fields
        found = {
            _PURPOSES[name]: rank for rank, (name, _) in enumerate(fields) if name in _PURPOSES
        }
        missing = [purpose for purpose in ("x", "y", "frame") if purpose not in found]
        if missing:
            raise FileFormatError(f"{path}, line 1: no column for {', '.join(missing)}")
        return found

    def unit(self, path: Path) -> str | None:
        fields = self.repeated or self.fields
        units = {length_unit(unit) for name, unit in fields if _PURPOSES.get(name) in ("x", "y")}
        if len(units) != 1:
            raise FileFormatError(f"{path}, line 1: coordinates in different units")
        return units.pop()


def _recognises(start: FileStart) -> bool:
    return start.text.startswith(_BEGINNING)


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    columns = _described(start)
    ranks = columns.ranks(path)
    unit = columns.unit(path)
    if columns.repeated:
        read = _tracks(path, columns, ranks)
        read.length_unit = unit
        return read
    table = TextTable(start, header_lines=1)
    table.names = list(map(str, range(len(columns.fields))))
    found = {purpose: str(rank) for purpose, rank in ranks.items()}
    return TableFormat(frozenset(), {}, length_unit=unit).localizations(found, table)


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


def _tracks(path: Path, columns: _Columns, ranks: dict[str, int]) -> Localizations:
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
    found = {purpose: table[:, rank] for purpose, rank in ranks.items()}
    return Localizations(found | {"n": np.concatenate(numbers)})


READER = Reader("rapidstorm", "rapidSTORM, localizations or tracks", _recognises, _read)
