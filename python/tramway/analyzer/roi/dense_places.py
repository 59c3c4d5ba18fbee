"""Regions of interest where localizations are dense."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tramway.attributes import positive, positive_integer
from tramway.errors import InvalidInputError, MissingResultError

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

_MOST_PLACES = 10_000_000


def density_based_roi(
    locations: pd.DataFrame,
    min_kernel_density: float = 0.1,
    target_pattern_size: float = 0.3,
    step_size_factor: float = 0.1,
    dr: int = 4,
) -> list[NDArray[np.float64]]:
    """Find the centers of dense spots, for ``a.roi.from_squares``.

    The density is estimated on a grid, by an Epanechnikov kernel, as a probability density: its
    integral over the plane is 1.

    Parameters
    ----------
    locations
        Columns ``x`` and ``y``, µm.
    min_kernel_density
        Least density of a spot, 1/µm².
    target_pattern_size
        Diameter of the kernel, and about that of spots, µm.
    step_size_factor
        Distance between places of the grid, in diameters.
    dr
        A spot is where the density is highest within so many steps.

    Returns
    -------
    list of array (2,)
        Places, µm, in the order of x.

    Raises
    ------
    MissingResultError
        If there is no spot of that density.
    InvalidInputError
        If a value makes no sense, or the grid would have more than ten million places.
    """
    from scipy.ndimage import maximum_filter

    radius = positive("target_pattern_size", target_pattern_size) / 2
    step = 2 * radius * positive("step_size_factor", step_size_factor)
    reach = np.arange(-positive_integer("dr", dr), dr + 1)
    xy = locations[["x", "y"]].to_numpy(np.float64)
    if not (len(xy) and np.isfinite(xy).all()):
        raise InvalidInputError("`locations` has no row, or a coordinate that is not finite")
    extent = np.ptp(xy, axis=0)
    if np.prod(extent / step + 1) > _MOST_PLACES:
        raise InvalidInputError(
            f"{extent[0]:.4g} × {extent[1]:.4g} µm in steps of {step:.2g} µm are too many places: "
            "choose a larger `target_pattern_size` or `step_size_factor`"
        )
    x, y = (
        np.arange(low, low + size + step / 2, step)
        for low, size in zip(xy.min(0), extent, strict=True)
    )
    density = _epanechnikov(xy, x, y, radius)
    disc = reach[:, None] ** 2 + reach[None, :] ** 2 <= dr**2
    is_highest = density == maximum_filter(density, footprint=disc, mode="constant")
    columns, rows = np.nonzero(
        is_highest & (density >= positive("min_kernel_density", min_kernel_density))
    )
    if not len(columns):
        raise MissingResultError(
            f"no place is as dense as min_kernel_density={min_kernel_density:g}: the densest has "
            f"{density.max():.3g}, per µm²"
        )
    return [np.array([x[i], y[j]]) for i, j in zip(columns, rows, strict=True)]


def epanechnikov_density(
    xy: ArrayLike, eval_at: ArrayLike, target_pattern_size: float
) -> NDArray[np.float64]:
    """Logarithm of the probability density of points, by an Epanechnikov kernel.

    Parameters
    ----------
    xy
        Points (n, 2), µm.
    eval_at
        Where the density is estimated, (m, 2), µm.
    target_pattern_size
        Diameter of the kernel, µm.

    Returns
    -------
    array (m,)
        Of the density in 1/µm²; -inf where no point is near.
    """
    from scipy.spatial import cKDTree

    radius = positive("target_pattern_size", target_pattern_size) / 2
    density = _density_at(np.asarray(eval_at, dtype=np.float64), cKDTree(np.asarray(xy)), radius)
    with np.errstate(divide="ignore"):
        return np.log(density)


def _epanechnikov(
    xy: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], radius: float
) -> NDArray[np.float64]:
    """Probability density at all places of a grid, (len(x), len(y)), 1/µm²."""
    from scipy.spatial import cKDTree

    points = cKDTree(xy)
    columns = (np.column_stack([np.full(len(y), column), y]) for column in x)
    # One at a time, so that memory is bounded.
    return np.array([_density_at(column, points, radius) for column in columns])


def _density_at(
    places: NDArray[np.float64], points: "cKDTree", radius: float
) -> NDArray[np.float64]:
    from scipy.spatial import cKDTree

    near = cKDTree(places).sparse_distance_matrix(points, radius, output_type="ndarray")
    weight = 1 - (near["v"] / radius) ** 2
    height = 2 / (np.pi * radius**2 * points.n)
    return height * np.bincount(near["i"], weight, len(places)).astype(np.float64)
