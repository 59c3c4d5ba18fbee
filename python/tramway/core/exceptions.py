"""Warnings that scripts of the original filter."""

from tramway.errors import MisplacedAttributeWarning

__all__ = ["MisplacedAttributeWarning"]
