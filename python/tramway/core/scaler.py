"""Scalers of coordinates, which have no counterpart: coordinates are in µm."""

from tramway.attributes import warn_without_effect
from tramway.errors import UnknownAttributeError

__all__ = ["Scaler", "unitrange", "whiten"]


class Scaler:
    """Refused: coordinates are in µm, and not scaled."""

    def __init__(self, *_: object, **__: object) -> None:
        raise UnknownAttributeError(
            "there is no `Scaler`: coordinates are in µm everywhere, and not scaled; leave it out"
        )


def unitrange(*_: object) -> None:
    """Accept, for existing scripts."""
    warn_without_effect("unitrange", "coordinates are in µm, and not scaled")


def whiten(*_: object) -> None:
    """Accept, for existing scripts."""
    warn_without_effect("whiten", "coordinates are in µm, and not scaled")
