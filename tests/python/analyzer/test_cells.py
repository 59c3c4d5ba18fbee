"""What functions of the user's can ask cells for."""

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer.cells import Cells
from tramway.errors import MissingResultError
from tramway.tessellation import Partition, squares


def cells_of(places: list[tuple[float, float]]) -> Cells:
    """Squares of 1 µm around (0.5, 0.5), (1.5, 0.5), …, with a translocation at each place."""
    table = pd.DataFrame(places, columns=["x", "y"]).assign(n=1, t=0.0, dx=0.1, dy=0.0, dt=0.1)
    corners = squares(
        [(0.5, 0.5), (2.5, 2.5)], resolution=1.0, lower_bound=(0, 0), upper_bound=(3, 3)
    )
    return Cells(Partition(table, corners, corners.cell_index(table[["x", "y"]])))


NINE = [(x, y) for x in (0.5, 1.5, 2.5) for y in (0.5, 1.5, 2.5)]


def field(cells: Cells) -> np.ndarray:
    """X² + 3 y at the centers."""
    centers = cells.partition.tessellation.cell_centers
    return centers[:, 0] ** 2 + 3 * centers[:, 1]


def number_at(cells: Cells, x: float, y: float) -> int:
    distances = np.linalg.norm(cells.partition.tessellation.cell_centers - (x, y), axis=1)
    return int(np.argmin(distances))


@pytest.mark.parametrize("how", [{}, {"eps": 0.5}, {"selection_angle": 0.9}])
def test_gradient_of_a_parabola_is_exact_inside(how: dict[str, float]) -> None:
    cells = cells_of(NINE)
    # Neighbours across corners count along both axes, alike on both sides.
    gradient = cells.grad(number_at(cells, 1.5, 1.5), field(cells), **how)
    assert gradient == pytest.approx([3.0, 3.0])


def test_gradient_is_a_slope_where_neighbours_are_on_one_side() -> None:
    cells = cells_of([(0.5, 0.5), (1.5, 0.5)])
    first = number_at(cells, 0.5, 0.5)
    assert cells.grad(first, field(cells)) == pytest.approx([2.0, np.nan], nan_ok=True)
    assert cells.grad(first, field(cells), na=0.0) == pytest.approx([2.0, 0.0])


def test_index_map_says_where_values_are() -> None:
    cells = cells_of([(0.5, 0.5), (1.5, 0.5)])
    places = np.full(9, -1)
    places[[*cells]] = [1, 0]
    values = field(cells)[[*cells]][::-1]
    for of in (cells.grad, cells.local_variation):
        assert of(min(cells), values, places) == pytest.approx(
            of(min(cells), field(cells)), nan_ok=True
        )


def test_local_variation_has_the_mean_squared_slope() -> None:
    cells = cells_of([(0.5, 0.5), (1.5, 0.5), (0.5, 1.5)])
    slopes = cells.local_variation(number_at(cells, 0.5, 0.5), field(cells))
    assert slopes is not None
    assert (slopes**2).sum() == pytest.approx((2**2 + 3**2) / 2)


def test_a_sum_is_weighted_by_the_area() -> None:
    cells = cells_of(NINE)
    assert cells.grad_sum(0, [1.0, 2.0]) == pytest.approx(3.0)


def test_cells_alone_have_no_gradient() -> None:
    cells = cells_of([(0.5, 0.5)])
    assert cells.grad(min(cells), field(cells)) is None
    assert cells.local_variation(min(cells), field(cells)) is None
    with pytest.raises(MissingResultError, match="no cell 8"):
        cells.grad(8, field(cells))
