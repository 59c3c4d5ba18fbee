# The numeric core. Private: the rooms `data`, `tessellation` and `inference` call it for users.

from collections.abc import Sequence
from os import PathLike
from typing import Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
# Centers, where the neighbours of each cell begin, the neighbours, and areas or volumes.
Cells: TypeAlias = tuple[Floats, Integers, Integers, Floats]

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
) -> tuple[Cells, float, tuple[int, int]]: ...
def hexagons_by_count(
    count: float,
    min_spacing: float,
    lower: Sequence[float],
    upper: Sequence[float],
    tilt: float,
    pivot: Sequence[float],
) -> tuple[Cells, float, tuple[int, int]]: ...
def squares_by_spacing(bounds: Floats, spacing: float) -> tuple[Cells, Floats, list[int]]: ...
def squares_by_count(
    bounds: Floats, count: float, min_spacing: float
) -> tuple[Cells, Floats, list[int]]: ...
def squares_by_shape(bounds: Floats, count: Sequence[int]) -> tuple[Cells, Floats, list[int]]: ...
def convex_hull(points: Floats) -> Floats: ...
def voronoi(centers: Floats, region: Floats) -> Cells: ...
def voronoi_outlines(centers: Floats, region: Floats) -> tuple[Floats, Integers]: ...
def kmeans(points: Floats, start: Floats, tolerance: float) -> Floats: ...
def grow_centers(
    points: Floats, neighbours: int, min_radius: float, max_radius: float, seed: int
) -> Floats: ...
def random_centers(bounds: Floats, count: int, seed: int) -> Floats: ...
def merge_small(
    centers: Floats, points: Floats, region: Floats, min_count: int, update_centers: bool
) -> Floats: ...
def quad_tree(
    points: Floats, min_side: float, min_count: int, max_count: int
) -> tuple[Floats, float, Integers]: ...
def quad_tree_cells(lower: Floats, side: float, depths: Integers) -> Cells: ...
def quad_tree_locate(points: Floats, lower: Floats, side: float, depths: Integers) -> Integers: ...
def assign_nearest(points: Floats, centers: Floats) -> Integers: ...
def assign_within_radius(
    points: Floats, centers: Floats, radius: float
) -> tuple[Integers, Integers]: ...
def assign_nearest_points(
    points: Floats, centers: Floats, starts: Integers, own: Integers, min: int, max: int
) -> tuple[Integers, Integers]: ...
def assign_nearest_in_time(
    times: Floats,
    cell: Integers,
    cell_count: int,
    middles: Floats,
    starts: Integers,
    own: Integers,
    min: int,
    max: int,
) -> tuple[Integers, Integers]: ...

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
        smoothness: float | None = None,
        noise: Floats | None = None,
        exposure_time: float = 0.0,
    ) -> None: ...
    def add_time_priors(
        self,
        middles: Floats,
        volumes: Floats,
        diffusivity_prior: float | None,
        potential_prior: float | None,
    ) -> None: ...
    def add_jeffreys_prior(self) -> None: ...
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
    def choose_priors(
        self,
        chosen: Sequence[bool],
        tolerance: float,
        max_iterations: int,
        max_seconds: float | None,
    ) -> tuple[tuple[Floats, Floats, float, str, int, int], Floats]: ...
    def uncertainty(
        self, diffusivity: Floats, potential: Floats
    ) -> tuple[float, Floats, Floats, Floats] | None: ...
    def contrast_deviations(
        self, diffusivity: Floats, potential: Floats, weights: Floats
    ) -> Floats | None: ...

class _CellwiseEstimate(TypedDict):
    cells: Integers
    diffusivity: Floats
    diffusivity_std: Floats
    vector: Floats
    vector_std: Floats
    log_evidence: float
    objective: float
    status: str
    iterations: int

def estimate_cellwise(
    model: Literal["d", "dd", "df"],
    centers: Floats,
    adjacency_starts: Integers,
    adjacency: Integers,
    volumes: Floats,
    cell: Integers,
    displacements: Floats,
    lags: Floats,
    localization_precision: float,
    diffusivity_prior: float,
    vector_prior: float,
    min_diffusivity: float,
    jeffreys_prior: bool,
    tolerance: float,
    max_iterations: int,
    max_seconds: float | None,
    smoothness: float | None = None,
    middles: Floats | None = None,
    diffusivity_time_prior: float = 0.0,
    noise: Floats | None = None,
    exposure_time: float = 0.0,
) -> _CellwiseEstimate: ...
def gradient(
    centers: Floats,
    adjacency_starts: Integers,
    adjacency: Integers,
    cells: Integers,
    field: Floats,
) -> Floats: ...
def gradient_operator(
    centers: Floats, adjacency_starts: Integers, adjacency: Integers, cells: Integers
) -> tuple[Integers, Integers, Floats]: ...
