"""Models of motion and the maps they give."""

from .bayes_factor import infer_bayes_factor
from .conjugate_prior import infer_conjugate_prior
from .curl import curl
from .density import infer_density
from .diffusivity import infer_diffusivity
from .diffusivity_drift import infer_diffusivity_drift
from .diffusivity_force import infer_diffusivity_force
from .diffusivity_potential import contrast, infer_diffusivity_potential
from .goodness_of_fit import goodness_of_fit
from .localization_noise import is_noise_of_localizations, noise_drift, without_noise_drift
from .maps import Maps, maps_of
from .model_comparison import compare_models
from .registry import Model, get_model, plugin_names
from .signal_to_noise import infer_signal_to_noise
from .status import cell_status
from .wells import find_wells

__all__ = [
    "Maps",
    "Model",
    "cell_status",
    "compare_models",
    "contrast",
    "curl",
    "find_wells",
    "get_model",
    "goodness_of_fit",
    "infer_bayes_factor",
    "infer_conjugate_prior",
    "infer_density",
    "infer_diffusivity",
    "infer_diffusivity_drift",
    "infer_diffusivity_force",
    "infer_diffusivity_potential",
    "infer_signal_to_noise",
    "is_noise_of_localizations",
    "maps_of",
    "noise_drift",
    "plugin_names",
    "without_noise_drift",
]
