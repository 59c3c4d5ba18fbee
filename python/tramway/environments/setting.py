"""Attributes of cluster environments, which a subclass may define as methods."""

import inspect
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

from tramway.attributes import StrictAttributes

Value = TypeVar("Value")


class GivenFor(str):
    """Text that a method made for the user; called, it makes that for another, as scripts do."""

    _make: Callable[[str], str]

    def __new__(cls, value: str, make: Callable[[str], str]) -> Self:
        """Keep the method beside the text."""
        made = super().__new__(cls, value)
        made._make = make
        return made

    def __call__(self, username: str) -> str:
        """Make the text for the user of that name."""
        return self._make(username)


class Setting(Generic[Value]):
    """An attribute whose values are checked when they are set.

    A subclass of the environment can give its value by a method or class method of that name, as
    subclasses for the original do: :meth:`defined_by` takes it in.

    Parameters
    ----------
    check
        Takes the name and the value of the setting; returns the value.
    default
        Makes the value that holds until one is set.
    argument
        Makes what a method of a subclass is called with, if it takes an argument.
    """

    def __init__(
        self,
        check: Callable[[str, Any], Value],
        default: Callable[[], Any] = lambda: None,
        argument: Callable[[Any], Any] = lambda environment: None,
    ) -> None:
        self._check = check
        self._default = default
        self._argument = argument
        self._method: Any = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, environment: None, owner: type) -> Any: ...
    @overload
    def __get__(self, environment: StrictAttributes, owner: type) -> Value: ...
    def __get__(self, environment: StrictAttributes | None, owner: type) -> Any:
        if environment is None:
            return self if self._method is None else self._method.__get__(None, owner)
        values = environment.__dict__
        if f"_{self._name}" in values:
            return values[f"_{self._name}"]
        if self._method is not None:
            method = self._method.__get__(environment, owner)
            takes_argument = inspect.signature(method).parameters
            given = method(self._argument(environment)) if takes_argument else method()
            value = self._check(self._name, given)
            return GivenFor(value, method) if takes_argument and isinstance(value, str) else value
        # Kept: a dictionary of options is filled in place.
        return values.setdefault(f"_{self._name}", self._default())

    def __set__(self, environment: StrictAttributes, value: Any) -> None:
        environment.__dict__[f"_{self._name}"] = self._check(self._name, value)

    def defined_by(self, method: object) -> Self:
        """Make the same setting for a subclass, with a method that gives the value."""
        setting = type(self)(self._check, self._default, self._argument)
        setting._name = self._name
        setting._method = method
        return setting
