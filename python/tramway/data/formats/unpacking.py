"""Files compressed by gzip, and text in UTF-16: unpacked, so that readers see neither."""

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tramway.errors import FileFormatError, TramwayError

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

_LARGEST_RATIO = 200
"""How many times as large as compressed a file may be; tables are five times, XML thirty times."""

_ALWAYS_ALLOWED = 1 << 26
"""Bytes that a file may have, however small it is compressed."""

_CHUNK = 1 << 20


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give a file that readers understand: the file itself, or what it holds, in a temporary one.

    That is removed in the end; it has the name of the file without ``.gz``.

    Yields
    ------
    Path
        The file to read. Errors of this package that name it name `path` instead.

    Raises
    ------
    FileFormatError
        If the file is damaged, is compressed twice, or is more than two hundred times, and 64 MiB,
        as large as compressed; if it is text in UTF-32.
    """
    beginning = b""
    if path.is_file():
        with path.open("rb") as file:
            beginning = file.read(4)
    if not beginning.startswith((_GZIP, *_UTF_16)) and beginning not in _UTF_32:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tramway-") as folder:
        plain = Path(folder) / (path.stem if path.suffix.lower() == ".gz" else path.name)
        try:
            if beginning.startswith(_GZIP):
                _decompress(path, plain)
                with plain.open("rb") as file:
                    beginning = file.read(4)
                if beginning.startswith(_GZIP):
                    raise FileFormatError(f"{path} is compressed twice: unpack it first")
            if beginning in _UTF_32:
                raise FileFormatError(f"{path} is text in UTF-32, expected UTF-8: save it as that")
            if beginning.startswith(_UTF_16):
                of = path if not plain.exists() else plain
                again = plain.with_name(f"8-{plain.name}") if of is plain else plain
                _transcode(of, again, path)
                again.replace(plain)
            yield plain
        except TramwayError as error:
            raise type(error)(str(error).replace(str(plain), str(path))) from error


def _decompress(path: Path, plain: Path) -> None:
    largest = max(_ALWAYS_ALLOWED, _LARGEST_RATIO * path.stat().st_size)
    try:
        with gzip.open(path) as packed, plain.open("wb") as file:
            while chunk := packed.read(_CHUNK):
                file.write(chunk)
                if file.tell() > largest:
                    raise FileFormatError(
                        f"{path} is more than {_LARGEST_RATIO} times as large as compressed, which "
                        "no table is: if it is meant, unpack it first"
                    )
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise FileFormatError(
            f"{path} cannot be decompressed: {error}; it is damaged or cut short"
        ) from error


def _transcode(path: Path, plain: Path, named: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        with path.open("rb") as file, plain.open("wb") as result:
            chunk = file.read(_CHUNK)
            text = decoder.decode(chunk)
            if text.startswith("<?xml"):  # says its encoding, which it no longer has
                text = re.sub(r"(?i)utf-16(le|be)?", "UTF-8", text, count=1)
            while chunk:
                result.write(text.encode())
                chunk = file.read(_CHUNK)
                text = decoder.decode(chunk, final=not chunk)
    except UnicodeError as error:
        raise FileFormatError(
            f"{named} is no text in UTF-16, as which it begins: {error}"
        ) from error
