import numpy as np
import pandas as pd
import pytest
import scipy.spatial

from tramway.analyzer import RWAnalyzer, first, tessellers
from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import gwr, nearest_cell

RANDOM = np.random.default_rng(1)
POINTS = np.concatenate(
    [RANDOM.uniform((0, 0), (3, 2), (3000, 2)), RANDOM.normal((1, 1), 0.1, (3000, 2))]
)


def spacing(centers: np.ndarray, volume: float) -> float:
    """Distance between the centers of a hexagonal, or face-centered cubic, lattice as dense."""
    n_cells, dim = centers.shape
    shape = {2: 2 / np.sqrt(3), 3: np.sqrt(2)}[dim]
    return float((shape * volume / n_cells) ** (1 / dim))


@pytest.mark.parametrize("dim", [2, 3])
def test_resolution_says_how_far_centers_are_from_each_other(dim: int) -> None:
    points = RANDOM.uniform(0, 1, (20_000, dim))
    for resolution in (0.15, 0.2):
        cells = gwr(points, resolution=resolution, min_location_count=0)
        # Where half of it is the least distance, discs of that diameter that are put down one after
        # the other until there is no room leave 1.29 of it in the plane.
        expected = {2: 0.65, 3: 0.65}[dim] * resolution
        assert spacing(cells.cell_centers, 1.0) == pytest.approx(expected, rel=0.1)
        assert cells.cell_volume.sum() == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize(("dim", "mean"), [(2, 1.6), (3, 2.65)])
def test_min_location_count_is_what_most_cells_have(dim: int, mean: float) -> None:
    points = RANDOM.uniform(0, 1, (20_000, dim))
    for least in (10, 20):
        cells = gwr(points, resolution=1e-3, max_distance=9.0, min_location_count=least)
        counts = np.bincount(nearest_cell(points, cells), minlength=cells.n_cells)
        assert np.quantile(counts, 0.1) >= 0.8 * least
        assert counts.mean() == pytest.approx(mean * least, rel=0.15)


def test_cells_are_small_where_points_are_many() -> None:
    cells = gwr(POINTS, resolution=0.02, max_distance=0.3)
    inner = np.linalg.norm(cells.cell_centers - (1, 1), axis=1) < 0.1
    assert np.median(cells.cell_volume[inner]) < 0.2 * np.median(cells.cell_volume[~inner])
    assert np.bincount(nearest_cell(POINTS, cells), minlength=cells.n_cells).min() > 0
    nearest = scipy.spatial.KDTree(cells.cell_centers).query(POINTS)[0]
    assert nearest.max() < 0.3


def test_lengths_have_defaults() -> None:
    expected = gwr(POINTS, resolution=0.2, max_distance=0.8)
    for options in (
        {"resolution": 0.2, "ref_distance": 1.0},
        {"ref_distance": 0.1, "displacement_length": 0.5},
        {"displacement_length": 0.1},
    ):
        np.testing.assert_array_equal(gwr(POINTS, **options).cell_centers, expected.cell_centers)


def test_the_seed_decides() -> None:
    first, again, other = (gwr(POINTS, resolution=0.2, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.cell_centers, again.cell_centers)
    assert not np.isin(first.cell_centers, other.cell_centers).any()


def test_cells_may_end_at_the_hull() -> None:
    box, hull = (gwr(POINTS, resolution=0.2, clip=clip) for clip in ("box", "hull"))
    np.testing.assert_array_equal(box.cell_centers, hull.cell_centers)
    assert hull.cell_volume.sum() < box.cell_volume.sum()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "`resolution` and `ref_distance` are not set"),
        ({"resolution": 0.0}, "`resolution` is 0.0"),
        ({"resolution": 0.2, "max_distance": 0.1}, "`max_distance` is 0.1 µm.*at least.*0.2"),
        ({"resolution": 0.2, "max_distance": -1}, "`max_distance` is -1"),
        ({"resolution": 0.2, "min_location_count": -1}, "`min_location_count` is -1"),
        ({"resolution": 0.2, "seed": -1}, "`seed` is -1"),
        ({"resolution": 0.2, "clip": "no"}, "`clip` is 'no'"),
    ],
)
def test_bad_input_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        gwr(POINTS, **options)


def test_points_must_be_positions_in_an_area() -> None:
    with pytest.raises(InvalidInputError, match="cells that grow are for two or three dimensions"):
        gwr(np.zeros((5, 1)), resolution=0.2)
    with pytest.raises(InvalidInputError, match="finite"):
        gwr([(0, 0), (1, np.nan)], resolution=0.2)
    diagonal = gwr([(0, 0), (1, 1), (2, 2)], resolution=0.2)
    assert diagonal.cell_volume.sum() == pytest.approx(4)
    for points in (np.zeros((0, 2)), [(1, 1)] * 9, [(0, 0), (1, 0), (2, 0)], np.eye(3)[:2]):
        with pytest.raises(InsufficientDataError, match=r"at least two|on a line|in a plane"):
            gwr(points, resolution=0.2)


def test_displacements_decide_where_every_point_has_one() -> None:
    points = RANDOM.uniform(0, 1, (5_000, 2))
    lengths = np.where(points[:, 0] < 0.5, 0.05, 0.1)
    cells = gwr(points, ref_distance=0.05, displacement_lengths=lengths)
    left = np.count_nonzero(cells.cell_centers[:, 0] < 0.5)
    right = cells.n_cells - left
    # Up to four times as many where they are half as long; less, as centers follow points and some
    # are beyond the border.
    assert 1.5 < left / right < 4
    assert spacing(cells.cell_centers[cells.cell_centers[:, 0] < 0.5], 0.5) == pytest.approx(
        1.29 * 0.05, rel=0.1
    )
    fewer = gwr(points, ref_distance=0.05, displacement_lengths=lengths[:-1])
    same = gwr(points, ref_distance=0.05)
    np.testing.assert_array_equal(fewer.cell_centers, same.cell_centers)


# Cells that TRamWAy 0.7 makes of the same random walks, with seeds 0 to 9: mean and spread.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("resolution", "mean", "spread"),
    [(None, 109.0, 1.6), (0.1, 123.1, 2.5), (0.2, 121.7, 2.0), (0.4, 54.8, 1.1)],
)
def test_regions_have_as_many_cells_as_in_the_original(
    resolution: float | None, mean: float, spread: float
) -> None:
    random = np.random.RandomState(3)
    starts = random.uniform(0, 2, (30, 1, 2))
    steps = random.normal(0, 0.1, (30, 20, 2))
    steps[:, 0] = 0
    positions = 2 - np.abs(2 - np.abs(starts + steps.cumsum(axis=1)))
    columns = {
        "n": np.repeat(np.arange(1, 31), 20),
        "x": positions[..., 0].ravel(),
        "y": positions[..., 1].ravel(),
        "t": 0.05 * np.tile(np.arange(1, 21), 30) + np.repeat(np.arange(30) % 5, 20),
    }
    counts = []
    for seed in range(10):
        a = RWAnalyzer()
        a.spt_data.from_dataframe(pd.DataFrame(columns))
        a.tesseller = tessellers.GWR
        if resolution is not None:
            a.tesseller.resolution = resolution
        a.tesseller.seed = seed
        a.roi.from_bounding_boxes([(np.array([-1.0, -1.0]), np.array([9.0, 9.0]))])
        region = first(a.roi.as_support_regions())
        counts.append(len(a.tesseller.tessellate(region.crop()).cell_centers))
    assert np.mean(counts) == pytest.approx(mean, abs=2 * spread)
