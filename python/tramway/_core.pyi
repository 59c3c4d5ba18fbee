# The numeric core. Private: the rooms `data`, `tessellation` and `inference` call it for users.

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Self, TypeAlias, TypedDict, final

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
def check_regular_file(path: str | PathLike[str]) -> None: ...
def read_table(
    path: str | PathLike[str], columns: Sequence[str] | None
) -> tuple[list[str], list[Floats | Integers]]: ...
def read_delimited(
    path: str | PathLike[str],
    columns: Sequence[tuple[int, str, Sequence[str] | None]],
    layout: TextLayout,
) -> list[Floats | Integers]: ...

class TextLayout(TypedDict):
    delimiter: int
    decimal: int
    line_end: int
    lines_before: int
    width: int
    length: int | None

@final
class TablePieces:
    def __new__(cls, path: str | PathLike[str], columns: Sequence[str] | None) -> Self: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> tuple[list[str], list[Floats | Integers]]: ...

@final
class DelimitedPieces:
    def __new__(
        cls,
        path: str | PathLike[str],
        columns: Sequence[tuple[int, str, Sequence[str] | None]],
        layout: TextLayout,
    ) -> Self: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> list[Floats | Integers]: ...

def are_within(values: Floats, limit: float) -> bool: ...
def are_integers_within(values: Integers, limit: int) -> bool: ...
def order_tracks(track: Integers, time: Floats) -> tuple[Integers | None, int]: ...
def crop(
    track: Integers, coordinates: Floats, time: Floats, lower: Floats, upper: Floats
) -> tuple[Integers, Integers]: ...
def steps(values: Floats, rows: Integers) -> tuple[Floats, Floats]: ...
def follows(order: tuple[Integers, Floats, Floats]) -> NDArray[np.bool_]: ...
def mean_successive_product(
    order: tuple[Integers, Floats, Floats], steps: Sequence[Floats]
) -> float: ...

@final
class Croppable:
    def __new__(cls, track: Integers, coordinates: Floats, time: Floats) -> Self: ...
    # Areas are boxes, with `lower` and `upper`, or polygons, with `parts`.
    def crop(self, areas: Sequence[Any]) -> tuple[Integers, Integers]: ...
    def digests(
        self,
        regions: Sequence[Sequence[Any]],
        others: NDArray[np.uint64],
        seed: int,
    ) -> list[tuple[int, str]]: ...
    def digest(
        self, rows: Integers, tracks: Integers, others: NDArray[np.uint64], seed: int
    ) -> str: ...

# polygons
_Parts: TypeAlias = Sequence[Sequence[Sequence[Sequence[float]]]]

def are_in_polygon(parts: _Parts, points: Floats) -> NDArray[np.bool_]: ...
def do_polygons_overlap(one: _Parts, other: _Parts) -> bool: ...
def sides_of(start: Sequence[float], end: Sequence[float], points: Floats) -> NDArray[np.int8]: ...

# segmentation
def shared_edges(
    corners: Floats,
    starts: Integers,
    adjacency_starts: Integers,
    adjacency: Integers,
) -> tuple[Floats, Floats]: ...
def towards_neighbours(
    centers: Floats, adjacency_starts: Integers, adjacency: Integers
) -> tuple[Floats, Floats]: ...
def voronoi_edges(
    centers: Floats,
    region: Floats,
    adjacency_starts: Integers,
    adjacency: Integers,
    volumes: Floats,
) -> Floats: ...
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
def bounds_and_mean(points: Floats) -> Floats: ...
def convex_hull(points: Floats) -> Floats: ...
def voronoi(centers: Floats, region: Floats) -> Cells: ...
def voronoi_outlines(centers: Floats, region: Floats) -> tuple[Floats, Integers]: ...
def place_centers(
    name: str, points: Floats, settings: dict[str, int | float | Floats]
) -> Floats: ...
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
CONVERGED: str
MAX_ITERATIONS: str
MAX_TIME: str
STALLED: str
INTERRUPTED: str
MIN_VARIANCE: float

class _Estimate(TypedDict):
    diffusivity: Floats
    potential: Floats
    potential_std: Floats
    vector: Floats
    vector_std: Floats
    log_evidence: float
    objective: float
    status: str
    iterations: int

# Values, standard deviations, and how much priors draw each.
_Contrasts: TypeAlias = list[Floats]

class _PosteriorEstimate(_Estimate):
    diffusivity_std: Floats
    long_steps: int
    weights: dict[str, float]
    trials: Floats

