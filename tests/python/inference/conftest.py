"""What tests of several models use: displacements under cells that are given as plain arrays."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from tramway.tessellation import Partition, Tessellation


class Cells(Tessellation):
    """Cells without outlines."""

    def polygons(self) -> list[np.ndarray]:
        return []


def _filed(
    centers: ArrayLike,
    cell: ArrayLike,
    displacements: ArrayLike,
    lags: ArrayLike,
    neighbours: list[list[int]] | None = None,
) -> Partition:
    """Displacements that begin at the centers of cells of size 1, by default without neighbours."""
    centers, cell = np.ascontiguousarray(centers, float), np.asarray(cell, np.int64)
    neighbours = neighbours or [[]] * len(centers)
    space = ["x", "y", "z"][: centers.shape[1]]
    table = pd.DataFrame(centers[cell], columns=space)
    table[[f"d{name}" for name in space]] = np.asarray(displacements)
    table["dt"] = lags
    tessellation = Cells(
        cell_centers=centers,
        adjacency_starts=np.cumsum([0, *map(len, neighbours)]),
        adjacency=np.concatenate(neighbours).astype(np.int64),
        cell_volume=np.ones(len(centers)),
    )
    return Partition(table, tessellation, cell, {})


@pytest.fixture(scope="session")
def filed() -> Callable[..., Partition]:
    """Called as `filed(centers, cell, displacements, lags, neighbours=None)`."""
    return _filed


@pytest.fixture(scope="session")
def by_original(
    original_python: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Mapping[str, Any]]:
    """Run a script that is here with the original, on tracks: `by_original(script, tracks)`."""

    def found(script: str, tracks: pd.DataFrame) -> Mapping[str, Any]:
        folder = tmp_path_factory.mktemp("original")
        tracks.to_csv(folder / "tracks.txt", sep="\t", header=False, index=False)
        command = [original_python, "-I", "-W", "ignore", Path(__file__).with_name(script)]
        subprocess.run([*command, folder / "tracks.txt", folder / "found.npz"], check=True)
        return np.load(folder / "found.npz")

    return found
