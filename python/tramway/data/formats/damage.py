"""What libraries raise on damaged files, as one error that names the file."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tramway.errors import FileFormatError, TramwayError

_RAISED_BY_LIBRARIES = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
    RuntimeError,
    MemoryError,
    SystemError,  # of codecs that are not written in Python
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)


@contextmanager
def understood(path: Path, kind: str) -> Iterator[None]:
    """Make whatever a library raises on a file within the block an error about that file.

    Raises
    ------
    FileFormatError
        Instead of any other error but those that this package raises on purpose.
    """
    try:
        yield
    except (TramwayError, FileNotFoundError, PermissionError):
        raise
    except _RAISED_BY_LIBRARIES as error:
        reason = str(error).strip().partition("\n")[0][:300] or type(error).__name__
        raise FileFormatError(
            f"{path} cannot be read as {kind}: {reason}; it is damaged or cut short, or another "
            "format (name it with `format`)"
        ) from error
