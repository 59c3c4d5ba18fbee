"""Choosing items of a collection: by a value, by several, or by a function."""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias, TypeVar

Item = TypeVar("Item")
Selection: TypeAlias = Item | Collection[Item] | Callable[[Item], bool]
"""The item itself, a collection of items, or a function that is true for the items wanted."""


def in_order(selection: Any) -> list[Any]:
    """Take what is selected apart where it has an order, that of a list; a set has none."""
    if isinstance(selection, Collection) and not isinstance(selection, str | AbstractSet):
        return list(selection)
    return [selection]


def selects(selection: Selection[Item] | None, item: Item) -> bool:
    """Whether an item is selected; None selects every item."""
    if selection is None:
        return True
    if callable(selection):
        return bool(selection(item))
    if isinstance(selection, Collection) and not isinstance(selection, str):
        return item in selection
    return selection == item
