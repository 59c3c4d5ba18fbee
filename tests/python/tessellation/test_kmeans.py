import numpy as np
import pytest
import scipy.cluster.vq

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import kmeans, nearest_cell, squares

RANDOM = np.random.default_rng(1)
POINTS = np.concatenate(
    [RANDOM.uniform((0, 0), (3, 2), (2000, 2)), RANDOM.normal((1, 1), 0.1, (2000, 2))]
)


def test_centers_are_those_of_scipy() -> None:
    start = squares(POINTS, resolution=0.5).cell_centers
    expected, _ = scipy.cluster.vq.kmeans(POINTS, start, thresh=0.0)
    cells = kmeans(POINTS, resolution=0.5, tol=0.0)
    np.testing.assert_allclose(cells.cell_centers, expected, rtol=1e-12)
    assert cells.cell_volume.sum() == pytest.approx(np.ptp(POINTS, axis=0).prod())


def test_centers_in_space_are_those_of_scipy() -> None:
    points = RANDOM.uniform((0, 0, 0), (3, 2, 1), (3000, 3))
    start = squares(points, resolution=0.5).cell_centers
    expected, _ = scipy.cluster.vq.kmeans(points, start, thresh=0.0)
    cells = kmeans(points, resolution=0.5, tol=0.0)
    np.testing.assert_allclose(cells.cell_centers, expected, rtol=1e-12)
    assert cells.cell_volume.sum() == pytest.approx(np.ptp(points, axis=0).prod())


def test_cells_are_small_where_points_are_many() -> None:
    cells = kmeans(POINTS, resolution=0.4)
    inner = np.linalg.norm(cells.cell_centers - (1, 1), axis=1) < 0.2
    assert cells.cell_volume[inner].max() < 0.7 * np.median(cells.cell_volume[~inner])
    assert np.bincount(nearest_cell(POINTS, cells), minlength=cells.n_cells).min() > 0


def test_number_of_cells_follows_the_points() -> None:
    assert kmeans(POINTS).n_cells == pytest.approx(4000 / 80, rel=0.15)
    assert kmeans(POINTS, avg_probability=0.05).n_cells == pytest.approx(20, rel=0.25)
    assert kmeans(POINTS, ref_distance=1.0).n_cells < 12  # centers begin 0.8 µm apart


def test_cells_may_end_at_the_hull() -> None:
    box, hull = kmeans(POINTS), kmeans(POINTS, clip="hull")
    np.testing.assert_array_equal(box.cell_centers, hull.cell_centers)
    assert hull.cell_volume.sum() < box.cell_volume.sum()


def test_bad_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="`tol` is -1"):
        kmeans(POINTS, tol=-1)
    with pytest.raises(InvalidInputError, match="`resolution` is 0"):
        kmeans(POINTS, resolution=0)
    with pytest.raises(InvalidInputError, match="cells of k-means are for two or three dimensions"):
        kmeans(np.zeros((5, 1)))
    with pytest.raises(InvalidInputError, match="finite"):
        kmeans([(0, 0), (1, np.nan)])
    for points in (
        np.zeros((0, 2)),
        [(1, 1)] * 9,
        [(0, 0), (1, 0), (2, 0)],
        [(0, 0, 1), (1, 1, 1)],
    ):
        with pytest.raises(InsufficientDataError, match=r"at least two|on a line|in a plane"):
            kmeans(points)
