"""Lines of a text file with their numbers, for messages that name the place."""

from pathlib import Path
from typing import TextIO

import numpy as np

from tramway.errors import FileFormatError

_LONGEST_LINE = 1 << 20


class NumberedLines:
    """Lines of a file that are not blank, with their numbers."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._number = 0

    @property
    def place(self) -> str:
        """Where the last line is."""
        return f"line {self._number}"

    def error(self, reason: str) -> FileFormatError:
        """Make an error about the last line."""
        return FileFormatError(f"{self._path}, {self.place}: {reason}")

    def next(self) -> str | None:
        """Give the next line; None at the end."""
        while line := self._file.readline(_LONGEST_LINE):
            self._number += 1
            if len(line) == _LONGEST_LINE:
                raise self.error(f"a line of more than {_LONGEST_LINE} letters")
            if line.strip():
                return line.strip()
        return None

    def required(self) -> str:
        """Give the next line, which there has to be."""
        line = self.next()
        if line is None:
            raise FileFormatError(f"{self._path} ends within a zone, after line {self._number}")
        return line

    def values(self, line: str, name: str) -> list[float]:
        """Give the numbers of a line that begins with a name."""
        found, colon, rest = line.partition(":")
        if found.strip() != name or not colon:
            raise self.error(f"{line[:60]!r}, expected '{name}: …'")
        return self.numbers(rest)

    def value(self, line: str, name: str) -> float:
        """Give the only number of a line that begins with a name."""
        values = self.values(line, name)
        if len(values) != 1 or not np.isfinite(values[0]):
            raise self.error(f"{line[:60]!r}, expected one number after '{name}:'")
        return values[0]

    def numbers(self, text: str) -> list[float]:
        """Give the numbers of a text."""
        try:
            return [float(field) for field in text.split()]
        except ValueError:
            raise self.error(f"{text[:60]!r}, expected numbers") from None
