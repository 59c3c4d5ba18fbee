"""What is remarked on the children of a node of an analysis tree."""

from collections.abc import Iterator, MutableMapping
from typing import Protocol

from .label import Label


class _Commented(Protocol):
    comment: str | None


class _Node(Protocol):
    def __iter__(self) -> Iterator[Label]: ...
    def __getitem__(self, label: Label) -> _Commented: ...


class Comments(MutableMapping[Label, str]):
    """Comments of the children of a node."""

    def __init__(self, node: _Node) -> None:
        self._node = node

    def __getitem__(self, label: Label) -> str | None:  # type: ignore[override]
        return self._node[label].comment

    def __setitem__(self, label: Label, comment: str) -> None:
        self._node[label].comment = comment

    def __delitem__(self, label: Label) -> None:
        self._node[label].comment = None

    def __iter__(self) -> Iterator[Label]:
        return (label for label in self._node if self._node[label].comment is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
