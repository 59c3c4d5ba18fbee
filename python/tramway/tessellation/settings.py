"""What the settings of tessellation methods can be: types of their arguments, with their checks.

A type stands for what users may set: ``Annotated[float, By(positive)]`` is checked by
:func:`tramway.attributes.positive`, a ``Literal`` is one of its values, and what may be None can be
left unset.
"""

import typing
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway.attributes import (
    Check,
    choice,
    coordinates,
    finite,
    non_negative,
    optional,
    positive,
    positive_integer,
    whole,
)
from tramway.errors import InvalidInputError

from .tessellation import Tessellation


def _points(name: str, value: Any) -> list[list[float]]:
    """Check for a list of points with two or three coordinates each."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"`{name}` is {value!r}, expected points [[x, y], ...]") from error
    if array.ndim != 2 or array.shape[1] not in (2, 3) or not np.isfinite(array).all():
        raise InvalidInputError(
            f"`{name}` has shape {array.shape}, expected finite numbers of shape (n_cells, 2) or "
            "(n_cells, 3)"
        )
    return array.tolist()  # type: ignore[no-any-return]


def _counts(name: str, value: Any) -> list[int]:
    """Check for a number of cells along each of two or three axes."""
    return [positive_integer(name, number) for number in coordinates(name, value)]


class By(NamedTuple):
    """How the values of a type are checked; signatures show its name."""

    check: Check

    def __repr__(self) -> str:
        return self.check.__name__.strip("_")


class Cutter(Protocol):
    """What cuts the area of points into cells: a tesseller with its settings."""

    def cut(self, origins: NDArray[np.float64], lengths: NDArray[np.float64]) -> Tessellation:
        """Cut, given origins (n, d) and lengths (n,) of displacements, µm."""
        ...


Number: TypeAlias = Annotated[float, By(finite)]
Positive: TypeAlias = Annotated[float, By(positive)]
"""A number above 0: a length in µm, or a probability."""
NonNegative: TypeAlias = Annotated[float, By(non_negative)]
"""A number, 0 or above."""
Whole: TypeAlias = Annotated[int, By(whole)]
"""A whole number, 0 or above."""
Count: TypeAlias = Annotated[int, By(positive_integer)]
"""A whole number above 0."""
Corner: TypeAlias = Annotated[Sequence[float], By(coordinates)]
"""Two or three coordinates, µm."""
Counts: TypeAlias = Annotated[Sequence[int], By(_counts)]
"""A number of cells along each axis."""
Points: TypeAlias = Annotated[ArrayLike, By(_points)]
"""Array (n, 2) or (n, 3) of positions, µm."""


def check_of(kind: Any) -> Check:
    """Make the check that belongs to the type of a setting."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        by: By = kind.__metadata__[0]
        return by.check
    if origin is Literal:
        return choice(*arguments)
    if origin in (typing.Union, UnionType) and NoneType in arguments:
        [other] = [argument for argument in arguments if argument is not NoneType]
        return optional(check_of(other))
    raise TypeError(f"{kind!r} says not how it is checked, expected a type of {__name__}")
