"""Maps of diffusivity, force and potential from the tracks of single molecules."""

__distribution__ = "tramway-rs"

from . import _installation
from ._core import __version__

del _installation

__all__ = ["__version__"]
