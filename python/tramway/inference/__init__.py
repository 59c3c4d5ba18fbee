"""Models of motion and the maps they give."""

from .bayes_factor import infer_bayes_factor
from .conjugate_prior import infer_conjugate_prior
from .density import infer_density
from .diffusivity import infer_diffusivity
from .diffusivity_drift import infer_diffusivity_drift
from .diffusivity_force import infer_diffusivity_force
from .diffusivity_potential import contrast, infer_diffusivity_potential
from .localization_noise import is_noise_of_localizations, noise_drift, without_noise_drift
from .maps import Maps
from .registry import Model, get_model, plugin_names
from .signal_to_noise import infer_signal_to_noise

__all__ = [
    "Maps",
    "Model",
    "contrast",
    "get_model",
    "infer_bayes_factor",
    "infer_conjugate_prior",
    "infer_density",
    "infer_diffusivity",
    "infer_diffusivity_drift",
    "infer_diffusivity_force",
    "infer_diffusivity_potential",
    "infer_signal_to_noise",
    "is_noise_of_localizations",
    "noise_drift",
    "plugin_names",
    "without_noise_drift",
]
