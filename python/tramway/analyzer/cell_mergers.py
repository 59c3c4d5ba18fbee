"""What becomes of cells with few translocations: ``a.tesseller.post_processing``."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tramway.attributes import StrictAttributes, flag, positive_integer
from tramway.errors import InvalidInputError
from tramway.tessellation import Tessellation, merge_small

__all__ = ["ByTranslocationCount"]


class ByTranslocationCount(StrictAttributes):
    """Gives cells with too few translocations up to their neighbours.

    Parameters
    ----------
    count_threshold
        Least number of translocations that begin in a cell.
    update_centroids
        Whether the centers left move to the mean of their points, once per round.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tesseller = tessellers.Hexagons(resolution=0.3)
    >>> a.tesseller.tessellate(steps).n_cells
    150
    >>> a.tesseller.post_processing = cell_mergers.ByTranslocationCount(20)
    >>> a.tesseller.tessellate(steps).n_cells
    70
    """

    def __init__(self, count_threshold: int = 20, update_centroids: bool = False) -> None:
        self.count_threshold = count_threshold
        self.update_centroids = update_centroids

    @property
    def count_threshold(self) -> int:
        """Least number of translocations that begin in a cell."""
        return self._count_threshold

    @count_threshold.setter
    def count_threshold(self, count: int) -> None:
        self._count_threshold = positive_integer("count_threshold", count)

    @property
    def update_centroids(self) -> bool:
        """Whether the centers left move to the mean of their points."""
        return self._update_centroids

    @update_centroids.setter
    def update_centroids(self, update: bool) -> None:
        self._update_centroids = flag("update_centroids", update)

    @property
    def parameters(self) -> dict[str, Any]:
        """What decides the result, for the record."""
        return {
            "merger": type(self).__name__,
            "count_threshold": self.count_threshold,
            "update_centroids": self.update_centroids,
        }

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Make the merger that has these `parameters`, by default those of the class."""
        given = dict(parameters)
        merger = given.pop("merger", cls.__name__)
        if merger != cls.__name__:
            raise InvalidInputError(f"`merger` is {merger!r}, expected {cls.__name__!r}")
        made = cls()
        for name, value in given.items():
            setattr(made, name, value)
        return made

    def merge(self, cells: Tessellation, origins: NDArray[np.float64]) -> Tessellation:
        """Merge cells; see :func:`tramway.tessellation.merge_small`."""
        return merge_small(
            cells,
            origins,
            count_threshold=self.count_threshold,
            update_centroids=self.update_centroids,
        )

    def __repr__(self) -> str:
        return (
            f"ByTranslocationCount(count_threshold={self.count_threshold}, "
            f"update_centroids={self.update_centroids})"
        )
