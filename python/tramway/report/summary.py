"""One number, with its error bar, for each quantity of a region."""

from typing import Any

import numpy as np

from tramway.inference.localization_precision import noise_of

from .results import MapResult


def summary_of(result: MapResult) -> dict[str, Any]:
    r"""Mean diffusivity of a region with its error bar.

    The mean over the cells is weighted by their n displacements in all; its standard error is the
    one that so many leave, :math:`(D + σ²/Δt) \sqrt{2/dn}` in d dimensions, however neighbouring
    cells are tied by priors. It is that of one region: how far movies or cells differ is for a
    study to tell.

    Returns
    -------
    dict
        ``diffusivity`` and ``diffusivity_std``, µm²/s, and ``diffusivity_spread``, the standard
        deviation over the cells; None where the maps have none.
    """
    nothing = dict.fromkeys(("diffusivity", "diffusivity_std", "diffusivity_spread"))
    table = result.maps.maps
    if "diffusivity" not in table:
        return nothing
    values = table["diffusivity"].to_numpy(dtype=np.float64)
    counts = result.partition.location_count[table.index].astype(np.float64)
    known = np.isfinite(values) & (counts > 0)
    if not known.any():
        return nothing
    weights = counts[known] / counts[known].sum()
    mean = float(weights @ values[known])
    spread = float(np.sqrt(weights @ (values[known] - mean) ** 2))
    sigma = result.maps.attributes.get("sigma")
    noise = noise_of(result.partition, sigma or 0.0).half_variance  # type: ignore[arg-type]
    per_lag = float(np.median(noise) / result.partition.median_lag)
    freedom = result.partition.tessellation.dim * counts[known].sum()
    error = (mean + per_lag) * float(np.sqrt(2 / freedom))
    return {
        "diffusivity": float(f"{mean:.5g}"),
        "diffusivity_std": float(f"{error:.3g}"),
        "diffusivity_spread": float(f"{spread:.3g}"),
    }
