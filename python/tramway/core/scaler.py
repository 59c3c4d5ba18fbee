"""Scalers, for scripts that scale tables themselves; cells and maps are made in µm, unscaled."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from tramway.errors import InvalidInputError

__all__ = ["Scaler", "unitrange", "whiten"]

Function: TypeAlias = Callable[[Any], tuple[Any, Any]]
"""Gives the center and the factor of some points, or of a list of numbers."""


class Scaler:
    """Subtracts a center from points, and divides them by a factor, those of the first points.

    Parameters
    ----------
    scale
        What finds center and factor; None: nothing is scaled.
    euclidean
        Names, or numbers, of the columns that have one factor.

    Attributes
    ----------
    init
        Whether no points have been seen yet.
    center, factor
        Of each column, once points have been seen; None where nothing is scaled.
    """

    def __init__(self, scale: Function | None = None, euclidean: list[Any] | None = None) -> None:
        self.init = True
        self.function, self.euclidean = scale, euclidean
        self.center: Any = None
        self.factor: Any = None

    @property
    def ready(self) -> bool:
        """Whether points have been seen."""
        return not self.init

    def scale_point(self, points: Any, inplace: bool = True) -> Any:
        """Scale points (N, d), an array or a table; the first ones say how.

        Parameters
        ----------
        points
            They are changed, unless `inplace` is False or they are a list.
        inplace
            Whether that is so.
        """
        if self.init:
            self._look_at(np.asarray(points) if isinstance(points, tuple | list) else points)
        return self._changed(points, inplace, self._scale)

    def unscale_point(self, points: Any, inplace: bool = True) -> Any:
        """Undo :meth:`scale_point`."""
        return self._changed(points, inplace, self._unscale)

    def scale_vector(self, vect: Any, inplace: bool = True) -> Any:
        """Scale differences of points."""
        return self._changed(vect, inplace, self._shrink)

    def unscale_vector(self, vect: Any, inplace: bool = True) -> Any:
        """Undo :meth:`scale_vector`."""
        return self._changed(vect, inplace, self._stretch)

    def _scale(self, points: Any) -> Any:
        points -= self.center
        return self._shrink(points)

    def _unscale(self, points: Any) -> Any:
        points = self._stretch(points)
        points += self.center
        return points

    def _shrink(self, vectors: Any) -> Any:
        vectors /= self.factor
        return vectors

    def _stretch(self, vectors: Any) -> Any:
        vectors *= self.factor
        return vectors

    def _look_at(self, points: Any) -> None:
        if self.function is not None:
            self.center, self.factor = self.function(points)
            if self.euclidean:
                is_table = isinstance(points, pd.DataFrame)
                chosen = points[self.euclidean] if is_table else points[:, self.euclidean]
                self.factor[self.euclidean] = self.function(np.ravel(chosen))[1]
        self.init = False

    def _changed(self, points: Any, inplace: bool, change: Callable[[Any], Any]) -> Any:
        if self.init:
            raise InvalidInputError("the scaler has seen no points yet: scale_point comes first")
        if isinstance(points, tuple | list):
            points = np.array(points)
        elif not inplace:
            points = points.copy()
        return points if self.function is None else change(points)


def _mean_and_deviation(points: Any) -> tuple[Any, Any]:
    return points.mean(axis=0), points.std(axis=0, ddof=0)


def _least_and_range(points: Any) -> tuple[Any, Any]:
    return points.min(axis=0), points.max(axis=0) - points.min(axis=0)


def whiten() -> Scaler:
    """Make a scaler to mean 0 and standard deviation 1."""
    return Scaler(_mean_and_deviation)


def unitrange() -> Scaler:
    """Make a scaler to the range from 0 to 1."""
    return Scaler(_least_and_range)
