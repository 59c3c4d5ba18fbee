"""Attributes that users set: an unknown name or a value of the wrong kind is an error at once."""

import difflib
import functools
import inspect
import math
import warnings
from collections.abc import Callable, Collection, Mapping
from numbers import Real
from typing import Any, ClassVar, TypeAlias

import numpy as np

from tramway.errors import InvalidInputError, UnknownAttributeError, WithoutEffectWarning

Check: TypeAlias = Callable[[str, Any], Any]
"""Takes the name and the value of a setting; returns the value in its plain Python type."""


class StrictAttributes:
    """An object whose settings are known: any other name is refused, with a list of those.

    Names that begin with an underscore are private and not checked.
    """

    _elsewhere: ClassVar[Mapping[str, str]] = {}
    """What to say about names that users may expect here: what to use instead, or why not."""

    def _setting_names(self) -> Collection[str]:
        """Names that may be set."""
        owner: type = type(self)
        return _settable_names(owner)

    def _result_names(self) -> Collection[str]:
        """Names that may be read."""
        public = (name for name in dir(type(self)) if not name.startswith("_"))
        return sorted({*public, *self._setting_names()})

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_") and name not in self._setting_names():
            if callable(getattr(type(self), name, None)):
                raise UnknownAttributeError(f"`{name}` is a method: call it, {name}(...)")
            raise UnknownAttributeError(self._refusal("set", name, self._setting_names()))
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        # Called only where ordinary look-up failed; copy and pickle ask for private names.
        failed = inspect.getattr_static(type(self), name, None)
        if isinstance(failed, property) and failed.fget is not None:
            return failed.fget(self)  # which has no value, and says why
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")
        raise UnknownAttributeError(self._refusal("read", name, self._result_names()))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._result_names()})

    def __repr__(self) -> str:
        stored = ((name, vars(self).get(f"_{name}")) for name in self._setting_names())
        values = (f"{name}={value!r}" for name, value in stored if value not in (None, {}, []))
        return f"{type(self).__name__}({', '.join(values)})"

    def _refusal(self, verb: str, name: str, valid: Collection[str]) -> str:
        if name in self._elsewhere:
            return f"`{name}` cannot be {verb} here: {self._elsewhere[name]}"
        return (
            f"`{name}` cannot be {verb}, {type(self).__name__} has no such attribute"
            f"{did_you_mean(name, valid)}; valid names: {', '.join(sorted(valid)) or 'none'}"
        )


_told: set[str] = set()


def warn_without_effect(name: str, why: str) -> None:
    """Warn, once in a session, that something is taken for existing scripts and does nothing."""
    if name not in _told:
        _told.add(name)
        warnings.warn(f"`{name}` has no effect: {why}", WithoutEffectWarning, stacklevel=3)


def did_you_mean(name: str, valid: Collection[str]) -> str:
    """Hint at the valid name that looks most like `name`; empty if none does."""
    close = difflib.get_close_matches(name, valid, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


@functools.cache
def _settable_names(owner: type) -> tuple[str, ...]:
    return tuple(name for name in dir(owner) if _is_settable(owner, name))


def _is_settable(owner: type, name: str) -> bool:
    attribute = inspect.getattr_static(owner, name, None) if not name.startswith("_") else None
    if isinstance(attribute, property):
        return attribute.fset is not None
    return hasattr(type(attribute), "__set__")


def positive(name: str, value: Any) -> float:
    """Check for a finite number above zero."""
    number = finite(name, value)
    if number <= 0:
        raise InvalidInputError(f"`{name}` is {value}, expected a number above zero")
    return number


def non_negative(name: str, value: Any) -> float:
    """Check for a finite number, zero or above."""
    number = finite(name, value)
    if number < 0:
        raise InvalidInputError(f"`{name}` is {value}, expected zero or a number above")
    return number


def probability(name: str, value: Any) -> float:
    """Check for a number between zero and one."""
    number = finite(name, value)
    if not 0 < number < 1:
        raise InvalidInputError(f"`{name}` is {value}, expected a probability between 0 and 1")
    return number


def multiple(name: str, value: str, expected: str) -> float:
    """Read how many times something is wanted, as in ``2x``: a positive number.

    `expected` is what the error says that the value may be.
    """
    try:
        times = float(value.removesuffix("x"))
    except ValueError:
        times = float("nan")
    if not 0 < times < float("inf"):
        raise InvalidInputError(f"`{name}` is {value!r}, expected {expected}")
    return times


def finite(name: str, value: Any) -> float:
    """Check for a finite number; numpy scalars are numbers, booleans and text are not."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise InvalidInputError(f"`{name}` is {value!r}, expected a number")
    number = float(value)
    if not math.isfinite(number):
        raise InvalidInputError(f"`{name}` is {value}, expected a finite number")
    return number


def positive_integer(name: str, value: Any) -> int:
    """Check for a whole number above zero."""
    number = integer(name, value)
    if number <= 0:
        raise InvalidInputError(f"`{name}` is {value}, expected a whole number above zero")
    return number


def integer(name: str, value: Any) -> int:
    """Check for a whole number; ``10.0`` is one."""
    number = finite(name, value)
    if not number.is_integer():
        raise InvalidInputError(f"`{name}` is {value}, expected a whole number")
    return int(number)


def whole(name: str, value: Any) -> int:
    """Check for a whole number, zero or above."""
    return integer(name, non_negative(name, value))


def flag(name: str, value: Any) -> bool:
    """Check for True or False."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidInputError(f"`{name}` is {value!r}, expected True or False")
    return bool(value)


def text(name: str, value: Any) -> str:
    """Check for text that is not empty."""
    if not isinstance(value, str) or not value:
        raise InvalidInputError(f"`{name}` is {value!r}, expected some text")
    return value


def coordinates(name: str, value: Any) -> list[float]:
    """Check for two or three finite coordinates."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"`{name}` is {value!r}, expected two or three numbers") from error
    if array.ndim != 1 or array.size not in (2, 3) or not np.isfinite(array).all():
        raise InvalidInputError(f"`{name}` is {value!r}, expected two or three finite numbers")
    return [float(coordinate) for coordinate in array]


def one_of(*valid: int) -> Check:
    """Make a check for one of a few whole numbers."""

    def checked(name: str, value: Any) -> int:
        if isinstance(value, bool | str) or value not in valid:
            numbers = " or ".join(map(str, valid))
            raise InvalidInputError(f"`{name}` is {value!r}, expected {numbers}")
        return int(value)

    return checked


def choice(*valid: str) -> Check:
    """Make a check for one of a few words."""

    def checked(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in valid:
            words = " or ".join(map(repr, valid))
            raise InvalidInputError(f"`{name}` is {value!r}, expected {words}")
        return value

    return checked


def optional(check: Check) -> Check:
    """Make the same check for a setting that may be None: unset."""
    return lambda name, value: None if value is None else check(name, value)


def or_auto(check: Check) -> Check:
    """Make the same check for a setting that may be ``'auto'``: chosen by the data."""

    def checked(name: str, value: Any) -> Any:
        if isinstance(value, str):
            if value != "auto":
                raise InvalidInputError(f"`{name}` is {value!r}, expected 'auto', or no text")
            return value
        return check(name, value)

    return checked
