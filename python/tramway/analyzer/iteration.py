"""Short cuts to the items of a collection."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from tramway.errors import InvalidInputError, MissingResultError

Item = TypeVar("Item")


def first(items: Iterable[Item] | Callable[..., Iterable[Item]], **options: Any) -> Item:
    """Take the first item of a collection, or of what a method returns.

    Parameters
    ----------
    items
        The collection, or what makes one when called.
    options
        Arguments of that call.

    Raises
    ------
    MissingResultError
        If there is none.

    Examples
    --------
    >>> first([3, 4])
    3
    """
    return _at_most(1, items, options)[0]


def single(items: Iterable[Item] | Callable[..., Iterable[Item]], **options: Any) -> Item:
    """Take the only item of a collection, or of what a method returns; see :func:`first`.

    Raises
    ------
    MissingResultError
        If there is none.
    InvalidInputError
        If there are several.

    Examples
    --------
    >>> single([3])
    3
    """
    found = _at_most(2, items, options)
    if len(found) > 1:
        raise InvalidInputError("`items` has several items, expected one")
    return found[0]


def _at_most(
    count: int, items: Iterable[Item] | Callable[..., Iterable[Item]], options: dict[str, Any]
) -> list[Item]:
    iterable = items(**options) if callable(items) else items
    found = list(islice(iterable, count))
    if not found:
        raise MissingResultError("`items` is empty, expected at least one item")
    return found
