"""Scalers of coordinates, which have no counterpart: coordinates are in µm."""

from tramway.attributes import warn_without_effect

__all__ = ["unitrange", "whiten"]


def unitrange(*_: object) -> None:
    """Accept, for existing scripts."""
    warn_without_effect("unitrange", "coordinates are in µm, and not scaled")


def whiten(*_: object) -> None:
    """Accept, for existing scripts."""
    warn_without_effect("whiten", "coordinates are in µm, and not scaled")
