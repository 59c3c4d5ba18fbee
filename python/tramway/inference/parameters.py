"""What can be set in a model: the one table of its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from tramway.attributes import (
    Check,
    flag,
    integer,
    non_negative,
    optional,
    or_auto,
    positive,
    positive_integer,
    probability,
)
from tramway.errors import InvalidInputError


@dataclass(frozen=True)
class Parameter:
    """A parameter, which means the same in every model that has it.

    Attributes
    ----------
    name
        As users set it.
    default
        Its value where none is set.
    check
        What values must be.
    text
        What it means, with its unit: one or more sentences.
    weighs
        Whether it is the weight of a prior, in space or in time.
    in_time
        Whether that is a prior on what changes from one time segment to the next.

    Examples
    --------
    >>> PARAMETERS["diffusivity_prior"].name
    'diffusivity_prior'
    """

    name: str
    default: Any
    check: Check
    text: str
    weighs: bool = False
    in_time: bool = False


def _smoothness(name: str, value: Any) -> int | str:
    """Check for an order of smoothness, or 'matern'."""
    if isinstance(value, str) and value == "matern":
        return "matern"
    if isinstance(value, bool) or not isinstance(value, int | float) or value not in (1, 2):
        raise InvalidInputError(f"`{name}` is {value!r}, expected 1 or 2, or 'matern'")
    return int(value)


def _pairs(name: str, value: Any) -> list[list[float]]:
    """Check for one or two pairs of positive numbers."""
    try:
        pairs = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        pairs = np.empty(0)
    is_right = pairs.ndim == 2 and pairs.shape[0] in (1, 2) and pairs.shape[1] == 2
    if not (is_right and np.isfinite(pairs).all() and (pairs > 0).all()):
        raise InvalidInputError(
            f"`{name}` is {value!r}, expected an amplitude and a range in µm, both positive, for "
            "each prior, [[0.2, 1.0], [2.0, 0.8]] for instance"
        )
    return pairs.tolist()  # type: ignore[no-any-return]


def _weight(name: str, text: str, *, in_time: bool = False) -> Parameter:
    return Parameter(
        name, None, or_auto(optional(non_negative)), text, weighs=True, in_time=in_time
    )


_AUTO = "none: 0; ``'auto'``: the weight that maximises the evidence"
_TABLE = (
    _weight(
        "diffusivity_prior",
        f"Weight :math:`λ_D` ≥ 0 of the smoothness of D, s²/µm⁴; {_AUTO}.",
    ),
    _weight(
        "potential_prior",
        f"Weight :math:`λ_V` ≥ 0 of the smoothness of V, kT⁻²; {_AUTO}.",
    ),
    _weight(
        "drift_prior",
        f"Weight :math:`λ_v` ≥ 0 of the magnitude of the drift, s²/µm⁴ (s²/µm⁵ in 3-D); {_AUTO}.",
    ),
    _weight(
        "force_prior",
        f"Weight :math:`λ_F` ≥ 0 of the magnitude of the force, kT⁻² (per µm in 3-D); {_AUTO}.",
    ),
    _weight(
        "diffusivity_time_prior",
        "Weight :math:`λ_D'` ≥ 0 of the rate at which D changes, s⁴/µm⁶ in 2-D, in time segments; "
        f"{_AUTO}. Without effect where there is a single segment.",
        in_time=True,
    ),
    _weight(
        "potential_time_prior",
        "Weight :math:`λ_V'` ≥ 0 of the rate at which V changes, s²/µm² kT⁻² in 2-D, in time "
        f"segments; {_AUTO}. The potentials of all segments then have one constant in common.",
        in_time=True,
    ),
    Parameter(
        "smoothness",
        1,
        _smoothness,
        "What S penalises: slopes (1), or their change (2; weights are then µm² times those "
        "above). ``'matern'``: ln D, V and the components of vectors are fields of Matérn's "
        "covariance, with an amplitude and a range instead of a weight.",
    ),
    Parameter(
        "scales",
        None,
        optional(_pairs),
        "Amplitude and range (µm) of the Matérn field of ln D, and of those of the other maps: "
        "``[[0.2, 1.0], [2.0, 0.8]]``; none: those of highest evidence, and what is not known of "
        "them is in the error bars.",
    ),
    Parameter(
        "min_diffusivity", None, optional(non_negative), "Lower bound on D ≥ 0, µm²/s; none: 0."
    ),
    Parameter(
        "jeffreys_prior",
        False,
        flag,
        "Whether each cell has Jeffreys' prior on D and its force or drift, if it has one; it "
        "leaves the evidence undefined.",
    ),
    Parameter(
        "noise_correction",
        False,
        or_auto(flag),
        "Whether to keep out the spurious drift of localization noise "
        "(:func:`tramway.inference.without_noise_drift`), which grows no smaller with more data; "
        "``'auto'``: unless the tracks show that displacements do not share noise "
        "(:func:`tramway.inference.is_noise_of_localizations`).",
    ),
    Parameter(
        "equilibrium",
        False,
        or_auto(flag),
        "Whether molecules are in equilibrium in V, so that tracks begin with a density of "
        "exp(-V), all places being as likely to be illuminated and detected; ``'auto'``: if that "
        "explains where tracks begin better than any other density, which a warning tells.",
    ),
    Parameter("alpha", 0.95, probability, "Probability that the interval holds, between 0 and 1."),
    Parameter("B_threshold", 10.0, positive, "How large B, or 1/B, must be for a decision, > 1."),
    Parameter(
        "max_iter",
        None,
        optional(positive_integer),
        "Most Newton steps; none: 200 (4 to 10 are usual).",
    ),
    Parameter(
        "max_runtime",
        None,
        optional(positive),
        "Most time in s, looked at after each step; none: no limit.",
    ),
    Parameter(
        "worker_count",
        None,
        optional(integer),
        "Accepted and without effect: one region is a matter of milliseconds on one thread.",
    ),
    Parameter("verbose", False, flag, "Whether to log what the solver did."),
)

PARAMETERS: Mapping[str, Parameter] = MappingProxyType({p.name: p for p in _TABLE})
"""Every parameter by its name."""

OF_SEARCH = ("max_iter", "max_runtime", "worker_count", "verbose")
"""Those of how the maximum of a posterior is searched."""

OF_CELLS = ("min_diffusivity", "jeffreys_prior", *OF_SEARCH)
"""Those of a posterior that smooths nothing: of each cell by itself, and of the search."""
