"""XML read as a stream, tag by tag: memory does not grow with the file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias
from xml.parsers import expat

from tramway.errors import FileFormatError

StartTag: TypeAlias = Callable[[str, Mapping[str, str]], None]
EndTag: TypeAlias = Callable[[str], None]

_BLOCK = 1 << 16
_LONGEST_TAG = 1 << 22


def read_xml(path: Path, start: StartTag, end: EndTag | None = None) -> None:
    """Call a function for each tag of a file, and maybe one for each end of a tag.

    Parameters
    ----------
    path
        The file.
    start
        Called with the name of a tag and its attributes. What it raises as ``KeyError`` is an
        attribute that is missing, as ``ValueError`` one that is no number.
    end
        Called with the name where a tag ends.

    Raises
    ------
    FileFormatError
        With the line, if the file is no XML, or ends early; if an attribute is missing or wrong; or
        if it declares entities, which no program that writes tracks does, and which can fill the
        memory.
    """
    parser = expat.ParserCreate()

    def place() -> str:
        return f"{path}, line {parser.CurrentLineNumber}"

    def refuse(*_: object) -> None:
        raise FileFormatError(
            f"{place()}: a document type declaration, which files of trajectories have no use for; "
            "it is not read"
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    passed = 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                parser.Parse(block, False)
                passed += len(block)
                if passed - max(parser.CurrentByteIndex, 0) > _LONGEST_TAG:
                    raise FileFormatError(f"{place()}: a tag of more than {_LONGEST_TAG} bytes")
            parser.Parse(b"", True)
    except KeyError as error:
        raise FileFormatError(f"{place()}: no attribute {error}") from None
    except (expat.ExpatError, LookupError) as error:  # LookupError: an encoding there is not
        raise FileFormatError(f"{path} is no whole XML file: {error}") from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"{place()}: {error}, expected a number") from None
