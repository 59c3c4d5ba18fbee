"""rapidSTORM: numbers below a comment that describes the columns in XML; no tracks."""

from pathlib import Path
from xml.parsers import expat

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, check_purposes
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


def _recognises(start: FileStart) -> bool:
    return start.text.startswith(_BEGINNING)


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    first = start.text.partition("\n")[0]
    fields: list[tuple[str, str]] = []

    def take(tag: str, attributes: dict[str, str]) -> None:
        if tag == "field":
            fields.append((attributes.get("identifier", ""), attributes.get("unit", "")))

    parser = expat.ParserCreate()
    parser.StartElementHandler = take
    try:
        parser.Parse(first.lstrip("# "), True)
    except expat.ExpatError as error:
        raise FileFormatError(f"{path}, line 1: the description of columns: {error}") from None
    found = {
        _PURPOSES[name]: str(rank) for rank, (name, _) in enumerate(fields) if name in _PURPOSES
    }
    units = {length_unit(unit) for name, unit in fields if _PURPOSES.get(name) in ("x", "y")}
    if len(units) != 1:
        raise FileFormatError(f"{path}, line 1: coordinates in different units")
    table = TextTable(start, header_lines=1)
    table.names = list(map(str, range(len(fields))))
    check_purposes(found, table)
    return TableFormat(frozenset(), {}, length_unit=units.pop()).localizations(found, table)


READER = Reader("rapidstorm", "rapidSTORM, localizations", _recognises, _read)
