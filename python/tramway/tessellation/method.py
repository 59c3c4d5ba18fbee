"""The methods of tessellation: each is declared once, where its function is."""

import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.attributes import Check, optional
from tramway.errors import InvalidInputError

from .positions import Extent, mean_in_order
from .settings import Cutter, check_of
from .tessellation import Tessellation

Cut = TypeVar("Cut", bound=Callable[..., Tessellation])

_OF_THE_REGION = ("displacement_length", "displacement_lengths")
"""Arguments that a region gives, if the function has them: the mean, or an array (n,), in µm."""


class Method:
    """A way to cut a region into cells, and its settings: the keyword arguments of a function.

    Attributes
    ----------
    name
        Plugin name: what records and files call it.
    class_name
        Of its class in :mod:`tramway.analyzer.tessellers`.
    function
        Makes the cells of an array (n, d) of positions, µm.

    Examples
    --------
    >>> METHODS["hexagon"].class_name
    'Hexagons'
    """

    @checked
    def __init__(self, name: str, class_name: str, function: Callable[..., Tessellation]) -> None:
        self.name = name
        self.class_name = class_name
        self.function = function

    @cached_property
    def settings(self) -> dict[str, inspect.Parameter]:
        """Arguments of the function that users set."""
        arguments = list(inspect.signature(self.function).parameters.values())[1:]
        return {a.name: a for a in arguments if a.name not in _OF_THE_REGION}

    @cached_property
    def required(self) -> list[str]:
        """Settings that have no default."""
        return [name for name, setting in self.settings.items() if setting.default is setting.empty]

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Default of each setting; None where there is none."""
        return {
            name: None if name in self.required else setting.default
            for name, setting in self.settings.items()
        }

    @cached_property
    def types(self) -> dict[str, Any]:
        """Type of each setting; that of what may be unset is a union with None."""
        hints = typing.get_type_hints(self.function, include_extras=True)
        return {name: hints[name] for name in self.settings}

    @cached_property
    def checks(self) -> dict[str, Check]:
        """Check of each setting, but of those that are tessellers."""
        made = {name: check_of(kind) for name, kind in self.types.items() if kind is not Cutter}
        return {n: optional(check) if n in self.required else check for n, check in made.items()}

    def cut(
        self, origins: NDArray[np.float64], lengths: NDArray[np.float64], **settings: Any
    ) -> Tessellation:
        """Cut, given origins (n, d) and lengths (n,) of displacements, µm.

        Raises
        ------
        InvalidInputError
            If a setting that has no default is None, or wrong.
        InsufficientDataError
            If there are too few displacements.
        """
        self._check_required(settings)
        taken = inspect.signature(self.function).parameters
        if "displacement_length" in taken:
            settings["displacement_length"] = mean_in_order(lengths)
        if "displacement_lengths" in taken:
            settings["displacement_lengths"] = lengths
        return self.function(origins, **settings)

    @property
    def takes_extent(self) -> bool:
        """Whether all it has to know of positions is their extent."""
        first = next(iter(inspect.signature(self.function).parameters))
        return Extent in typing.get_args(typing.get_type_hints(self.function)[first])

    def cut_extent(self, extent: Extent, length: float, **settings: Any) -> Tessellation:
        """As :meth:`cut`, of the extent of origins and the mean length of displacements, µm."""
        self._check_required(settings)
        return self.function(extent, displacement_length=length, **settings)

    def _check_required(self, settings: Mapping[str, Any]) -> None:
        for name in self.required:
            if settings[name] is None:
                arguments = ", ".join(self.required)
                raise InvalidInputError(
                    f"`{name}` is not set: a.tesseller = tessellers.{self.class_name}({arguments})"
                )


METHODS: dict[str, Method] = {}
"""All methods, by plugin name; a method can have several."""


@checked
def method(class_name: str, *names: str) -> Callable[[Cut], Cut]:
    """Declare that a function is a method of tessellation.

    Its first argument is an array (n, d) of positions, µm. The others, of types in
    ``tramway.tessellation.settings``, are what users can set: attributes of
    ``a.tesseller``, keys of ``[tesseller]`` in a TOML file, entries of records.

    Parameters
    ----------
    class_name
        Of the class in :mod:`tramway.analyzer.tessellers`.
    names
        Plugin names; the first one is that of the class.

    Examples
    --------
    >>> from tramway.tessellation import one_cell
    >>> @method("Whole", "whole")
    ... def whole(points):
    ...     '''Leave the region in one piece.'''
    ...     return one_cell(points)
    >>> METHODS.pop("whole").class_name
    'Whole'
    """

    def declare(function: Cut) -> Cut:
        for name in names:
            METHODS[name] = Method(name, class_name, function)
        return function

    return declare
