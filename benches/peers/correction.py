"""The posterior of DV made ready to be searched, with and without the correction of noise."""

from data import PARAMETERS, partition


def _posterior(folder, **settings):
    from tramway.inference import get_model
    from tramway.inference.posterior import posterior_of

    given, model = partition(folder), get_model("dv")
    priors = {name: PARAMETERS[name] for name in ("diffusivity_prior", "potential_prior")}
    settings |= PARAMETERS | {"exposure_time": 0.0}
    return lambda: posterior_of(given, model, settings, priors) is None


def uncorrected(folder):
    return _posterior(folder)


def corrected(folder):
    """The whole of it: midpoints and their cells, sums, edges of cells, what is taken out."""
    return _posterior(folder, noise_correction=True)
