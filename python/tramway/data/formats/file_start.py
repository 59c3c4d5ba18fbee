"""The beginning of a file: enough to know its format, whatever the size of the rest."""

import contextlib
import csv
import json
import re
import stat
import zipfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.parsers import expat

from tramway.errors import FileFormatError

from .matlab_5 import SIGNATURE, variable_names

_LENGTH = 1 << 16
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LINES = 40
_MARKS = "\t;,"
"""What may separate fields; of two that are equally many, a comma is that of decimals."""

_PICKLE = "is a pickle, which can hold programs and is not loaded: save it as CSV or Parquet"
_NO_TABLES = {
    b"BZh": "is compressed by bzip2: unpack it first",
    b"\xfd7zXZ": "is compressed by xz: unpack it first",
    b"\xd0\xcf\x11\xe0": "is a workbook, or another file of Office: save its sheet as CSV",
    b"II*\0": "is an image (TIFF), expected tracks or localizations",
    b"MM\0*": "is an image (TIFF), expected tracks or localizations",
    b"%PDF": "is a PDF, expected tracks or localizations",
    b"ARROW1": "is Arrow or Feather: save it as Parquet",
    b"RDX": "is saved by R: write its table as CSV",
    b"\x80\x02": _PICKLE,
    b"\x80\x03": _PICKLE,
    b"\x80\x04": _PICKLE,
    b"\x80\x05": _PICKLE,
    b"{": "is JSON, expected a table: save it as CSV",
    b"[{": "is JSON, expected a table: save it as CSV",
    b"Iout": "is a region of ImageJ's, expected tracks or localizations",
    b"MTrackJ": "is of MTrackJ: save its measurements of points as CSV",
    b"PK\x03\x04": "is a zip archive of files that no reader knows as one: unpack it first",
}
"""What people have beside their tracks, by how it begins."""

_OTHER_TABLES = {
    "SPOT_SOURCE_ID": "is TrackMate's table of links: export that of spots, which has positions",
    "NUMBER_SPOTS": "is TrackMate's table of tracks: export that of spots, which has positions",
    "N_PREDECESSORS": "is TrackMate's table of branches: export that of spots, which has positions",
}
"""Tables without positions, by a name in their header."""

_OTHER_TEXTS = {
    r"(<\?xml[^>]*>\s*)?<results>": "is ThunderSTORM's XML: export CSV or JSON",
    r"- ['\"]?\w+( \[\w+\])?['\"]?: .*\n  ['\"]?\w+": "is YAML: if it is ThunderSTORM's, export "
    "CSV or JSON",
    r"%[^\n]*\n(.*\n)*?%+\s*Trajectory \d": "is MosaicSuite's report: save its table of all "
    "trajectories",
}
"""Other texts that programs save, by a pattern of how they begin."""

_TEXT_LENGTH = 256
_LINES_OF_TEXT = re.compile(rb"(?:[^\0-\x08\x0b\x0c\x0e-\x1f]+\n){2,}[\r\n]*")
"""What may be before a zero in so many bytes: one program ends its tables so, and goes on."""


