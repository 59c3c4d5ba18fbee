"""The points that a tessellation is made for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tramway import _core
from tramway.errors import InsufficientDataError, InvalidInputError


@dataclass(frozen=True, eq=False)
class Extent:
    """How many points there are, and where: all that some tessellations are made of.

    Attributes
    ----------
    count
        Number of points.
    lower, upper
        Corners of the box around them, (d,), µm.
    mean
        Their mean, (d,), µm.
    """

    count: int
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def dim(self) -> int:
        """Number of dimensions, d."""
        return len(self.lower)


class GatheredExtent:
    """Extent of points that come in pieces: that of all at once, to the bit."""

    def __init__(self) -> None:
        self._count = 0
        self._corners: NDArray[np.float64] | None = None
        self._sums: list[float] = []

    def add(self, positions: NDArray[np.float64]) -> None:
        """Add points, (n, d) in µm."""
        if not len(positions):
            return
        if self._corners is None:
            self._corners = positions[[0, 0]]
            self._sums = [0.0] * positions.shape[1]
        self._count += len(positions)
        self._corners[0] = np.minimum(self._corners[0], positions.min(axis=0))
        self._corners[1] = np.maximum(self._corners[1], positions.max(axis=0))
        self._sums = [
            sum_in_order(axis, before) for axis, before in zip(positions.T, self._sums, strict=True)
        ]

    def extent(self) -> Extent:
        """Extent of all that was added."""
        if self._corners is None:
            raise InsufficientDataError(
                "there are no points, at least two are needed to tessellate"
            )
        lower, upper = self._corners
        return Extent(self._count, lower, upper, np.array(self._sums) / self._count)


def sum_in_order(values: NDArray[np.float64], before: float = 0.0) -> float:
    """Add numbers one by one to what came before: numpy's own sum depends on how many there are."""
    one = np.zeros(len(values) + 1, dtype=np.intp)
    return float(np.bincount(one, np.append(before, values))[0])


def mean_in_order(values: NDArray[np.float64]) -> float:
    """Mean of numbers that are added one by one; 0 of none."""
    return sum_in_order(values) / len(values) if len(values) else 0.0


def extent_of(points: ArrayLike | Extent, made: str, dimensions: tuple[int, ...] = (2,)) -> Extent:
    """Find the extent of points, (n, d), checked as by :func:`check_positions`; or of itself."""
    if isinstance(points, Extent):
        check_positions(points.mean[np.newaxis], made, dimensions)
        return points
    positions = check_positions(points, made, dimensions)
    lower, upper, mean = _core.bounds_and_mean(positions)
    return Extent(len(positions), lower, upper, mean)


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
