"""Maps of diffusivity and potential, as JSON; given such a file, the original's objective there.

Run in both; what ours writes is then given to the original, which says its objective, the negative
log posterior, at these maps and at its own.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
NAMES: dict = {}
exec((Path(__file__).parent / "given.py").read_text(encoding="utf-8"), NAMES)

import numpy as np  # noqa: E402

from tramway.analyzer import *  # noqa: E402, F403 - as users write it

SIGMA, PRIOR = 0.02, 1.0


def inferred(kind):
    a = RWAnalyzer()  # noqa: F405
    a.spt_data.from_dataframe(NAMES["walk"]())
    a.spt_data.localization_precision = SIGMA
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.9)
    a.tesseller = kind
    a.tesseller.resolution = 0.6
    a.mapper = models.DV("naive")  # noqa: F405
    a.mapper.diffusivity_prior = a.mapper.potential_prior = PRIOR
    a.mapper.verbose = False
    sampling = a.sampler.sample(first(a.roi.as_support_regions()).crop())  # noqa: F405
    maps = a.mapper.infer(sampling)
    return sampling, [maps[name].to_numpy().ravel() for name in ("diffusivity", "potential")]


def objective(sampling, diffusivity, potential):
    """What the original minimises, by its own code."""
    from tramway.inference.gradient import get_grad_kwargs

    from tramway.inference import dv
    from tramway.inference.base import distributed, smooth_infer_init

    cells = distributed(sampling)
    index, reverse_index, _, dt_mean, _, _, _, _ = smooth_infer_init(
        cells, min_diffusivity=None, jeffreys_prior=False, sigma2=SIGMA**2
    )
    at = dv.DV(diffusivity, potential, PRIOR, PRIOR)
    given = cells, SIGMA**2, False, dt_mean, index, reverse_index, get_grad_kwargs({}), 0.0
    return float(dv.dv_neg_posterior1(at.combined.copy(), at, *given, False, []))


kinds = {"hexagons": tessellers.Hexagons, "squares": tessellers.Squares}  # noqa: F405
found = {}
others = json.loads(Path(sys.argv[1]).read_text()) if len(sys.argv) > 1 else None
for key, kind in kinds.items():
    sampling, maps = inferred(kind)
    if others is None:
        found[key] = [values.tolist() for values in maps]
    else:
        at_others = [np.array(values) for values in others[key]]
        found[key] = [objective(sampling, *at_others), objective(sampling, *maps)]
print(json.dumps(found))
