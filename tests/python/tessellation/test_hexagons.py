import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import HexagonalTessellation, hexagons, nearest_cell

RANDOM = np.random.default_rng(1)
POINTS = RANDOM.uniform((0, 0), (3, 2), (4000, 2))


def spacing(tessellation: HexagonalTessellation) -> float:
    return 2 * tessellation.hexagon_radius


def test_lattice_is_that_of_the_original() -> None:
    # HexagonalMesh(avg_distance=0.3) of the original 0.7, for the same points.
    lattice = hexagons([(0.1, 0.2), (0.77, 0.4), (0.3, 0.63)], resolution=0.3)
    rows = [(-0.015, 0.155192379, 4), (0.135, 0.415, 3), (-0.015, 0.674807621, 4)]
    expected = [(x + 0.3 * i, y) for x, y, count in rows for i in range(count)]
    np.testing.assert_allclose(lattice.cell_centers, expected, atol=1e-9)  # as it was printed
    assert lattice.hexagon_count == (3, 3)
    assert lattice.hexagon_radius == 0.15
    neighbours_of_5 = lattice.adjacency[lattice.adjacency_starts[5] : lattice.adjacency_starts[6]]
    assert neighbours_of_5.tolist() == [1, 2, 4, 6, 8, 9]


def test_it_is_turned_about_the_mean_of_the_points() -> None:
    points = [(0.1, 0.2), (0.77, 0.4), (0.3, 0.63)]
    straight, turned = hexagons(points, resolution=0.3), hexagons(points, resolution=0.3, tilt=0.5)
    pivot = np.mean(points, axis=0)
    angle = np.radians(15)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    expected = pivot + (straight.cell_centers - pivot) @ rotation
    np.testing.assert_allclose(turned.cell_centers, expected, atol=1e-12)
    assert turned.tilt == 0.5


def test_resolution_is_the_distance_between_centers() -> None:
    lattice = hexagons(POINTS, resolution=0.25, avg_probability=0.1, avg_distance=1.0)
    assert spacing(lattice) == 0.25
    centers = lattice.cell_centers
    distances = np.linalg.norm(centers[:, np.newaxis] - centers, axis=2)
    assert distances[distances > 0].min() == pytest.approx(0.25)


def test_size_follows_from_the_first_parameter_given() -> None:
    # 4000 / 80 = 50 cells; the lattice cannot have any number of cells.
    assert hexagons(POINTS).n_cells == pytest.approx(50, abs=6)
    assert hexagons(POINTS, avg_probability=1 / 200).n_cells == pytest.approx(200, abs=15)
    assert hexagons(POINTS, avg_probability=0.01, avg_distance=1.0).n_cells < 150
    assert spacing(hexagons(POINTS, avg_distance=0.4)) == 0.4


def test_distance_between_centers_is_bounded_by_that_of_displacements() -> None:
    many = {"avg_probability": 1 / 3000}
    assert spacing(hexagons(POINTS, **many)) < 0.1
    assert spacing(hexagons(POINTS, **many, displacement_length=0.5)) == pytest.approx(0.4)
    assert spacing(hexagons(POINTS, **many, ref_distance=0.25, displacement_length=0.5)) == 0.2
    assert spacing(hexagons(POINTS, **many, ref_distance=0.25, min_distance=0.3)) == 0.3
    assert spacing(hexagons(POINTS, **many, ref_distance=0.5, min_distance=0.0)) < 0.1
    # A lower bound only: fewer cells are as far apart as they would be without.
    assert spacing(hexagons(POINTS, ref_distance=0.01)) == spacing(hexagons(POINTS))


def test_bounds_replace_those_of_the_points() -> None:
    lattice = hexagons(POINTS, resolution=0.5, lower_bound=(-2, -2), upper_bound=(5, 5))
    corners = [(-2, -2), (-2, 5), (5, -2), (5, 5)]
    nearest = lattice.cell_centers[nearest_cell(corners, lattice)]
    # The corners of a hexagon are at its spacing over √3.
    assert np.linalg.norm(nearest - corners, axis=1).max() <= 0.5 / np.sqrt(3)


@given(scale=st.sampled_from([1e-3, 1e3, 1e6]), tilt=st.floats(-1, 1))
def test_unit_of_length_does_not_matter(scale: float, tilt: float) -> None:
    lattice, scaled = hexagons(POINTS, tilt=tilt), hexagons(POINTS * scale, tilt=tilt)
    # Roundings of the mean of 4000 points and of a rotation.
    np.testing.assert_allclose(
        scaled.cell_centers, lattice.cell_centers * scale, atol=1e-11 * scale
    )
    np.testing.assert_array_equal(scaled.adjacency, lattice.adjacency)


@pytest.mark.parametrize("tilt", [0.0, 1.0, 0.3])
def test_polygons_are_the_cells(tilt: float) -> None:
    lattice = hexagons(POINTS, resolution=0.5, tilt=tilt)
    polygons = lattice.polygons()
    assert len(polygons) == lattice.n_cells
    for center, area, polygon in zip(
        lattice.cell_centers, lattice.cell_volume, polygons, strict=True
    ):
        assert polygon.shape == (6, 2)
        np.testing.assert_allclose(polygon.mean(axis=0), center, atol=1e-12)
        x, y = (polygon - center).T
        assert (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2 == pytest.approx(area)
    # A corner is as far from the center of its own cell as from those of its neighbours.
    inner = int(np.diff(lattice.adjacency_starts).argmax())
    for corner in polygons[inner]:
        distances = np.sort(np.linalg.norm(lattice.cell_centers - corner, axis=1))
        np.testing.assert_allclose(distances[:3], 0.5 / np.sqrt(3), rtol=1e-12)


def test_points_on_a_line_are_tessellated() -> None:
    line = np.column_stack([np.linspace(0, 1, 1000), np.zeros(1000)])
    for points in (line, line[:, ::-1]):
        lattice = hexagons(points)
        assert lattice.n_cells == pytest.approx(1000 / 80, abs=2)
        assert np.isfinite(lattice.cell_centers).all()


@pytest.mark.parametrize("points", [np.zeros((0, 2)), [(1.0, 2.0)], [(1.0, 2.0)] * 5])
def test_too_few_points_are_refused(points: object) -> None:
    for options in ({}, {"resolution": 0.1}):
        with pytest.raises(InsufficientDataError, match="two"):
            hexagons(points, **options)


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (POINTS * 1e5, {"resolution": 0.1}, "are the coordinates in µm"),
        (POINTS, {"resolution": 0.0}, "`resolution` is 0.0, expected a length in µm, above 0"),
        (POINTS, {"avg_distance": np.nan}, "`avg_distance` is nan"),
        (POINTS, {"ref_distance": -1.0}, "`ref_distance`"),
        (POINTS, {"avg_probability": 0.0}, "`avg_probability` is 0.0"),
        (POINTS, {"avg_probability": 2.0}, "`avg_probability` is 2.0"),
        (
            POINTS,
            {"min_distance": -1.0},
            "`min_distance` is -1.0, expected .* at least 0",
        ),
        (POINTS, {"lower_bound": (4, 4)}, "`upper`"),
        (POINTS, {"tilt": np.inf}, "`tilt`"),
        (POINTS, {"upper_bound": (1, 2, 3)}, "`upper_bound` has 3"),
        (np.zeros((5, 3)), {}, r"shape \(5, 3\), expected \(n, 2\)"),
        ([(0, 0), (1, np.nan)], {}, "finite"),
    ],
)
def test_bad_input_is_refused(points: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        hexagons(points, **options)
