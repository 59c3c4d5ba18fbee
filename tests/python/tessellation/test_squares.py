import numpy as np
import pytest

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import nearest_cell, squares

RANDOM = np.random.default_rng(1)
POINTS = RANDOM.uniform((0, 0), (3, 2), (4000, 2))


def test_grid_is_that_of_the_original() -> None:
    # RegularMesh(avg_probability=0.1) of the original 0.7 for the same points; neighbours are its
    # diagonal_adjacency, which it infers with.
    grid = squares([(0.1, 0.2), (0.77, 0.4), (0.3, 0.63)], avg_probability=0.1)
    assert grid.count_per_dim == (4, 3)
    x, y = (0.18375, 0.35125, 0.51875, 0.68625), (0.27166666666666667, 0.415, 0.5583333333333333)
    expected = [(a, b) for a in x for b in y]
    np.testing.assert_allclose(grid.cell_centers, expected, rtol=1e-14)
    rows = np.split(grid.adjacency, grid.adjacency_starts[1:-1])
    assert [row.tolist() for row in rows[:5]] == [
        [1, 3, 4],
        [0, 2, 3, 4, 5],
        [1, 4, 5],
        [0, 1, 4, 6, 7],
        [0, 1, 2, 3, 5, 6, 7, 8],
    ]


def test_size_follows_from_the_first_parameter_given() -> None:
    shape = {"lower_bound": (0, 0), "upper_bound": (3, 2)}
    given = {"resolution": 0.5, "avg_probability": 0.1, "avg_distance": 1.0}
    assert squares(POINTS, **shape, **given, count_per_dim=(7, 5)).count_per_dim == (7, 5)
    assert squares(POINTS, **shape, **given).count_per_dim == (6, 4)
    del given["resolution"]
    # 10 squares of 6 µm² have a side of 0.775 µm: 3.87 and 2.58 of them, rounded.
    assert squares(POINTS, **shape, **given).count_per_dim == (4, 3)
    assert squares(POINTS, **shape, avg_distance=1.0).count_per_dim == (3, 2)
    assert squares(POINTS, **shape).n_cells == pytest.approx(4000 / 80, rel=0.15)
    # 0.8 of a displacement at least.
    many = squares(POINTS, **shape, avg_probability=1 / 3000, displacement_length=0.625)
    assert many.count_per_dim == (6, 4)


def test_cells_are_congruent_boxes_that_tile_the_bounds() -> None:
    grid = squares(POINTS, resolution=0.3)
    lower, upper = POINTS.min(axis=0), POINTS.max(axis=0)
    np.testing.assert_array_equal([grid.lower_bound, grid.upper_bound], [lower, upper])
    assert grid.cell_volume.sum() == pytest.approx((upper - lower).prod())
    side = (upper - lower) / grid.count_per_dim
    expected = np.minimum((POINTS - lower) // side, np.array(grid.count_per_dim) - 1).astype(int)
    number = expected[:, 0] * grid.count_per_dim[1] + expected[:, 1]
    np.testing.assert_array_equal(nearest_cell(POINTS, grid), number)
    for center, polygon in zip(grid.cell_centers, grid.polygons(), strict=True):
        np.testing.assert_allclose(np.ptp(polygon, axis=0), side)
        np.testing.assert_allclose(polygon.mean(axis=0), center)


def test_cubes() -> None:
    points = RANDOM.uniform(0, (1, 2, 3), (500, 3))
    cubes = squares(points, resolution=0.5)
    assert cubes.count_per_dim == (2, 4, 6)
    assert cubes.cell_volume.sum() == pytest.approx(np.ptp(points, axis=0).prod())
    # Across a face or an edge between two axes.
    offset = np.abs(cubes.cell_centers[:, np.newaxis] - cubes.cell_centers)
    steps = np.rint(offset / np.ptp(points, axis=0) * cubes.count_per_dim)
    expected = (steps.max(axis=2) == 1) & (steps.sum(axis=2) <= 2)
    np.testing.assert_array_equal(cubes.cell_adjacency.toarray(), expected)
    with pytest.raises(InvalidInputError, match="only squares do"):
        cubes.polygons()


def test_points_on_a_line_are_tessellated() -> None:
    line = np.column_stack([np.linspace(0, 1, 1000), np.zeros(1000)])
    grid = squares(line, resolution=0.1)
    assert grid.count_per_dim == (10, 1)
    np.testing.assert_allclose(grid.cell_volume, 0.01)


@pytest.mark.parametrize("points", [np.zeros((0, 2)), [(1.0, 2.0)], [(1.0, 2.0, 3.0)] * 5])
def test_too_few_points_are_refused(points: object) -> None:
    for options in ({}, {"resolution": 0.1}):
        with pytest.raises(InsufficientDataError, match="two"):
            squares(points, **options)


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (POINTS * 1e5, {"resolution": 0.1}, "are the coordinates in µm"),
        (POINTS, {"resolution": 0.0}, "`resolution` is 0.0, expected a length in µm, above 0"),
        (POINTS, {"avg_probability": 2.0}, "`avg_probability` is 2.0"),
        (POINTS, {"count_per_dim": (3,)}, "`count_per_dim` has 1 numbers, expected 2"),
        (POINTS, {"count_per_dim": (3, 0)}, r"`count_per_dim` is \[3, 0\]"),
        (POINTS, {"lower_bound": (4, 4)}, "`upper`"),
        (POINTS, {"upper_bound": (1, 2, 3)}, "`upper_bound` has 3 coordinates, expected 2"),
        (np.zeros((5, 4)), {}, r"shape \(5, 4\), expected \(n, 2\) or \(n, 3\)"),
        ([(0, 0), (1, np.nan)], {}, "finite"),
    ],
)
def test_bad_input_is_refused(points: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        squares(points, **options)