class FileStart:
    """What can be told of a file, or folder, without reading more than its beginning.

    Parameters
    ----------
    path
        The file.
    skipped
        Number of lines above the table, blank ones and comments not counted.

    Raises
    ------
    FileFormatError
        If it is neither a regular file nor a folder, or is empty.
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path, skipped: int = 0) -> None:
        self.path = path
        self._skipped = skipped
        self.is_folder = path.is_dir()
        self.bytes = b""
        if not self.is_folder:
            if not stat.S_ISREG(path.stat().st_mode):
                raise FileFormatError(f"{path} is no regular file, expected a file of trajectories")
            with path.open("rb") as file:
                self.bytes = file.read(_LENGTH)
            if not self.bytes:
                raise FileFormatError(f"{path} is empty, expected a file of trajectories")

    @cached_property
    def is_hdf5(self) -> bool:
        """Whether it is HDF5, MATLAB 7.3 included, which puts 512 bytes of its own before it."""
        return _HDF5_SIGNATURE in (self.bytes[:8], self.bytes[512:520])

    @cached_property
    def is_zip(self) -> bool:
        """Whether it is a zip archive."""
        return self.bytes.startswith(b"PK\x03\x04")

    @cached_property
    def zip_names(self) -> frozenset[str]:
        """Names of the files in a zip archive."""
        if not self.is_zip:
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
            return frozenset()

    @cached_property
    def is_parquet(self) -> bool:
        """Whether it is Parquet."""
        return self.bytes.startswith(b"PAR1")

    @cached_property
    def text(self) -> str:
        """The beginning as text, in whole lines; empty if it is none."""
        known = self.is_hdf5 or self.is_zip or self.is_parquet
        first, zero, _ = self.bytes[:_TEXT_LENGTH].partition(b"\0")
        if known or (zero and not _LINES_OF_TEXT.fullmatch(first)):
            return ""
        content = self.bytes.split(b"\0")[0].removeprefix(b"\xef\xbb\xbf")
        if not self.is_all:
            content = content[: content.rfind(b"\n") + 1] or content
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("latin-1")

    @property
    def is_no_table(self) -> str:
        """What it is instead of tracks, and what to do about it, if that is known."""
        if self.zip_names & {"xl/workbook.xml", "content.xml"}:
            return "is a workbook of a spreadsheet program: save its sheet as CSV"
        if any(name.endswith("data.pkl") for name in self.zip_names):
            return _PICKLE
        other = next((what for name, what in _OTHER_TABLES.items() if name in self.header), None)
        if other is not None:
            return other
        names = ", ".join(sorted(self.matlab_names))
        if names:
            return f"holds {names:.200}, of which no reader knows any"
        if self.is_hdf5 or self.bytes.startswith(SIGNATURE):
            kind = "HDF5" if self.is_hdf5 else "of MATLAB"
            return f"is {kind}, and nothing in it can be read: it is empty, damaged or cut short"
        for pattern, what in _OTHER_TEXTS.items():
            if re.match(pattern, self.text[:_TEXT_LENGTH].lstrip()):
                return what
        return next(
            (what for start, what in _NO_TABLES.items() if self.bytes.startswith(start)), ""
        )

    @property
    def is_all(self) -> bool:
        """Whether there is no more of the file than its beginning."""
        return len(self.bytes) < _LENGTH

    @cached_property
    def line_end(self) -> str:
        """What lines of text end with: a line feed, or the carriage return of old programs."""
        return "\r" if "\r" in self.text and "\n" not in self.text else "\n"

    @cached_property
    def _numbered_lines(self) -> list[tuple[int, str]]:
        """The first lines and how many are before each, without blank ones.

        Comments above the table, and what tells a spreadsheet the delimiter, are left out.
        """
        lines = enumerate(self.text.split(self.line_end, _LINES)[:_LINES])
        found = [(number, line.rstrip("\r")) for number, line in lines if line.strip()]
        if found and found[0][1].strip('"').startswith("sep="):
            found = found[1:]
        if self.text[:8].lstrip("# ").startswith("<"):  # a description of columns in XML
            return found
        comments = next((i for i, (_, line) in enumerate(found) if line[0] not in "#%"), 0)
        if comments:
            number, last = found[comments - 1]
            row = found[comments][1]
            # The last comment above rows of numbers has their names, if it has as many.
            fields = _separated_as(row, last.lstrip("#% "))
            is_header = bool(fields) and _holds_number(row) and not _holds_number(last)
            found = found[comments:]
            if is_header:
                found.insert(0, (number, fields))
        return found[self._skipped :]

    @property
    def lines(self) -> list[str]:
        """The first lines that are not blank."""
        return [line for _, line in self._numbered_lines]

    @property
    def line_numbers(self) -> list[int]:
        """How many lines are before each of `lines`."""
        return [number for number, _ in self._numbered_lines]

    @cached_property
    def delimiter(self) -> str:
        """What separates the fields of the first lines: comma, semicolon or tab; else a blank."""
        lines = self.lines or [""]
        # A mark within a name, or a decimal comma, is in the one line and not in the other.
        counts = {mark: min(lines[0].count(mark), lines[-1].count(mark)) for mark in _MARKS}
        if not any(counts.values()):
            counts = {mark: lines[0].count(mark) for mark in _MARKS}
        best = max(counts, key=lambda mark: counts[mark])
        return best if counts[best] else " "

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Names in the first line of a table of text; none if there are numbers there."""
        names = fields_of(self.lines[0], self.delimiter) if self.lines else []
        is_row = all(is_number(name, self.delimiter) for name in names)
        if not names or self.lines[0][0] in "<#%{" or is_row:
            return ()
        return tuple(names)

    @cached_property
    def xml(self) -> list[tuple[str, Mapping[str, str]]]:
        """The first tags of an XML file, with their attributes; none if it is no XML."""
        tags: list[tuple[str, Mapping[str, str]]] = []
        if not self.text.lstrip().startswith("<"):
            return tags
        parser = expat.ParserCreate()

        def take(tag: str, attributes: dict[str, str]) -> None:
            tags.append((tag, attributes))

        parser.StartElementHandler = take
        with contextlib.suppress(expat.ExpatError, ValueError, LookupError):
            # Only the beginning is here: it ends anywhere.
            parser.Parse(self.bytes, False)
        return tags

    @cached_property
    def hdf5_names(self) -> frozenset[str]:
        """Names of what is in the root of an HDF5 file, and one level below, as ``a/b``."""
        if not self.is_hdf5:
            return frozenset()
        import h5py

        names = set()
        try:
            with h5py.File(self.path, "r") as root:
                for name in root:
                    names.add(name)
                    # A link to elsewhere is not followed, nor a damaged one.
                    if isinstance(root.get(name, getlink=True), h5py.HardLink):
                        item = root.get(name)
                        if isinstance(item, h5py.Group):
                            names |= {f"{name}/{below}" for below in item}
        except (OSError, RuntimeError, KeyError, ValueError):
            return frozenset()
        return frozenset(names)

    @cached_property
    def matlab_names(self) -> frozenset[str]:
        """Names of the variables of a MATLAB file, of version 5 to 7.3."""
        if self.is_hdf5:
            return frozenset(name for name in self.hdf5_names if "/" not in name)
        if not self.bytes.startswith(SIGNATURE):
            return frozenset()
        return variable_names(self.path)

    @cached_property
    def json(self) -> Any:
        """Metadata of a Zarr folder, ``.zattrs`` or the attributes of ``zarr.json``; else None."""
        for name in (".zattrs", "zarr.json"):
            path = self.path / name
            if self.is_folder and path.is_file() and path.stat().st_size < 1 << 26:
                try:
                    found = json.loads(path.read_text(encoding="utf-8"))
                except (ValueError, OSError, RecursionError):
                    continue
                if isinstance(found, dict):
                    return found.get("attributes", {}) if name == "zarr.json" else found
        return None


def fields_of(line: str, delimiter: str) -> list[str]:
    """Fields of a line of text, without quotes and blanks around them."""
    if delimiter == " ":
        return [field.strip('"') for field in line.split()]
    try:
        [fields] = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
        if len(fields) == 1 and delimiter in fields[0]:  # the line was quoted as a whole
            [fields] = csv.reader(fields, delimiter=delimiter, skipinitialspace=True)
    except (csv.Error, ValueError):
        return line.split(delimiter)
    return [field.strip() for field in fields]


def _separated_as(row: str, names: str) -> str:
    """Give names separated as the fields of a row are; empty if there are not as many of them."""
    for mark in (*_MARKS, None):
        count = len(row.split(mark))
        for found in (names.split(mark), names.split()):
            if count > 1 and count == len(found):
                return (mark or " ").join(found)
    return ""


def _holds_number(line: str) -> bool:
    return any(map(is_number, line.replace(",", " ").replace(";", " ").split()))


def is_number(text: str, delimiter: str = ",") -> bool:
    """Whether a field is a number; with a decimal comma, if commas do not separate fields."""
    try:
        float(text if delimiter == "," else text.replace(",", "."))
    except ValueError:
        return False
    return True
