"""The beginning of a file: enough to know its format, whatever the size of the rest."""

import contextlib
import csv
import json
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
_TEXT_LENGTH = 256
"""Bytes in which a text has no zero; one program ends its tables with a zero, and goes on."""


class FileStart:
    """What can be told of a file, or folder, without reading more than its beginning.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FileFormatError
        If it is neither a regular file nor a folder, or is empty.
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
        if known or b"\0" in self.bytes[:_TEXT_LENGTH]:
            return ""
        content = self.bytes.split(b"\0")[0].removeprefix(b"\xef\xbb\xbf")
        if len(self.bytes) == _LENGTH:
            content = content[: content.rfind(b"\n") + 1] or content
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("latin-1")

    @cached_property
    def lines(self) -> list[str]:
        """The first lines that are not blank."""
        return [line for line in self.text.splitlines()[:20] if line.strip()]

    @cached_property
    def delimiter(self) -> str:
        """What separates the fields of the first line: comma, semicolon or tab; else a blank."""
        first = self.lines[0] if self.lines else ""
        counts = {mark: first.count(mark) for mark in ",;\t"}
        best = max(counts, key=lambda mark: counts[mark])
        return best if counts[best] else " "

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Names in the first line of a table of text; none if there are numbers there."""
        names = fields_of(self.lines[0], self.delimiter) if self.lines else []
        if not names or self.text.startswith(("<", "#", "{")) or all(map(is_number, names)):
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
        return line.split()
    try:
        [fields] = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
        if len(fields) == 1 and delimiter in fields[0]:  # the line was quoted as a whole
            [fields] = csv.reader(fields, delimiter=delimiter, skipinitialspace=True)
    except (csv.Error, ValueError):
        return line.split(delimiter)
    return [field.strip() for field in fields]


def is_number(text: str) -> bool:
    """Whether a field is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
