"""Models of motion and the maps they give."""

from .contrast import contrast
from .curl import curl
from .domains import domain_lifetimes, find_domains
from .goodness_of_fit import goodness_of_fit
from .localization_noise import is_noise_of_localizations, noise_drift, without_noise_drift
from .maps import Maps, maps_of
from .model import Model
from .model_comparison import compare_models
from .models.bayes_factor import infer_bayes_factor
from .models.conjugate_prior import infer_conjugate_prior
from .models.density import infer_density
from .models.diffusivity import infer_diffusivity
from .models.diffusivity_drift import infer_diffusivity_drift
from .models.diffusivity_force import infer_diffusivity_force
from .models.diffusivity_potential import infer_diffusivity_potential
from .models.signal_to_noise import infer_signal_to_noise
from .parameters import PARAMETERS, Parameter
from .raster import write_tiff
from .registry import get_model, plugin_names
from .search import Status
from .status import cell_status
from .tables import table_of
from .wells import find_wells

__all__ = [
    "PARAMETERS",
    "Maps",
    "Model",
    "Parameter",
    "Status",
    "cell_status",
    "compare_models",
    "contrast",
    "curl",
    "domain_lifetimes",
    "find_domains",
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
    "table_of",
    "without_noise_drift",
    "write_tiff",
]
