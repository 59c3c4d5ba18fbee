"""Where scripts of the original look for what an environment is."""

from tramway.runs import Environment

__all__ = ["Environment"]
