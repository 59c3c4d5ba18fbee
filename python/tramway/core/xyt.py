"""Tables of trajectories."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tramway.data import read_trajectories, trajectories_of, translocations

__all__ = ["crop", "load_xyt", "translocations_to_trajectories"]


def load_xyt(
    path: str | os.PathLike[str], columns: Sequence[str] | None = None, **options: Any
) -> pd.DataFrame:
    """Read trajectories; see :func:`tramway.data.read_trajectories`. Options have no effect."""
    return read_trajectories(path, columns)


def crop(points: pd.DataFrame, box: ArrayLike, **options: Any) -> pd.DataFrame:
    """Give the translocations that begin in a box.

    Parameters
    ----------
    points
        Trajectories.
    box
        Lower corner, then the size along each coordinate, µm.
    options
        Without effect.
    """
    lower, size = np.split(np.asarray(box, dtype=np.float64), 2)
    return translocations(points, tuple(lower), tuple(lower + size))


def translocations_to_trajectories(points: pd.DataFrame) -> pd.DataFrame:
    """Turn translocations back into trajectories; see :func:`tramway.data.trajectories_of`."""
    return trajectories_of(points)
