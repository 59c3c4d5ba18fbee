# The numeric core. Private: the rooms `data`, `tessellation` and `inference` call it for users.

from collections.abc import Sequence
from os import PathLike
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

__version__: str

def set_thread_count(count: int) -> None: ...
def thread_count() -> int: ...

# trajectories
def read_table(
    path: str | PathLike[str], columns: Sequence[str] | None
) -> tuple[list[str], list[Floats | Integers]]: ...
def order_tracks(track: Integers, time: Floats) -> tuple[Integers, int]: ...
def crop(
    track: Integers, coordinates: Floats, time: Floats, lower: Floats, upper: Floats
) -> tuple[Integers, Integers]: ...

# segmentation
def hexagons_by_spacing(
    spacing: float,
    lower: Sequence[float],
    upper: Sequence[float],
    tilt: float,
    pivot: Sequence[float],
) -> tuple[Floats, Integers, Integers, Floats, float, tuple[int, int]]: ...
def hexagons_by_count(
    count: float,
    min_spacing: float,
    lower: Sequence[float],
    upper: Sequence[float],
    tilt: float,
    pivot: Sequence[float],
) -> tuple[Floats, Integers, Integers, Floats, float, tuple[int, int]]: ...
def assign_nearest(points: Floats, centers: Floats) -> Integers: ...

# simulation
def simulate_walks(
    track_count: int,
    track_length: int,
    frame_interval: float,
    substeps: int,
    localization_precision: float,
    lower: Sequence[float],
    upper: Sequence[float],
    diffusivity: float,
    diffusivity_bumps: Floats,
    wells: Floats,
    seed: int,
) -> Floats: ...

# inference
class DiffusivityPotential:
    def __init__(
        self,
        centers: Floats,
        adjacency_starts: Integers,
        adjacency: Integers,
        volumes: Floats,
        cell: Integers,
        displacements: Floats,
        lags: Floats,
        localization_precision: float,
        diffusivity_prior: float,
        potential_prior: float,
        min_diffusivity: float,
    ) -> None: ...
    @property
    def cells(self) -> Integers: ...
    def start(self) -> tuple[Floats, Floats]: ...
    def value(self, diffusivity: Floats, potential: Floats) -> float: ...
    def gradient(self, diffusivity: Floats, potential: Floats) -> tuple[Floats, Floats]: ...
    def hessian(
        self, diffusivity: Floats, potential: Floats
    ) -> tuple[Integers, Integers, Floats]: ...
    def force(self, potential: Floats) -> Floats: ...
    def maximize(
        self,
        diffusivity: Floats | None,
        potential: Floats | None,
        tolerance: float,
        max_iterations: int,
        max_seconds: float | None,
    ) -> tuple[Floats, Floats, float, str, int, int]: ...
