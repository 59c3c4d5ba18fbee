"""Lists of objects in JSON files, one object at a time."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
_LONGEST_ITEM = 1 << 24
_BETWEEN = re.compile(r"[\s,]*")


def objects_of(path: Path) -> Iterator[dict[str, Any]]:
    """Read the objects of the list that a file is; never more than one and a block are in memory.

    Raises
    ------
    ValueError
        If the file is no list of objects, ends within it, or one of them is absurdly long.
    """
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8-sig") as file:
        text = file.read(_BLOCK).lstrip()
        if not text.startswith("["):
            raise ValueError("it is no list")
        place = 1
        while True:
            place = _BETWEEN.match(text, place).end()  # type: ignore[union-attr]
            if text.startswith("]", place):
                return
            try:
                if place < len(text) and text[place] != "{":
                    raise ValueError(f"{text[place : place + 20]!r} is no object")
                found, place = decoder.raw_decode(text, place)
            except json.JSONDecodeError as error:
                block = file.read(_BLOCK)
                if not block:
                    raise ValueError(f"object {error.msg!s:.80}: the file ends within it") from None
                text, place = text[place:] + block, 0
                if len(text) > _LONGEST_ITEM:
                    raise ValueError(f"{text[:40]!r} is too long for an object") from None
            else:
                yield found
