"""Models of motion and the maps they give."""

from .diffusivity_potential import infer_diffusivity_potential
from .maps import Maps
from .registry import Model, get_model, plugin_names

__all__ = ["Maps", "Model", "get_model", "infer_diffusivity_potential", "plugin_names"]