class _FieldEstimate(_Estimate):
    log_diffusivity_std: Floats
    scales: list[list[float]]
    log_evidence_of_starts: float

def mobility(model: str, diffusivity: Floats) -> Floats: ...
def long_steps(
    model: str,
    widths: Floats,
    lag: float,
    diffusivity: Sequence[Floats],
    vector: Sequence[Floats],
) -> int: ...

# Sums over the translocations of each cell: where those of each begin, and a row for each lag, of
# the lag, their number, the sum of their squares, and their sum along each axis.
_Sums: TypeAlias = tuple[Integers, Floats]
# Or cell, displacement, lag, and mean σ² of the two ends of each.
_Observed: TypeAlias = _Sums | tuple[Integers, Floats, Floats, Floats | None]

def sum_cells(cell_count: int, cell: Integers, displacements: Floats, lags: Floats) -> _Sums: ...

# Numbers of tracks, times and lags; origins, axis by axis; cells of these; centers of cells.
_Located: TypeAlias = tuple[tuple[Integers, Floats, Floats], Sequence[Floats], Integers, Floats]

def file_at_midpoints(located: _Located) -> Integers: ...
def sum_at_midpoints(located: _Located, displacements: Sequence[Floats]) -> _Sums: ...
def relative_change(
    borders: tuple[Integers, Integers, Floats, Floats], amounts: Floats
) -> Floats: ...
def sums_without_noise_drift(
    sums: _Sums,
    borders: tuple[Integers, Integers, Floats, Floats],
    variance: float,
    exposure_time: float,
    shares: Sequence[float],
) -> _Sums: ...

@final
class CellSums:
    def __new__(cls, cell_count: int, dimension: int) -> Self: ...
    def add(self, cell: Integers, displacements: Floats, lags: Floats) -> None: ...
    def __len__(self) -> int: ...
    def arrays(self) -> _Sums: ...

@final
class Posterior:
    def __new__(
        cls,
        model: str,
        cells: Cells,
        observed: _Observed,
        settings: Mapping[str, Any],
    ) -> Self: ...
    @property
    def cells(self) -> Integers: ...
    @property
    def counts(self) -> Floats: ...
    @property
    def median_lag(self) -> float: ...
    def start(self) -> Floats: ...
    def value(self, x: Floats) -> float: ...
    def gradient(self, x: Floats) -> Floats: ...
    def hessian(self, x: Floats) -> tuple[Integers, Integers, Floats]: ...
    def minimum(self, tolerance: float, max_iterations: int) -> tuple[Floats, float, int]: ...
    def estimate(
        self,
        chosen: Sequence[str],
        tolerance: float,
        max_iterations: int,
        max_seconds: float | None,
    ) -> _PosteriorEstimate: ...
    def contrasts(self, x: Floats, weights: Floats) -> _Contrasts | None: ...

@final
class FieldPosterior:
    @staticmethod
    def of_tracks(
        model: str,
        cells: Cells,
        # Where each track begins, positions, times, σ², and cells of its localizations.
        localizations: tuple[Integers, Floats, Floats, Floats, Integers],
        exposure_time: float,
        # In equilibrium: which tracks are not the rest of an earlier one.
        begins: list[bool] | None,
        scales: list[list[float]] | None,
    ) -> FieldPosterior: ...
    @staticmethod
    def of_displacements(
        model: str,
        cells: Cells,
        translocations: tuple[Integers, Floats, Floats, Floats | None],
        localization_precision: float,
        exposure_time: float,
        scales: list[list[float]] | None,
    ) -> FieldPosterior: ...
    @property
    def cells(self) -> Integers: ...
    def estimate(self, max_iterations: int, max_seconds: float | None) -> _FieldEstimate: ...
    @property
    def told_cells(self) -> Integers: ...
    def contrasts(self, weights: Floats, max_iterations: int) -> _Contrasts: ...

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

# files
@final
class Hdf5Image:
    def __new__(cls, root: Any, largest: int) -> Self: ...
    @property
    def later(self) -> list[tuple[str, str, Any]]: ...
    def place_of(self, array: NDArray[Any]) -> int | None: ...
    def content(self, more: bytes) -> bytes: ...

def write_hdf5(
    path: str | PathLike[str], root: Any, largest: int
) -> list[tuple[str, str, Any]]: ...
def crc_32(content: bytes) -> int: ...
def read_hdf5(
    path: str | PathLike[str],
    address: int,
    without: Sequence[str],
    outline: tuple[str, Sequence[str]] | None = None,
) -> tuple[Any, ...] | None: ...
