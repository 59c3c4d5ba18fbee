"""Models by the names that users know them by."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from tramway.arguments import checked
from tramway.errors import InvalidInputError

from . import models
from .model import Model


@cache
def _models() -> dict[str, Model]:
    """Every model of every file in the folder of models, in the order of their names."""
    found: dict[str, Model] = {}
    for module in iter_modules(models.__path__):
        for value in vars(import_module(f"{models.__name__}.{module.name}")).values():
            found |= getattr(value, "models", {}) if callable(value) else {}
    return dict(sorted(found.items(), key=lambda item: (item[0].count("."), item[0])))


@checked
def plugin_names() -> list[str]:
    """Names that :func:`get_model` accepts.

    Examples
    --------
    >>> "tracks.dv" in plugin_names()
    True
    """
    return list(_models())


def find_model(name: str) -> Model | None:
    """Model of a plugin name, None if there is none."""
    return _models().get(name)


@checked
def get_model(name: str) -> Model:
    """Model of a plugin name.

    Raises
    ------
    InvalidInputError
        If there is none; the message lists those there are.

    Examples
    --------
    >>> get_model("stochastic.dv").has_potential
    True
    """
    if name not in _models():
        raise InvalidInputError(
            f"mapper plugin '{name}' is unknown, expected one of {', '.join(plugin_names())}"
        )
    return _models()[name]
