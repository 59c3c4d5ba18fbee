"""XML files of tracks that hold ``<detection t x y z/>``: three programs write such."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tramway.errors import FileFormatError

from .reader import Localizations
from .xml_stream import read_xml


@dataclass
class Detections:
    """What was found.

    Attributes
    ----------
    path
        The file.
    numbers
        Track of each detection.
    values
        Frame, x, y, z of each, one after the other.
    description
        Attributes of the tag that describes the file.
    counted
        How often another tag was there.
    filled_in
        How many detections were left out, since nothing was seen there.
    """

    path: Path
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    description: Mapping[str, str] = field(default_factory=dict)
    counted: int = 0
    filled_in: int = 0

    def localizations(self) -> Localizations:
        """Give the columns; tracks have the numbers of the file, or are counted from 0."""
        if not self.numbers:
            raise FileFormatError(f"{self.path}: no detection in it, expected tracks")
        values = np.frombuffer(self.values, dtype=np.float64).reshape(-1, 4)
        columns: dict[str, Any] = {"n": np.frombuffer(self.numbers, dtype=np.int64)}
        columns |= {name: values[:, rank] for rank, name in enumerate(("frame", "x", "y", "z"))}
        return Localizations(columns)


def read_detections(
    path: Path,
    *,
    track: str,
    described: str,
    counted: str | None = None,
    filled_in: str | None = None,
) -> Detections:
    """Read the detections of a file.

    Parameters
    ----------
    path
        The file.
    track
        Name of the tag that encloses the detections of a track; its ``id``, if no track before has
        it, is the number of the track.
    described
        Name of the tag whose attributes describe the file.
    counted
        Name of a tag to count.
    filled_in
        ``type`` of the detections that a program made up where it saw nothing; they are left out.
    """
    found = Detections(path)
    tracks = 0
    numbers: set[int] = set()
    number: int | None = None

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal tracks, number
        if tag == "detection":
            if number is None:
                raise ValueError(f"a detection outside of any <{track}>")
            if filled_in is not None and attributes.get("type") == filled_in:
                found.filled_in += 1
                return
            found.numbers.append(number)
            # Arrays, since tuples of numbers take ten times as much.
            found.values.extend(
                (
                    float(attributes["t"]),
                    float(attributes["x"]),
                    float(attributes["y"]),
                    float(attributes.get("z", 0)),
                )
            )
        elif tag == track:
            number = int(attributes.get("id", tracks))
            if number in numbers:  # groups of tracks begin anew
                number = max(numbers) + 1
            numbers.add(number)
            tracks += 1
        elif tag == described:
            found.description = dict(attributes)
        elif tag == counted:
            found.counted += 1

    def end(tag: str) -> None:
        nonlocal number
        if tag == track:
            number = None

    read_xml(path, start, end)
    return found
