import numpy as np
import pandas as pd
import pytest

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.study import dense_regions


def table(*parts):
    return pd.DataFrame(np.concatenate(parts), columns=["x", "y"])


def test_two_cells_on_a_sparse_background_are_two_regions():
    numbers = np.random.default_rng(1)
    left = numbers.uniform((2, 2), (6, 8), (4000, 2))
    right = numbers.uniform((10, 3), (15, 7), (4000, 2))
    background = numbers.uniform((0, 0), (20, 10), (400, 2))
    boxes = dense_regions(table(left, right, background), 0.5)
    assert len(boxes) == 2
    for box, (lower, upper) in zip(boxes, (((2, 2), (6, 8)), ((10, 3), (15, 7))), strict=True):
        # To within two squares: one of the grid, one of smoothing.
        np.testing.assert_allclose(box.lower, lower, atol=1.0)
        np.testing.assert_allclose(box.upper, upper, atol=1.0)


def test_a_field_that_is_dense_all_over_is_one_region():
    points = np.random.default_rng(1).uniform(0, 5, (5000, 2))
    [box] = dense_regions(table(points), 0.5)
    assert box.lower == tuple(points.min(axis=0))


def test_regions_do_not_overlap():
    # An L, and a cell in its corner: the box around the one holds the other.
    numbers = np.random.default_rng(1)
    upright = numbers.uniform((0, 0), (2, 12), (4000, 2))
    level = numbers.uniform((0, 0), (12, 2), (4000, 2))
    cell = numbers.uniform((7, 7), (10, 10), (3000, 2))
    apart = numbers.uniform((16, 0), (18, 2), (2000, 2))
    boxes = dense_regions(table(upright, level, cell, apart), 0.5)
    assert len(boxes) == 2
    np.testing.assert_allclose(boxes[0].upper, (12, 12), atol=1.0)
    np.testing.assert_allclose(boxes[1].lower, (16, 0), atol=1.0)


def test_what_is_no_region():
    points = np.random.default_rng(1).uniform(0, 5, (500, 2))
    with pytest.raises(InsufficientDataError, match="there are 500 localizations"):
        dense_regions(table(points), 0.5)
    with pytest.raises(InvalidInputError, match="`square` is 0"):
        dense_regions(table(points), 0)
