"""The analysis tree."""

from tramway.files import Analysis as Analyses

__all__ = ["Analyses"]
