"""Maps of cells that share translocations say so."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tramway.errors import DataQualityWarning
from tramway.inference import get_model
from tramway.tessellation import Partition

MODELS = ["d", "dd", "df", "dv", "snr", "d.conj_prior", "bayes_factor", "density"]


def displacements(filed: Callable[..., Partition]) -> Partition:
    """Five displacements in each of four cells in a square."""
    rng = np.random.default_rng(0)
    cell = np.repeat(np.arange(4), 5)
    centers = [(0, 0), (1, 0), (0, 1), (1, 1)]
    neighbours = [[1, 2], [0, 3], [0, 3], [1, 2]]
    return filed(centers, cell, rng.normal(0, 0.1, (20, 2)), np.full(20, 0.02), neighbours)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_counts_a_shared_translocation_in_each_of_its_cells(
    filed: Callable[..., Partition], name: str
) -> None:
    plain = displacements(filed)
    assert "cells_per_translocation" not in infer(name, plain).attributes
    # Every translocation in its own cell and in the next one, as pairs and as a longer table.
    rows = np.repeat(np.arange(20), 2)
    cells = (plain.cells[rows] + np.tile([0, 1], 20)) % 4
    shared = Partition(plain.points, plain.tessellation, cells, {}, rows)
    longer = Partition(plain.points.iloc[rows], plain.tessellation, cells)
    with pytest.warns(DataQualityWarning, match=r"a translocation is in 2 of them on average"):
        maps = infer(name, shared)
    assert maps.cells_per_translocation == 2
    pd.testing.assert_frame_equal(maps.maps, infer(name, longer).maps, check_exact=True)


def infer(name: str, partition: Partition):
    return get_model(name).infer(partition, localization_precision=0.01, mode=name)


@pytest.mark.parametrize("name", ["d", "dv"])
def test_cells_that_are_switched_off_have_no_maps(
    filed: Callable[..., Partition], name: str
) -> None:
    part = displacements(filed)
    without = Partition(part.points, part.tessellation, np.where(part.cells == 2, -1, part.cells))
    expected = infer(name, without).maps
    part.tessellation.cell_label = [1, 5, 0, 1]
    pd.testing.assert_frame_equal(infer(name, part).maps, expected, check_exact=True)
