"""Models by the names that users know them by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tramway.errors import InvalidInputError

from . import (
    bayes_factor,
    cellwise,
    conjugate_prior,
    density,
    diffusivity,
    diffusivity_drift,
    diffusivity_force,
    diffusivity_potential,
    signal_to_noise,
)
from .maps import Maps


@dataclass(frozen=True)
class Model:
    """A model of motion that can be inferred from a partition.

    Attributes
    ----------
    name
        The plugin name.
    infer
        Called as ``infer(partition, *, localization_precision, exposure_time, mode,
        **parameters)``.
    parameters
        Names of the model's parameters, each with its default.
    chosen
        Those of them that can be ``'auto'``: the model itself chooses their values.
    """

    name: str
    infer: Callable[..., Maps]
    parameters: Mapping[str, object]
    chosen: frozenset[str] = frozenset()


_Entry = tuple[Callable[..., Maps], Mapping[str, object]]


def _entries(
    infer: Callable[..., Maps], parameters: Mapping[str, object], *names: str
) -> dict[str, _Entry]:
    return dict.fromkeys(names, (infer, MappingProxyType(parameters)))


# One solver serves every variant of the original: they differ in how they searched for the same
# minimum, not in the minimum. Those that do not smooth take no priors.
_D = diffusivity.infer_diffusivity
_DD = diffusivity_drift.infer_diffusivity_drift
_DF = diffusivity_force.infer_diffusivity_force
_DV = diffusivity_potential.infer_diffusivity_potential
_MODELS: dict[str, _Entry] = {
    **_entries(_D, diffusivity.PARAMETERS, "d", "standard.d", "smooth.d", "regularized.d"),
    **_entries(_D, cellwise.PARAMETERS, "unsmooth.d", "degraded.d"),
    **_entries(_DD, diffusivity_drift.PARAMETERS, "dd", "standard.dd", "smooth.dd"),
    **_entries(_DD, diffusivity_drift.PARAMETERS, "ddrift", "standard.ddrift", "smooth.ddrift"),
    **_entries(_DD, cellwise.PARAMETERS, "unsmooth.dd", "degraded.dd"),
    **_entries(_DD, cellwise.PARAMETERS, "unsmooth.ddrift", "degraded.ddrift"),
    **_entries(_DF, diffusivity_force.PARAMETERS, "df", "standard.df", "smooth.df"),
    **_entries(_DF, cellwise.PARAMETERS, "unsmooth.df", "degraded.df"),
    **_entries(
        _DV,
        diffusivity_potential.PARAMETERS,
        "dv",
        "stochastic.dv",
        "stochastic.dv1",
        "semi.stochastic.dv",
    ),
    **_entries(conjugate_prior.infer_conjugate_prior, conjugate_prior.PARAMETERS, "d.conj_prior"),
    **_entries(signal_to_noise.infer_signal_to_noise, signal_to_noise.PARAMETERS, "snr", "d.snr"),
    **_entries(bayes_factor.infer_bayes_factor, bayes_factor.PARAMETERS, "bayes_factor"),
    **_entries(density.infer_density, density.PARAMETERS, "density"),
}
_CHOSEN: dict[Callable[..., Maps], frozenset[str]] = {
    _DD: cellwise.CHOSEN,
    _DF: cellwise.CHOSEN,
    _DV: diffusivity_potential.CHOSEN,
}


def plugin_names() -> list[str]:
    """Names that :func:`get_model` accepts."""
    return list(_MODELS)


def get_model(name: str) -> Model:
    """Model of a plugin name.

    Raises
    ------
    InvalidInputError
        If there is none; the message lists those there are.
    """
    if name not in _MODELS:
        raise InvalidInputError(
            f"mapper plugin '{name}' is unknown, expected one of {', '.join(plugin_names())}"
        )
    infer, parameters = _MODELS[name]
    return Model(name, infer, parameters, _CHOSEN.get(infer, frozenset()) & parameters.keys())
