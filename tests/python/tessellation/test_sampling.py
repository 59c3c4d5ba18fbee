"""Which translocations cells hold, against a search of all distances."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.tessellation import (
    Partition,
    Tessellation,
    TimeSegments,
    sample_nearest,
    sample_nearest_neighbors,
    sample_nearest_time_neighbors,
    sample_spheres,
    sliding_window,
    squares,
    time_segments,
)


def translocations(dim: int, count: int = 300) -> pd.DataFrame:
    """Origins that are dense on one side, with gaps."""
    rng = np.random.default_rng(dim)
    axes = ["x", "y", "z"][:dim]
    table = pd.DataFrame(rng.random((count, dim)) ** 2, columns=axes)
    table["t"] = np.sort(rng.random(count))
    table[[f"d{axis}" for axis in axes]] = 0.1
    return table.assign(dt=0.05)


def members(partition: Partition) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in range(partition.tessellation.n_cells)]
    for row, cell in zip(partition.rows, partition.cells, strict=True):
        if cell >= 0:
            found[cell].add(int(row))
    return found


def brute_force(
    table: pd.DataFrame,
    cells: Tessellation,
    choose: Callable[[NDArray[np.float64], NDArray[np.bool_]], NDArray[np.int64]],
) -> list[set[int]]:
    """Members of each cell by its distances to all origins and by which of them are its own."""
    is_timed = isinstance(cells, TimeSegments)
    space = cells.spatial if is_timed else cells
    inside = cells.members(table["t"]) if is_timed else [np.arange(len(table))]
    positions = table[["x", "y", "z"][: cells.dim]].to_numpy()
    distances = np.linalg.norm(positions[:, None] - space.cell_centers, axis=2)
    found = []
    for rows in inside:
        nearest = distances[rows].argmin(axis=1)
        for cell in range(space.n_cells):
            chosen = choose(distances[rows, cell], nearest == cell)
            found.append({int(row) for row in rows[chosen]})
    return found


def segmented(table: pd.DataFrame, dim: int, is_timed: bool) -> Tessellation:
    cells = squares(table[["x", "y", "z"][:dim]], count_per_dim=[3, 4, 2][:dim])
    window = sliding_window(table["t"], duration=0.4, shift=0.25)
    return time_segments(cells, window) if is_timed else cells


CASES = pytest.mark.parametrize(("dim", "is_timed"), [(2, False), (3, False), (2, True), (3, True)])


@CASES
def test_nearest(dim: int, is_timed: bool) -> None:
    table = translocations(dim)
    cells = segmented(table, dim, is_timed)
    expected = brute_force(table, cells, lambda distance, is_own: np.flatnonzero(is_own))
    partition = sample_nearest(table, cells)
    assert members(partition) == expected
    assert partition.is_overlapping == is_timed
    few = sample_nearest(table, cells, min_location_count=10)
    assert members(few) == [cell if len(cell) >= 10 else set() for cell in expected]


@CASES
def test_spheres(dim: int, is_timed: bool) -> None:
    table = translocations(dim)
    cells = segmented(table, dim, is_timed)
    expected = brute_force(table, cells, lambda distance, is_own: np.flatnonzero(distance <= 0.3))
    assert members(sample_spheres(table, cells, radius=0.3)) == expected


@CASES
@pytest.mark.parametrize("knn", [15, (15, 20), (None, 5), (0, 3)])
def test_nearest_neighbors(dim: int, is_timed: bool, knn: int | tuple[int | None, int]) -> None:
    table = translocations(dim)
    cells = segmented(table, dim, is_timed)
    least, most = (knn or 0 for knn in knn) if isinstance(knn, tuple) else (knn, len(table))

    def choose(distance: NDArray[np.float64], is_own: NDArray[np.bool_]) -> NDArray[np.int64]:
        # Own ones first, each group by nearness: of these as many as there may be own ones, or at
        # least the least number.
        order = np.lexsort((distance, ~is_own))
        return order[: max(least, min(is_own.sum(), most))]

    partition = sample_nearest_neighbors(table, cells, knn=knn)
    assert members(partition) == brute_force(table, cells, choose)
    own = brute_force(table, cells, lambda distance, is_own: np.flatnonzero(is_own))
    filled = sample_nearest_neighbors(table, cells, knn=knn, min_location_count=4)
    assert [len(cell) > 0 for cell in members(filled)] == [len(cell) >= 4 for cell in own]


@pytest.mark.parametrize("knn", [15, (4, 6)])
def test_nearest_time_neighbors(knn: int | tuple[int, int]) -> None:
    table = translocations(2)
    cells = segmented(table, 2, is_timed=True)
    assert isinstance(cells, TimeSegments)
    least, most = knn if isinstance(knn, tuple) else (knn, len(table))
    partition = members(sample_nearest_time_neighbors(table, cells, knn=knn))
    positions = table[["x", "y"]].to_numpy()
    distances = np.linalg.norm(positions[:, None] - cells.spatial.cell_centers, axis=2)
    for segment, rows in enumerate(cells.members(table["t"])):
        remote = np.abs(table["t"] - cells.middles[segment]).to_numpy()
        for cell in range(cells.spatial.n_cells):
            there = np.flatnonzero(distances.argmin(axis=1) == cell)
            is_own = np.isin(there, rows)
            order = there[np.lexsort((remote[there], ~is_own))]
            expected = order[: max(least, min(is_own.sum(), most))]
            assert partition[segment * cells.spatial.n_cells + cell] == set(expected.tolist())


def test_few_translocations_are_in_every_cell() -> None:
    table = translocations(2, 5)
    cells = segmented(table, 2, is_timed=False)
    assert members(sample_nearest_neighbors(table, cells, knn=9)) == [set(range(5))] * cells.n_cells


def test_numbers_that_make_no_sense() -> None:
    table = translocations(2)
    cells = segmented(table, 2, is_timed=False)
    for knn in (-1, (5, 3), (1, 2, 3)):
        with pytest.raises(InvalidInputError, match="`knn` is"):
            sample_nearest_neighbors(table, cells, knn=knn)
    with pytest.raises(InvalidInputError, match="`radius` is -1 µm"):
        sample_spheres(table, cells, radius=-1)
    with pytest.raises(InvalidInputError, match=r"set a\.time = time\.SlidingWindow"):
        sample_nearest_time_neighbors(table, cells, knn=3)  # type: ignore[arg-type]
