"""Tessellation methods by name, to be assigned: ``a.tesseller = tessellers.Hexagons``.

There is a class for each method that is declared in :mod:`tramway.tessellation`. Its arguments are
those of the function that makes the cells: what has no default comes first, and may be given
without name.
"""

import inspect
from typing import Any, ClassVar

from tramway.attributes import did_you_mean
from tramway.tessellation import METHODS, Method

from .tesseller import Tesseller

__all__ = sorted({method.class_name for method in METHODS.values()})


_Kind = inspect.Parameter


class _OfMethod(Tesseller):
    _method: ClassVar[Method]

    def __init__(self, *values: Any, **parameters: Any) -> None:
        method = self._method
        needed = [name for name in method.required if name not in parameters]
        if len(values) != len(needed):
            given = f"needs {', '.join(needed)}" if needed else "takes settings by name only"
            raise TypeError(f"tessellers.{method.class_name} {given}, {len(values)} given")
        super().__init__(method.name, **dict(zip(needed, values, strict=True)), **parameters)


def _class_of(method: Method) -> type[Tesseller]:
    summary = (method.function.__doc__ or "").partition("\n")[0]
    name = f"{method.function.__module__}.{method.function.__name__}"
    text = f"{summary}\n\nThe plugin ``{method.name}``; parameters: those of ``{name}``."
    kind = type(
        method.class_name,
        (_OfMethod,),
        {
            "__module__": __name__,
            "__doc__": text,
            "__signature__": _signature(method),
            "_method": method,
        },
    )
    return kind


def _signature(method: Method) -> inspect.Signature:
    """Arguments of a class: what has no default comes first."""
    return inspect.Signature(
        [inspect.Parameter(name, _Kind.POSITIONAL_OR_KEYWORD) for name in method.required]
        + [
            inspect.Parameter(name, _Kind.KEYWORD_ONLY, default=setting.default)
            for name, setting in method.settings.items()
            if name not in method.required
        ]
    )


def __getattr__(name: str) -> type[Tesseller]:
    classes = {method.class_name: method for method in reversed(METHODS.values())}
    if name not in classes:
        raise AttributeError(
            f"there is no tesseller {name!r}{did_you_mean(name, classes)}; there are "
            f"{', '.join(sorted(classes))}"
        )
    kind = globals()[name] = _class_of(classes[name])
    return kind


def __dir__() -> list[str]:
    return sorted({method.class_name for method in METHODS.values()})
