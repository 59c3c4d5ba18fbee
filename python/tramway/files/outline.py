"""An analysis tree in words: a line for each artefact, read from the file where that is needed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pandas as pd

from tramway.errors import FileFormatError
from tramway.inference.maps import Maps
from tramway.tessellation.partition import Partition

from .rwa_schema import describe_localizations
from .stored_object import StoredObject

if TYPE_CHECKING:
    from .analysis_tree import Analysis


def outline(node: "Analysis") -> str:
    """Describe a node and all below it; what cannot be read is said, not raised."""
    return _lines(node, lambda: [_describe(node), *_branches(node, "")])


_TYPES = {Partition: "tramway.tessellation.base.Partition", Maps: "tramway.inference.base.Maps"}
"""What the original calls them, where it differs."""


def outline_of_types(node: "Analysis") -> str:
    """List labels and types, and comments, as the original prints a tree."""

    def lines() -> Iterator[str]:
        first, *others = _types(node, 0)
        yield first if others else f"<Analyses {first}>"
        yield from others

    return _lines(node, lines)


def _lines(node: "Analysis", lines: Callable[[], Iterable[str]]) -> str:
    """Join lines that need the file of a node; what shows them may not be asked to fail."""
    opened = nullcontext() if node.stored is None else node.stored.file.opened()
    try:
        with opened:
            return "\n".join(lines())
    except (OSError, FileFormatError) as error:
        return f"analysis tree that cannot be read: {error}"


def _types(node: "Analysis", depth: int) -> Iterator[str]:
    kind = type(node._data)
    yield f"<class '{_TYPES[kind]}'>" if kind in _TYPES else str(kind)
    for label in node:
        child, indent = node[label], "\t" * (depth + 1)
        name = f"'{label}'" if isinstance(label, str) else f"[{label}]"
        first, *others = _types(child, depth + 1)
        yield f"{indent}{name} {first}"
        if child.comment:
            yield f'{indent}"' + child.comment.replace("\n", f"\n{indent} ") + '"'
        yield from others


def _branches(node: "Analysis", indent: str) -> Iterator[str]:
    for rank, label in enumerate(node, start=1):
        child = node[label]
        last = rank == len(node)
        comment = f"  # {child.comment}" if child.comment else ""
        branch = "└── " if last else "├── "
        yield f"{indent}{branch}{label!r}: {_describe(child)}{comment}"
        yield from _branches(child, indent + ("    " if last else "│   "))


def _describe(node: "Analysis") -> str:
    if node.is_unread and node.stored is not None:
        try:
            known = node.stored.describe()
            data = None if known else node._data
        except (OSError, FileFormatError) as error:
            return f"not readable: {error}"
        if known:
            return known
    else:
        data = node._data
    if data is None:
        return "no data"
    if isinstance(data, pd.DataFrame):
        return describe_localizations(len(data), data.columns)
    return repr(data) if isinstance(data, Partition | Maps | StoredObject) else type(data).__name__
