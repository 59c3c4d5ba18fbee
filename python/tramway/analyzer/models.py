"""Models of motion by name, to be assigned: ``a.mapper = models.DV('stochastic')``."""

from typing import Any, Literal

from tramway.errors import InvalidInputError

from .mapper import Mapper

__all__ = ["DV"]

Variant = Literal["standard", "naive", "original", "stochastic", "semi-stochastic"]

# Each under the plugin name that the original gives it: labels of maps follow from it.
_PLUGINS: dict[str, str] = {
    "standard": "stochastic.dv",
    "naive": "dv",
    "original": "dv",
    "stochastic": "stochastic.dv",
    "semi-stochastic": "semi.stochastic.dv",
}


class DV(Mapper):
    """Diffusivity and potential in every cell.

    Parameters
    ----------
    variant
        Names that the original gave to ways of searching for the optimum. All are accepted and
        give the same maps: one solver finds the optimum itself.
    start
        Where the original began to search; accepted, and without influence on the result.
    parameters
        Values of the model's parameters that differ from the defaults.

    Raises
    ------
    InvalidInputError
        If `variant` or `start` is unknown; the message lists those there are.
    UnknownAttributeError
        If the model has no such parameter; the message lists those it has.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.mapper = models.DV("stochastic", diffusivity_prior=20, potential_prior=1)
    """

    def __init__(
        self,
        variant: Variant = "standard",
        start: Literal["stochastic"] | None = None,
        **parameters: Any,
    ) -> None:
        if variant not in _PLUGINS:
            raise InvalidInputError(
                f"`variant` is {variant!r}, expected one of {', '.join(_PLUGINS)}"
            )
        if start not in (None, "stochastic"):
            raise InvalidInputError(f"`start` is {start!r}, expected None or 'stochastic'")
        super().__init__(_PLUGINS[variant], **parameters)
