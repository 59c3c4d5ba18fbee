"""An analysis tree in words: a line for each artefact, read from the file where that is needed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import pandas as pd

from tramway.errors import FileFormatError
from tramway.inference.maps import Maps
from tramway.tessellation.partition import Partition

from .label import Label


class _Node(Protocol):
    """What is told of a node."""

    comment: str | None

    def __iter__(self) -> Iterator[Label]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, label: Label) -> "_Node": ...
    def listed(self) -> AbstractContextManager[object]: ...
    def describe(self) -> str: ...
    @property
    def kind(self) -> type: ...


def outline(node: _Node) -> str:
    """Describe a node and all below it; what cannot be read is said, not raised."""
    return _lines(node, lambda: [node.describe(), *_branches(node, "")])


_TYPES = {
    pd.DataFrame: "pandas.core.frame.DataFrame",  # whatever the pandas at hand says
    Partition: "tramway.tessellation.base.Partition",
    Maps: "tramway.inference.base.Maps",
}
"""What the original calls them, where it differs."""


def outline_of_types(node: _Node) -> str:
    """List labels and types, and comments, as the original prints a tree."""

    def lines() -> Iterator[str]:
        first, *others = _types(node, 0)
        yield first if others else f"<Analyses {first}>"
        yield from others

    return _lines(node, lines)


def _lines(node: _Node, lines: Callable[[], Iterable[str]]) -> str:
    """Join lines that need the file of a node; what shows them may not be asked to fail."""
    try:
        with node.listed():
            return "\n".join(lines())
    except (OSError, FileFormatError) as error:
        return f"analysis tree that cannot be read: {error}"


def _types(node: _Node, depth: int) -> Iterator[str]:
    kind = node.kind
    yield f"<class '{_TYPES[kind]}'>" if kind in _TYPES else str(kind)
    for label in node:
        child, indent = node[label], "\t" * (depth + 1)
        name = f"'{label}'" if isinstance(label, str) else f"[{label}]"
        first, *others = _types(child, depth + 1)
        yield f"{indent}{name} {first}"
        if child.comment:
            yield f'{indent}"' + child.comment.replace("\n", f"\n{indent} ") + '"'
        yield from others


def _branches(node: _Node, indent: str) -> Iterator[str]:
    for rank, label in enumerate(node, start=1):
        child = node[label]
        last = rank == len(node)
        comment = f"  # {child.comment}" if child.comment else ""
        branch = "└── " if last else "├── "
        yield f"{indent}{branch}{label!r}: {child.describe()}{comment}"
        yield from _branches(child, indent + ("    " if last else "│   "))
