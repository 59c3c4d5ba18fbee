"""What functions are called with: an argument of the wrong kind is named before anything is done.

What kinds there are, annotations say; values of the right kind that make no sense, functions refuse
themselves.
"""

import builtins
import functools
import inspect
import os
import types
from collections.abc import Callable, Iterable, Mapping, Sized
from numbers import Integral, Real
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike

from tramway.errors import InvalidInputError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_OF_ARRAYS = get_args(ArrayLike)
_TOLD_APART = ("tramway.", "pandas", "collections.abc", "builtins")
"""Where classes are from whose names alone tell users what to give."""
_ELSEWHERE = "elsewhere"
"""Module of classes of which the name alone is known, those of optional packages among them."""
_Test = Callable[[Any], bool]
_Kind = tuple[_Test, str]
"""What tells whether values are of a kind, and what the kind is called."""

_PLAIN: dict[Any, _Kind] = {
    # What most are is found out in less time than that they are of an abstract kind.
    float: (lambda value: isinstance(value, (float, Real)), "a number"),
    int: (lambda value: isinstance(value, (int, Integral)), "an integer"),
    str: (lambda value: isinstance(value, str), "a string"),
    bool: (
        lambda value: value is None or isinstance(value, bool | np.bool_ | int),
        "True or False",
    ),
    type(None): (lambda value: value is None, "None"),
}


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a function refuse arguments that are not of the kinds that its annotations say.

    Classes, numbers, strings, paths, arrays of numbers, and lists and mappings are told apart;
    other annotations allow anything. None is taken for False.

    Raises
    ------
    InvalidInputError
        By what is made: with the name of the argument, what was seen and what was expected.

    Examples
    --------
    >>> @checked
    ... def area(width: float) -> float:
    ...     return width**2
    >>> area("wide")
    Traceback (most recent call last):
    tramway.errors.InvalidInputError: `width` is 'wide' (str), expected a number
    """
    names = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]

    @functools.cache
    def kinds() -> tuple[list[tuple[str, _Kind | None]], dict[str, _Kind]]:
        known = _kinds(function)
        return [(name, known.get(name)) for name in names], known

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        in_order, by_name = kinds()
        for (name, kind), value in zip(in_order, args):  # noqa: B905 - `strict` takes time
            if kind is not None and not kind[0](value):
                raise _refusal(name, kind, value)
        for name, value in kwargs.items():
            kind = by_name.get(name)
            if kind is not None and not kind[0](value):
                raise _refusal(name, kind, value)
        return function(*args, **kwargs)

    return call


def check_kind(name: str, value: object, kind: Any) -> None:
    """Refuse one value that is not of a kind, as :func:`checked` does.

    Raises
    ------
    InvalidInputError
        If it is not.
    """
    known = _known_kind(kind)
    if known is not None and not known[0](value):
        raise _refusal(name, known, value)


def _refusal(name: str, kind: _Kind, value: object) -> InvalidInputError:
    test, expected = kind
    return InvalidInputError(
        f"`{name}` is {seen(value)}, expected {expected}{_inside(test, value)}"
    )


def seen(value: object) -> str:
    """Tell a value in a few words: its kind, and what it is where that is short."""
    kind = type(value).__name__
    if value is None:
        return kind.removesuffix("Type")
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} of {value.dtype}"
    if isinstance(value, str | os.PathLike | Real):
        text = repr(value) if isinstance(value, str) else str(value)
        return f"{text if len(text) <= 60 else f'{text[:57]}…'} ({kind})"
    return f"of type {kind}"


def _inside(test: _Test, value: object) -> str:
    """Advice where what was meant is in what was given: data in a node of an analysis tree."""
    is_ours = type(value).__module__.startswith("tramway.")
    is_in = is_ours and hasattr(type(value), "data") and test(value.data)  # type: ignore[attr-defined]
    return ", as its `.data` is" if is_in else ""


@functools.cache
def _known_kind(kind: Any) -> _Kind | None:
    return _kind(kind)


def _kinds(function: Callable[..., Any]) -> dict[str, _Kind]:
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = parameter.annotation
        if isinstance(annotation, str):
            annotation = eval(annotation, _Names(function.__globals__))
        kind = _kind(annotation)
        if kind is not None and parameter.kind is not parameter.VAR_POSITIONAL:
            found[name] = kind
    return found


class _Names(dict[str, Any]):
    """Names of a module; those that it has only where types are checked are of classes."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        return type(name, (), {"__module__": _ELSEWHERE})


