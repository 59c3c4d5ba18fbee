"""Mean first-passage times against formulas, and their derivatives against differences."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from tramway.inference.first_passage import Lattice, Passage, interpolation, lattice_in
from tramway.tessellation import hexagons, squares

RADIUS, D = 0.5, 0.2


def disc(side: float) -> Lattice:
    """Squares of one cell: a polygon of 60 corners around a disc."""

    class Disc:
        cell_volume = np.array([np.pi * RADIUS**2])

        @staticmethod
        def polygons() -> list[np.ndarray]:
            angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
            return [RADIUS * np.column_stack([np.cos(angle), np.sin(angle)])]

    return lattice_in(Disc(), np.array([0]))  # type: ignore[arg-type]


def center_of(lattice: Lattice) -> int:
    return int(np.linalg.norm(lattice.centers, axis=1).argmin())


def test_a_flat_disc() -> None:
    # R²/4D from its center, R²/8D from anywhere. rtol: the border is a staircase of 45 squares.
    lattice = disc(0.02)
    flat, d = np.zeros(len(lattice.centers)), np.full(len(lattice.centers), D)
    found = Passage(lattice, flat, d).time(center_of(lattice)).time
    assert found == pytest.approx(RADIUS**2 / (4 * D), rel=0.03)
    assert Passage(lattice, flat, d).time().time == pytest.approx(RADIUS**2 / (8 * D), rel=0.03)


@pytest.mark.parametrize("depth", [2.0, 5.0])
def test_a_gaussian_well_from_its_bottom(depth: float) -> None:
    # T(0) = ∫ dr e^V/(D r) ∫ ds s e^-V: radial quadrature.
    lattice = disc(0.02)

    def potential(r: float) -> float:
        return float(-depth * np.exp(-0.5 * (r / 0.2) ** 2))

    def inner(r: float) -> float:
        return float(quad(lambda s: s * np.exp(-potential(s)), 0, r)[0])

    truth = quad(lambda r: np.exp(potential(r)) / (D * r) * inner(r), 0, RADIUS)[0]
    r = np.linalg.norm(lattice.centers, axis=1)
    v = -depth * np.exp(-0.5 * (r / 0.2) ** 2)
    found = Passage(lattice, v, np.full(len(r), D)).time(center_of(lattice))
    assert found.time == pytest.approx(truth, rel=0.04)


@pytest.mark.parametrize("start", [None, 7])
def test_derivatives(start: int | None) -> None:
    cells = squares(np.array([[0.0, 0.0], [0.3, 0.2]]), resolution=0.1)
    whole = lattice_in(cells, np.arange(cells.n_cells))
    rng = np.random.default_rng(0)
    n = len(whole.centers)
    x, y = whole.centers.T
    v, d = 3 * x + 2 * np.sin(9 * y) + 0.01 * rng.normal(size=n), 0.1 + 0.05 * rng.random(n)
    found = Passage(whole, v, d).time(start)
    direction = rng.normal(size=(2, n))
    step = 1e-5
    for k, slope in enumerate((found.by_potential, found.by_diffusivity)):
        change = np.zeros((2, n))
        change[k] = step * direction[k] * (1.0 if k == 0 else 0.1)
        ahead, behind = (
            Passage(whole, v + s * change[0], d + s * change[1]).time(start).time for s in (1, -1)
        )
        # rel: the second differences of a smooth function, and roundings divided by the step
        assert slope @ change[k] == pytest.approx((ahead - behind) / 2, rel=1e-4)
    # A constant in V changes nothing, and twice the D halves the time.
    assert found.by_potential.sum() == pytest.approx(0, abs=1e-9 * np.abs(found.by_potential).sum())
    assert found.by_diffusivity @ d == pytest.approx(-found.time)


def test_squares_fill_the_cells() -> None:
    cells = hexagons(np.array([[0.0, 0.0], [2.0, 2.0]]), resolution=0.4)
    chosen = np.array([3, 4, 9])
    lattice = lattice_in(cells, chosen)
    area = len(lattice.centers) * lattice.side**2
    assert area == pytest.approx(cells.cell_volume[chosen].sum(), rel=0.02)
    assert set(cells.locate(np.ascontiguousarray(lattice.centers))) == set(chosen)
    # Every square has four sides: shared by two, or on the border.
    assert 2 * len(lattice.first) + lattice.sides_on_border.sum() == 4 * len(lattice.centers)


def test_interpolation_is_exact_for_linear_maps_and_takes_the_nearest_beyond() -> None:
    centers = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    points = np.array([[0.3, 0.4], [0.9, 0.8], [1.4, 0.1]])
    weights = interpolation(centers, points)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    values = 2 * centers[:, 0] - centers[:, 1]
    np.testing.assert_allclose(weights @ values, [0.2, 1.0, 2.0])
    for few in (centers[:1], centers[:2], np.array([[0.0, 0], [1, 0], [2, 0]])):
        assert interpolation(few, points).sum(axis=1) == pytest.approx([1, 1, 1])


def test_interpolation_has_no_hole_and_no_point_twice_among_hexagons() -> None:
    """Hexagons' centers are on common circles, where triangles are not the only ones, or flat."""
    cells = hexagons(np.array([[0.0, 0.0], [2.0, 2.0]]), resolution=0.2)
    centers = cells.cell_centers
    corner, middle = centers[0], centers[: len(centers) // 2].mean(axis=0)
    points = np.concatenate([centers, (centers + corner) / 2, (centers + middle) / 2])
    weights = interpolation(centers, points)
    assert weights.toarray().min() > -1e-9
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(weights @ centers, points, atol=1e-9)


def test_curved_values_are_quadratic_between_centers() -> None:
    # Slopes fitted to the six around are those of a quadratic, away from the border.
    centers = hexagons(np.array([[-1.5, -1.5], [1.5, 1.5]]), resolution=0.2).cell_centers
    points = np.random.default_rng(0).uniform(-0.8, 0.8, (500, 2))

    def quadratic(at: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = at.T
        return np.asarray(x**2 + 2 * x * y - 0.5 * y**2 + 2 * x - y + 1)

    linear, curved = (interpolation(centers, points, is_curved=c) for c in (False, True))
    assert curved @ quadratic(centers) == pytest.approx(quadratic(points), abs=1e-12)
    assert np.abs(linear @ quadratic(centers) - quadratic(points)).max() > 0.005
    # Of centers on one line there are no slopes across; beyond all, the value is the nearest one's.
    line = np.stack([np.arange(4.0), np.zeros(4)], axis=1)
    assert interpolation(line, np.array([[1.1, 3.0]]), is_curved=True).toarray().tolist() == [
        [0, 1, 0, 0]
    ]
    far = interpolation(centers, np.array([[9.0, 9.0]]), is_curved=True).toarray()
    assert sorted(far[0])[-2:] == [0, 1]
