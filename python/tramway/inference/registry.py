"""Models by the names that users know them by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tramway.errors import InvalidInputError

from .diffusivity_potential import PARAMETERS, infer_diffusivity_potential
from .maps import Maps


@dataclass(frozen=True)
class Model:
    """A model of motion that can be inferred from a partition.

    Attributes
    ----------
    name
        The plugin name.
    infer
        Called as ``infer(partition, *, localization_precision, mode, **parameters)``.
    parameters
        Names of the model's parameters, each with its default.
    """

    name: str
    infer: Callable[..., Maps]
    parameters: Mapping[str, object]


# One solver serves every variant of the original: they differ in how they searched for the same
# minimum, not in the minimum.
_MODELS: dict[str, tuple[Callable[..., Maps], Mapping[str, object]]] = {
    name: (infer_diffusivity_potential, MappingProxyType(PARAMETERS))
    for name in ("dv", "stochastic.dv", "stochastic.dv1", "semi.stochastic.dv")
}


def plugin_names() -> list[str]:
    """Names that :func:`get_model` accepts."""
    return list(_MODELS)


def get_model(name: str) -> Model:
    """Model of a plugin name.

    Raises
    ------
    InvalidInputError
        If there is none; the message lists those there are.
    """
    if name not in _MODELS:
        raise InvalidInputError(
            f"mapper plugin '{name}' is unknown, expected one of {', '.join(plugin_names())}"
        )
    infer, parameters = _MODELS[name]
    return Model(name, infer, parameters)
