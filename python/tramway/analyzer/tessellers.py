"""Tessellation methods by name, to be assigned: ``a.tesseller = tessellers.Hexagons``."""

from typing import Any

from .tesseller import Tesseller

__all__ = ["Hexagons"]


class Hexagons(Tesseller):
    """Hexagons of equal size: the plugin ``hexagon``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.hexagons`; `resolution`, the distance between
        neighbouring centres in µm, is the one that most users set.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("hexagon", **parameters)
