import numpy as np
import pytest

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import nearest_cell, random

POINTS = np.random.default_rng(1).uniform((0, 0), (3, 2), (4000, 2))


def test_number_of_centers() -> None:
    assert random(POINTS, cell_count=30).n_cells == 30  # none is empty of 133 points each
    assert random(POINTS).n_cells == 50
    assert random(POINTS, avg_probability=0.04).n_cells == 25
    assert random(POINTS, cell_count=1).n_cells == 1


def test_cells_in_space() -> None:
    points = np.random.default_rng(2).uniform((0, 0, 0), (3, 2, 1), (2000, 3))
    cells = random(points, cell_count=20)
    assert cells.cell_centers.shape == (20, 3)
    assert cells.cell_volume.sum() == pytest.approx(np.ptp(points, axis=0).prod())


def test_the_seed_decides() -> None:
    first, again, other = (random(POINTS, cell_count=20, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.cell_centers, again.cell_centers)
    assert not np.isin(first.cell_centers, other.cell_centers).any()


def test_cells_without_points_are_left_out() -> None:
    corners = np.concatenate([POINTS[:200] / 10, POINTS[:200] / 10 + (2.7, 1.8)])
    cells = random(corners, cell_count=100)
    assert cells.n_cells < 50
    assert np.bincount(nearest_cell(corners, cells), minlength=cells.n_cells).min() > 0
    assert cells.cell_volume.sum() == pytest.approx(np.ptp(corners, axis=0).prod())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell_count": 0}, "`cell_count` is 0"),
        ({"cell_count": 10**9}, "at most ten million"),
        ({"avg_probability": 0.0}, "`avg_probability` is 0.0"),
        ({"seed": -1}, "`seed` is -1"),
        ({"clip": "no"}, "`clip` is 'no'"),
    ],
)
def test_bad_input_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        random(POINTS, **options)


def test_an_area_is_needed() -> None:
    for points in (np.zeros((0, 2)), [(1, 1)] * 9, [(0, 0), (1, 0), (2, 0)]):
        with pytest.raises(InsufficientDataError, match=r"at least two|on a line|in a plane"):
            random(points)
