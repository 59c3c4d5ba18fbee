"""The points that a tessellation is made for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway.errors import InsufficientDataError, InvalidInputError


def check_positions(
    points: ArrayLike, made: str, dimensions: tuple[int, ...] = (2,)
) -> NDArray[np.float64]:
    """Points as a contiguous array (n, d) with at least one row; `made` is what is made of them."""
    positions = np.ascontiguousarray(points, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] not in dimensions:
        shapes = " or ".join(f"(n, {dimension})" for dimension in dimensions)
        words = " or ".join({2: "two", 3: "three"}[dimension] for dimension in dimensions)
        raise InvalidInputError(
            f"`points` is an array of shape {positions.shape}, expected {shapes}: {made} are for "
            f"{words} dimensions"
        )
    if not len(positions):
        raise InsufficientDataError("there are no points, at least two are needed to tessellate")
    return positions


def check_corner(
    name: str, bound: Sequence[float] | None, default: NDArray[np.float64]
) -> list[float]:
    """Corner of the box to tessellate: `bound`, or that of the points."""
    corner = list(default if bound is None else bound)
    if len(corner) != len(default):
        axes = ("x and y", "x, y and z")[len(default) - 2]
        raise InvalidInputError(
            f"`{name}` has {len(corner)} coordinates, expected {len(default)}: {axes}"
        )
    return corner
