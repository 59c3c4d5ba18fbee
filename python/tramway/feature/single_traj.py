"""Features of single trajectories, those whose definition is clear."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data import check_trajectories

__all__ = ["extract_features"]

_LEAST_SIZE = 4
_LAGS = (1, 2, 3)


def extract_features(trajectories: pd.DataFrame, *_: object, **options: object) -> pd.DataFrame:
    """Compute features of each track, in the plane.

    Parameters
    ----------
    trajectories
        Columns ``n x y t``, in µm and s.
    options
        Accepted without effect.

    Returns
    -------
    pandas.DataFrame
        A row for each track, index ``n``; NaN for tracks of fewer than 4 localizations, or that do
        not move. Columns:

        ``size dt is_dt_cst t_min t_max``: number of localizations; median lag, s; whether lags are
        equal, to 1 µs; first and last time, s, from the beginning of the track.

        ``angle_var``: variance of the angles between successive steps, rad².

        ``drift_norm``: length of the mean of (r(t) - r(0)) / t, µm/s.

        ``area perimeter max_dist``: of the convex hull, µm² and µm; largest distance of two
        localizations, µm.

        ``asymmetry asphericity kurtosis``: with the eigenvalues a and b of the covariance of
        places, -log(1 - (a - b)²/2(a + b)²) (Saxton, Biophys. J. 64:1766, 1993), ((a - b)/(a + b))²
        (Rudnick and Gaspari, J. Phys. A 19:L191, 1986), and the kurtosis of places along the main
        axis (Helmuth et al., J. Struct. Biol. 159:347, 2007).

        ``efficiency straightness``: squared distance from end to end in sums of squared steps;
        that distance in sums of steps.

        ``step_mean step_var step_skewness step_kurtosis step_min step_max``: of the lengths of
        steps, µm; the kurtosis is 0 for a normal distribution.

        ``autocorr_1 autocorr_2 autocorr_3``: autocorrelation of these lengths, by lag in steps.

    Warns
    -----
    FutureWarning
        Those of the original that are based on fits and on sampled times are not computed.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     bool(extract_features(movie)["straightness"].max() <= 1)
    True
    """
    warnings.warn(
        "features ergo_…, escape_…, frac_…, gaussian_…, msd_…, pdf_… and angle_autocorr… of the "
        "original are not computed: it says itself that not all of its features are what their "
        "names say",
        FutureWarning,
        stacklevel=2,
    )
    tracks = check_trajectories(trajectories).groupby("n")
    rows = {
        n: _features(track[["x", "y"]].to_numpy(), track["t"].to_numpy()) for n, track in tracks
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("n")


def _features(places: NDArray[np.float64], times: NDArray[np.float64]) -> dict[str, Any]:
    from scipy.spatial import ConvexHull, QhullError
    from scipy.spatial.distance import pdist
    from scipy.stats import kurtosis, skew

    steps = np.diff(places, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    if len(places) < _LEAST_SIZE or not lengths.any():
        return {}
    lags = np.diff(times)
    direct = float(np.linalg.norm(places[-1] - places[0]))
    try:
        hull = ConvexHull(places)
        area, perimeter = hull.volume, hull.area  # so they are called in the plane
    except QhullError:  # on a line
        area, perimeter = 0.0, 2 * pdist(places).max()
    (small, large), axes = np.linalg.eigh(np.cov(places.T))
    asphericity = ((large - small) / (large + small)) ** 2
    moving = steps[lengths > 0] / lengths[lengths > 0, np.newaxis]
    angles = np.arccos(np.clip((moving[1:] * moving[:-1]).sum(axis=1), -1, 1))
    elapsed = times[1:] - times[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # steps of one length: NaN
        shape = {"step_skewness": skew(lengths), "step_kurtosis": kurtosis(lengths)}
    return {
        "size": len(places),
        "dt": np.median(lags),
        "is_dt_cst": bool(np.ptp(lags) < 1e-6),
        "t_min": 0.0,
        "t_max": elapsed[-1],
        "angle_var": angles.var() if len(angles) else np.nan,
        "drift_norm": np.linalg.norm(((places[1:] - places[0]) / elapsed[:, None]).mean(axis=0)),
        "area": area,
        "perimeter": perimeter,
        "max_dist": pdist(places).max(),
        "asymmetry": -np.log(1 - asphericity / 2),
        "asphericity": asphericity,
        "efficiency": direct**2 / (lengths**2).sum(),
        "kurtosis": kurtosis(places @ axes[:, 1], fisher=False),
        "straightness": direct / lengths.sum(),
        "step_mean": lengths.mean(),
        "step_var": lengths.var(),
        **shape,
        "step_min": lengths.min(),
        "step_max": lengths.max(),
        **{f"autocorr_{lag}": _autocorrelation(lengths, lag) for lag in _LAGS},
    }


def _autocorrelation(values: NDArray[np.float64], lag: int) -> float:
    around = values - values.mean()
    if len(values) <= lag or not around.any():
        return np.nan
    return float((around[lag:] * around[:-lag]).mean() / (around**2).mean())
