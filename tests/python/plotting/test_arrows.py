import numpy as np
import pytest

from tramway.plotting.arrows import plan_arrows
from tramway.tessellation import Partition, hexagons, nearest_cell, random


def in_cells(partition, make, **options):
    """The same points in other cells."""
    origins = partition.points[["x", "y"]].to_numpy()
    cells = make(origins, **options)
    return Partition(partition.points, cells, nearest_cell(origins, cells))


def test_few_even_cells_have_an_arrow_each_as_long_as_they_are(partition):
    # Cells of 0.2 µm, some ten side by side.
    plan = plan_arrows(partition, partition.location_count > 0)
    assert plan.squares is None
    side = np.sqrt(np.median(partition.tessellation.cell_volume))
    assert (plan.length, plan.least) == (pytest.approx(side), 0)


def test_among_many_cells_an_arrow_is_for_a_square(partition):
    many = in_cells(partition, hexagons, resolution=0.03)
    is_known = many.location_count > 0
    squares, length, least = plan_arrows(many, is_known)
    centers = many.tessellation.cell_centers[is_known]
    side = np.ptp(centers, axis=0).max() + np.sqrt(np.median(many.tessellation.cell_volume))
    assert length == pytest.approx(side / 20)
    assert least == 0.25
    assert len(squares) == is_known.sum()
    for square in np.unique(squares):
        assert (np.ptp(centers[squares == square], axis=0) <= length).all()
    assert len(np.unique(squares)) <= 20 * 20


def test_uneven_cells_share_an_arrow_that_is_never_left_out(partition):
    uneven = in_cells(partition, random, cell_count=60, seed=0)
    plan = plan_arrows(uneven, uneven.location_count > 0)
    assert plan.squares is not None
    assert plan.least == 0


def test_no_cells_have_no_arrows(partition):
    plan = plan_arrows(partition, np.zeros(partition.tessellation.n_cells, dtype=bool))
    assert plan.squares is None or len(plan.squares) == 0
