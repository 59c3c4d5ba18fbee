"""Parts: results, appended to files of a run directory, and where they are."""

from dataclasses import dataclass
from pathlib import Path

from tramway import _core
from tramway.errors import DamagedPartError

from .ownership import append, open_own


@dataclass(frozen=True, slots=True)
class Part:
    """Where a result is.

    Attributes
    ----------
    file
        Name of the file, relative to the run directory.
    offset, length
        Its bytes.
    checksum
        CRC-32 of them.
    """

    file: str
    offset: int
    length: int
    checksum: int


def store(folder: Path, file: str, content: bytes) -> Part:
    """Append a content to a file of a run directory, and tell where it is."""
    offset = append(folder / file, content)
    return Part(file, offset, len(content), _core.crc_32(content))


def load(folder: Path, part: Part) -> bytes:
    """Read a content.

    Raises
    ------
    DamagedPartError
        If it is not there as it was written.
    """
    path = folder / part.file
    try:
        with open_own(path) as file:
            file.seek(part.offset)
            content = file.read(part.length)
    except FileNotFoundError:
        raise DamagedPartError(f"{path} is missing: the result has to be made again") from None
    if len(content) != part.length or _core.crc_32(content) != part.checksum:
        raise DamagedPartError(
            f"{path} is damaged: {part.length} bytes from {part.offset} are not those that were "
            "written, the result has to be made again"
        )
    return content