def _kind(annotation: Any) -> _Kind | None:
    """Find what tells whether values are of a kind, and its name; None if anything is."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, of = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(of[0])
    if origin in (Union, types.UnionType):
        rest = [_kind(one) for one in of if one not in _OF_ARRAYS]
        if len(of) - len(rest) == len(_OF_ARRAYS):
            return _any_of([(_are_numbers, "an array of numbers"), *rest])
        return _any_of([_kind(one) for one in of])
    if origin is Literal:  # which words there are, functions say
        types_of = (str, *map(type, of))
        return (
            lambda value: isinstance(value, types_of) and (isinstance(value, str) or value in of)
        ), " or ".join(map(repr, of))
    if not isinstance(origin or annotation, type):
        return None
    return _of_class(origin or annotation, of)


def _of_class(kind: type, of: tuple[Any, ...]) -> _Kind | None:
    if kind is os.PathLike:
        return (lambda value: isinstance(value, os.PathLike)), "a path"
    if kind is np.ndarray:
        return (lambda value: isinstance(value, np.ndarray)), "an array"
    if kind.__module__ == _ELSEWHERE:
        name = kind.__name__
        return (lambda value: any(base.__name__ == name for base in type(value).__mro__)), name
    if kind in (type, object) or not kind.__module__.startswith(_TOLD_APART):
        return None
    if kind.__module__ == "collections.abc" or kind in (list, tuple, dict):
        if not issubclass(kind, Iterable):
            return None
        if issubclass(kind, Mapping):
            return (lambda value: isinstance(value, Mapping)), "a dict"
        items = {one for one in of if one is not Ellipsis}
        item = _kind(items.pop()) if len(items) == 1 else None
        count = len(of) if kind is tuple and of and Ellipsis not in of else None
        words = f"{count} {_many(item[1])}" if item and count else _many(item[1]) if item else ""
        test = functools.partial(_is_list, item, count, issubclass(kind, Sized))
        return test, f"a list{f' of {words}' * bool(words)}"
    if getattr(kind, "_is_protocol", False):
        return None
    return (lambda value: isinstance(value, kind)), kind.__name__


def _any_of(kinds: list[_Kind | None]) -> _Kind | None:
    known = [kind for kind in kinds if kind is not None]
    if len(known) < len(kinds):
        return None
    expected = " or ".join(dict.fromkeys(text for _, text in known))

    def is_any(value: Any) -> bool:
        for test, _ in known:  # noqa: SIM110 - a generator takes longer than the tests
            if test(value):
                return True
        return False

    return is_any, expected.replace("a string or a path", "a path")


def _many(one: str) -> str:
    """Name several of a kind; names of classes stay as they are."""
    return " or ".join(
        f"{part.partition(' ')[2]}s" if part.startswith(("a ", "an ")) else part
        for part in one.split(" or ")
    )


def _is_list(item: _Kind | None, count: int | None, has_length: bool, value: Any) -> bool:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return False
    if getattr(value, "ndim", 1) != 1:  # of arrays and tables
        return False
    if has_length and not (isinstance(value, Sized) and count in (None, len(value))):
        return False
    if item is None:
        return True
    if isinstance(value, list | tuple):
        return all(map(item[0], value))
    # To look into whatever else would use it up; arrays have items of one kind.
    return not isinstance(value, np.ndarray) or not value.size or item[0](value[0])


def _are_numbers(value: Any) -> bool:
    try:
        return value is not None and np.asarray(value).astype(np.float64, copy=False).ndim > 0
    except (TypeError, ValueError):
        return False
