import numpy as np
import pytest

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import nearest_cell, quad_tree

RANDOM = np.random.default_rng(1)
POINTS = RANDOM.uniform(0, 1, (4000, 2)) ** 2 * (3, 2)  # denser towards the origin


def test_points_are_in_their_squares() -> None:
    tree = quad_tree(POINTS, resolution=0.05)
    cells = nearest_cell(POINTS, tree)
    for cell, polygon in enumerate(tree.polygons()):
        inside = POINTS[cells == cell]
        assert np.all(inside >= polygon[0] - 1e-12)
        assert np.all(inside <= polygon[2] + 1e-12)
        assert np.ptp(polygon, axis=0).prod() == pytest.approx(tree.cell_volume[cell])
    assert tree.cell_volume.sum() == pytest.approx(tree.root_side**2)
    # The center of another square may be nearer, which is why squares are asked.
    distance = np.linalg.norm(POINTS[:, np.newaxis] - tree.cell_centers, axis=2)
    assert (distance.argmin(axis=1) != cells).any()


def test_points_on_faces_are_counted_once() -> None:
    lattice = np.stack(np.meshgrid(np.arange(9.0), np.arange(9.0)), axis=-1).reshape(-1, 2)
    tree = quad_tree(lattice, resolution=1.0, min_location_count=0, max_location_count=1)
    assert (tree.root_side, tree.n_cells) == (8.0, 64)
    counts = np.bincount(nearest_cell(lattice, tree), minlength=64)
    # Each square has the point in its lower corner; those at the upper border have the others too.
    assert sorted(counts) == [1] * 49 + [2] * 14 + [4]


def test_numbers_of_points_decide_what_is_split() -> None:
    tree = quad_tree(POINTS, resolution=0.01, min_location_count=10, max_location_count=50)
    counts = np.bincount(nearest_cell(POINTS, tree), minlength=tree.n_cells)
    assert tree.cell_volume.min() > 0.015**2  # nowhere are there points for the smallest cells
    assert counts.max() <= 4 * 50
    coarse = quad_tree(POINTS, resolution=0.01, min_location_count=100)
    assert coarse.n_cells < tree.n_cells
    assert quad_tree(POINTS, resolution=0.01, min_location_count=5000).n_cells == 1


# Numbers of cells by their sides that TRamWAy 0.7 makes of these points, with `avg_distance` and
# `min_probability` for `resolution` and `min_location_count` in 4,000.
@pytest.mark.parametrize(
    ("resolution", "least", "expected"),
    [
        (0.05, 10, {0.1: 28, 0.2: 81, 0.4: 26, 0.8: 4}),
        (0.05, 20, {0.2: 40, 0.4: 22, 0.8: 4, 1.6: 1}),
        (0.1, 80, {0.4: 4, 0.8: 7, 1.6: 2}),
        (0.3, 10, {0.3: 60, 0.6: 5, 1.2: 3, 2.4: 2}),
        (0.3, 20, {0.3: 36, 0.6: 7, 1.2: 4, 2.4: 2}),
    ],
)
def test_cells_are_those_of_the_original(
    resolution: float, least: int, expected: dict[float, int]
) -> None:
    tree = quad_tree(POINTS, resolution=resolution, min_location_count=least)
    sides, counts = np.unique(np.sqrt(tree.cell_volume).round(6), return_counts=True)
    assert dict(zip(sides.tolist(), counts.tolist(), strict=True)) == expected


def test_smallest_cells() -> None:
    many = {"min_location_count": 0, "max_location_count": 0}
    smallest = [
        np.sqrt(quad_tree(POINTS, **options, **many).cell_volume.min())
        for options in (
            {"resolution": 0.1, "ref_distance": 0.3},
            {"ref_distance": 0.1, "displacement_length": 0.3},
            {"displacement_length": 0.2},
        )
    ]
    assert smallest == pytest.approx([0.1, 0.2, 0.4])


def test_octree() -> None:
    points = RANDOM.uniform(0, 1, (3000, 3)) ** 2
    tree = quad_tree(points, resolution=0.1)
    assert tree.dim == 3
    assert tree.cell_volume.sum() == pytest.approx(tree.root_side**3)
    half = np.cbrt(tree.cell_volume)[nearest_cell(points, tree)] / 2
    offset = points - tree.cell_centers[nearest_cell(points, tree)]
    assert np.all(np.abs(offset).max(axis=1) <= half * (1 + 1e-12))
    with pytest.raises(InvalidInputError, match="only squares do"):
        tree.polygons()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "`resolution` and `ref_distance` are not set and there are no displacements"),
        ({"displacement_length": 0.0}, "there are no displacements"),
        ({"resolution": -1.0}, "`resolution` is -1.0"),
        ({"resolution": 1e-20}, "are the coordinates in µm"),
        ({"resolution": 0.1, "min_location_count": -1}, "`min_location_count` is -1"),
        ({"resolution": 0.1, "max_location_count": -1}, "`max_location_count` is -1"),
    ],
)
def test_bad_input_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        quad_tree(POINTS, **options)


def test_two_points_are_needed() -> None:
    for points in (np.zeros((0, 2)), [(1, 1)] * 9):
        with pytest.raises(InsufficientDataError, match="two"):
            quad_tree(points, resolution=0.1)
