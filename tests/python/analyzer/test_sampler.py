"""Filing translocations under cells."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, sampler, tessellers, time
from tramway.data import translocations
from tramway.errors import (
    DataQualityWarning,
    InsufficientDataError,
    InvalidInputError,
    UnknownAttributeError,
)
from tramway.tessellation import TimeSegments


def test_each_translocation_is_in_the_cell_of_the_nearest_centre(
    movie: Callable[..., pd.DataFrame],
) -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Hexagons(resolution=0.5)
    points = translocations(movie(0))
    partition = a.sampler.sample(points)
    centers = partition.tessellation.cell_centers
    distances = np.linalg.norm(partition.origins[:, None] - centers, axis=2)
    np.testing.assert_array_equal(partition.cells, distances.argmin(axis=1))
    assert partition.param["tessellation"] == {"resolution": 0.5, "tilt": 0.0}

    again = a.sampler.sample(movie(0), segmentation=partition.tessellation)
    np.testing.assert_array_equal(again.cells, partition.cells)


def test_nothing_to_sample(movie: Callable[..., pd.DataFrame]) -> None:
    a = RWAnalyzer()
    points = translocations(movie(0))
    assert a.sampler.sample(points).location_count.tolist() == [len(points)]
    a.tesseller = tessellers.Hexagons
    with pytest.raises(InsufficientDataError, match="the region has no translocation"):
        a.sampler.sample(points.iloc[:0])


@pytest.mark.parametrize(
    ("made", "by_method", "parameters"),
    [
        (sampler.VoronoiSampler, lambda s: s.from_voronoi(), {}),
        (sampler.from_voronoi, lambda s: s.from_voronoi(), {}),
        (sampler.Knn(10), lambda s: s.from_nearest_neighbors(10), {"knn": 10}),
        (sampler.from_nearest_neighbors([5, 9]), None, {"knn": (5, 9)}),
        (sampler.SphericalSampler(0.3), lambda s: s.from_spheres(0.3), {"radius": 0.3}),
        (sampler.from_spheres(1), None, {"radius": 1}),
        (sampler.TimeKnn((5, None)), None, {"knn": (5, None)}),
        (sampler.from_nearest_time_neighbors(3), None, {"knn": 3}),
    ],
)
def test_ways_to_choose_a_sampler(
    made: object, by_method: Callable[[sampler.Sampler], None] | None, parameters: dict[str, object]
) -> None:
    a = RWAnalyzer()
    a.sampler = made
    assert a.sampler.parameters == {"min_location_count": 0, **parameters}
    if by_method is not None:
        b = RWAnalyzer()
        by_method(b.sampler)
        assert (b.sampler.plugin, b.sampler.parameters) == (a.sampler.plugin, a.sampler.parameters)


def test_samplers_share_translocations(movie: Callable[..., pd.DataFrame]) -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Hexagons(resolution=0.5)
    a.sampler = sampler.Knn(30)
    points = translocations(movie(0))
    partition = a.sampler.sample(points)
    assert partition.location_count.min() >= 30
    assert partition.is_overlapping
    a.sampler.min_location_count = 1  # cells that were empty stay so
    own = RWAnalyzer().sampler.sample(points, partition.tessellation).location_count
    counts = a.sampler.sample(points).location_count
    np.testing.assert_array_equal(counts > 0, own > 0)


def test_mistakes_are_told_at_once() -> None:
    a = RWAnalyzer()
    with pytest.raises(InvalidInputError, match="`knn` is -1, expected a whole number above zero"):
        a.sampler.from_nearest_neighbors(-1)
    with pytest.raises(InvalidInputError, match="expected the least number first"):
        a.sampler = sampler.Knn((9, 5))
    with pytest.raises(InvalidInputError, match=r"expected a number, or \(least, largest\)"):
        sampler.Knn([1, 2, 3])
    with pytest.raises(InvalidInputError, match="needs arguments: call it, Knn"):
        a.sampler = sampler.Knn
    with pytest.raises(InvalidInputError, match="'spheres' needs `radius`"):
        a.sampler.from_plugin("spheres")
    with pytest.raises(UnknownAttributeError, match="valid names: min_location_count"):
        a.sampler.radius = 3


def test_segments_of_trajectories_cover_all_localizations(
    movie: Callable[..., pd.DataFrame],
) -> None:
    tracks = movie(0)
    a = RWAnalyzer()
    a.tesseller = tessellers.Squares(resolution=0.5)
    a.time.from_sliding_window(0.1)
    segments = a.sampler.sample(tracks).tessellation
    assert isinstance(segments, TimeSegments)
    assert segments.intervals[-1, 1] >= tracks["t"].max() - 1e-9


def test_localizations_that_are_not_tracked_have_a_density_only() -> None:
    points = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 2)), columns=["x", "y"])
    a = RWAnalyzer()
    with pytest.warns(DataQualityWarning, match="not tracked"):
        a.spt_data.from_dataframe(points)
    a.tesseller = tessellers.Squares(resolution=1.0)
    sampling = a.sampler.sample(a.spt_data.dataframe)
    assert len(sampling.points) == int(sampling.location_count.sum()) == 300
    a.mapper.from_plugin("density")
    assert (a.mapper.infer(sampling).maps["density"] > 0).all()
    a.mapper.from_plugin("d")
    with pytest.raises(InsufficientDataError, match="no displacements"):
        a.mapper.infer(sampling)


def test_numbers_of_translocations_by_cell(movie: Callable[..., pd.DataFrame]) -> None:
    points = translocations(movie(0))
    a = RWAnalyzer()
    a.tesseller = tessellers.Squares(resolution=0.5)
    cells = a.sampler.sample(points).tessellation
    counts = {}
    for knn in (10, 30, lambda cell: (30, None) if cell % 2 else 10):
        a.sampler.from_nearest_neighbors(knn)
        partition = a.sampler.sample(points, cells)
        counts[knn] = partition.location_count
    of_ten, of_thirty, mixed = counts.values()
    is_odd = np.arange(cells.n_cells) % 2 == 1
    np.testing.assert_array_equal(mixed, np.where(is_odd, of_thirty, of_ten))
    assert partition.param["partition"]["knn"][:2] == ["10", "(30, None)"]
    a.sampler.from_nearest_neighbors(lambda cell: None)
    own = a.sampler.sample(points, cells).location_count
    assert own.sum() == len(points)
    a.sampler.from_nearest_neighbors(lambda cell: "many")
    with pytest.raises(InvalidInputError, match="`knn` is 'many', expected a number"):
        a.sampler.sample(points, cells)
    a.time = time.SlidingWindow(0.1)
    a.sampler.from_nearest_time_neighbors(lambda cell: 3 + cell % 2)
    by_segment = a.sampler.sample(points).location_count.reshape(-1, cells.n_cells)
    assert (by_segment[:, is_odd] >= 4).any()


@pytest.mark.parametrize("is_region", [True, False])
def test_whole_tables_of_translocations_are_cut_where_steps_begin(is_region: bool) -> None:
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    table = pd.DataFrame(corners, columns=["x", "y"]).assign(n=1, t=np.arange(4) * 0.1)
    table = table.assign(dx=0.3, dy=0.3, dt=0.1)  # where they end is at most 1.3
    a = RWAnalyzer()
    a.spt_data.from_dataframe(table)
    a.tesseller.from_plugin("grid", resolution=0.5)
    [item] = a.spt_data
    points = next(iter(item.roi.as_support_regions())).crop() if is_region else item.dataframe
    cells = a.sampler.sample(points).tessellation
    np.testing.assert_array_equal(cells.upper_bound, [1, 1])
    assert len(a.sampler.sample(points).points) == len(table)
