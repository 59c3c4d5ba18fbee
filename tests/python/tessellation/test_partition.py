import numpy as np
import pandas as pd
import pytest
from scipy.spatial import KDTree

from tramway.data import simulate, translocations
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, hexagons, nearest_cell, time_segments


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return translocations(
        simulate(
            track_count=100,
            track_length=11,
            frame_interval=0.02,
            lower=(0, 0),
            upper=(3, 2),
            diffusivity=0.1,
            seed=1,
        )
    )


def test_every_point_is_in_the_cell_of_the_nearest_center(table: pd.DataFrame) -> None:
    points = table[["x", "y"]].to_numpy()
    lattice = hexagons(points, resolution=0.2)
    cells = nearest_cell(points, lattice)
    assert cells.dtype == np.int64
    np.testing.assert_array_equal(cells, KDTree(lattice.cell_centers).query(points)[1])
    assert nearest_cell(np.zeros((0, 2)), lattice).shape == (0,)


def test_partition_describes_its_translocations(table: pd.DataFrame) -> None:
    lattice = hexagons(table[["x", "y"]], resolution=0.5)
    cell_index = nearest_cell(table[["x", "y"]], lattice)
    cell_index[:10] = -1
    partition = Partition(table, lattice, cell_index)
    expected = [(cell_index == cell).sum() for cell in range(lattice.n_cells)]
    assert partition.location_count.tolist() == expected
    assert partition.location_count.sum() == len(table) - 10
    np.testing.assert_array_equal(partition.origins, table[["x", "y"]])
    np.testing.assert_array_equal(partition.displacements, table[["dx", "dy"]])
    np.testing.assert_array_equal(partition.lags, table["dt"])
    assert partition.displacements.flags.c_contiguous
    box = partition.bounding_box
    assert list(box.index) == ["min", "max"]
    assert list(box) == ["x", "y", "t"]
    assert box.loc["max", "t"] == table["t"].max()
    assert partition.param == {}


def test_a_partition_is_shown_by_its_facts(table: pd.DataFrame) -> None:
    lattice = hexagons(table[["x", "y"]], resolution=0.5)
    cell_index = nearest_cell(table[["x", "y"]], lattice)
    cell_index[:10] = -1
    partition = Partition(table, lattice, cell_index, {"method": "a <hexagon>"})
    counts = np.bincount(cell_index[10:], minlength=lattice.n_cells)
    filled = counts[counts > 0]
    assert repr(partition) == f"Partition of 1000 points, {lattice.n_cells} cells"
    shown = partition._repr_html_()
    for fact in (
        "1,000",
        f"{lattice.n_cells}, {(counts == 0).sum()} of them empty",
        f"{filled.min()} to {filled.max()}, median {np.median(filled):g}",
        "HexagonalTessellation",
        f"{table['x'].min():.4g} to {table['x'].max():.4g} µm",
        f"{table['t'].min():.4g} to {table['t'].max():.4g} s",
        "a &lt;hexagon&gt;",
    ):
        assert f">{fact}<" in shown

    segments = time_segments(lattice, np.array([[0.0, 0.1], [0.1, 0.3]]))
    twice = np.repeat(np.arange(len(table)), 2), np.tile([0, lattice.n_cells], len(table))
    shown = Partition.from_pairs(table, segments, *twice)._repr_html_()
    assert ">time segments</td>" in shown
    assert ">cells per translocation</td>" in shown

    empty = Partition(table[:0], lattice, np.zeros(0, dtype=np.int64))
    assert "per cell" not in empty._repr_html_()


def test_a_partition_may_be_empty(table: pd.DataFrame) -> None:
    lattice = hexagons([(0, 0), (1, 1)], resolution=0.5)
    partition = Partition(table[:0], lattice, np.zeros(0, dtype=np.int64))
    assert partition.location_count.tolist() == [0] * lattice.n_cells
    assert partition.origins.shape == (0, 2)


@pytest.mark.parametrize(
    ("cell_index", "message"),
    [
        ([0], r"shape \(1,\), expected \(3,\)"),
        ([[0], [0], [0]], r"shape \(3, 1\), expected \(3,\)"),
        ([0, -2, 0], "runs from -2 to 0"),
        ([0, 99, 0], "runs from 0 to 99, expected numbers of the"),
    ],
)
def test_cells_must_exist(table: pd.DataFrame, cell_index: list[int], message: str) -> None:
    lattice = hexagons([(0, 0), (1, 1)], resolution=0.5)
    with pytest.raises(InvalidInputError, match=message):
        Partition(table[:3], lattice, np.array(cell_index))


def test_points_must_fit_the_cells() -> None:
    lattice = hexagons([(0, 0), (1, 1)], resolution=0.5)
    with pytest.raises(InvalidInputError, match=r"expected \(N, 2\)"):
        nearest_cell(np.zeros((5, 3)), lattice)
    with pytest.raises(InvalidInputError, match=r"`points\[1\]`"):
        nearest_cell([(0, 0), (np.nan, 0)], lattice)


def test_cells_may_share_translocations(table: pd.DataFrame) -> None:
    lattice = hexagons(table[["x", "y"]], resolution=0.5)
    rows, cells = np.array([2, 0, 2, 2]), np.array([1, 0, 0, 1])  # one pair is there twice
    partition = Partition.from_pairs(table[:4], lattice, rows, cells)
    assert partition.rows.tolist() == [0, 2, 2]
    assert partition.cells.tolist() == [0, 0, 1]
    for name, columns in (("origins", ["x", "y"]), ("displacements", ["dx", "dy"])):
        values = getattr(partition, name)
        np.testing.assert_array_equal(values, table[columns].iloc[[0, 2, 2]])
        assert values.flags.c_contiguous
    np.testing.assert_array_equal(partition.lags, table["dt"].iloc[[0, 2, 2]])
    assert partition.location_count[:2].tolist() == [2, 1]
    assert partition.is_overlapping
    assert partition.cells_per_translocation == 1.5  # translocations 0 and 2 in one and two cells


def test_pairs_without_overlap_are_one_cell_per_translocation(table: pd.DataFrame) -> None:
    lattice = hexagons(table[["x", "y"]], resolution=0.5)
    pairs = np.array([3, 0, 1]), np.array([1, 0, -1])
    partition = Partition.from_pairs(table[:5], lattice, *pairs)
    assert partition.point_index is None
    assert partition.cells.tolist() == [0, -1, -1, 1, -1]
    assert partition.rows.tolist() == [0, 1, 2, 3, 4]
    assert not partition.is_overlapping
    assert partition.cells_per_translocation == 1
    nothing = Partition(table[:1], lattice, np.array([-1]))
    assert np.isnan(nothing.cells_per_translocation)
    assert not nothing.is_overlapping


@pytest.mark.parametrize(
    ("point_index", "message"),
    [
        ([0], r"`cells` has shape \(2,\), expected \(1,\)"),
        ([0, 3], "`point_index` runs from 0 to 3, expected rows of the 3 translocations"),
        ([-1, 0], "`point_index` runs from -1 to 0"),
    ],
)
def test_rows_must_exist(table: pd.DataFrame, point_index: list[int], message: str) -> None:
    lattice = hexagons([(0, 0), (1, 1)], resolution=0.5)
    with pytest.raises(InvalidInputError, match=message):
        Partition(table[:3], lattice, np.array([0, 0]), {}, np.array(point_index))


def test_cells_that_share_translocations_are_given_and_set_as_pairs(table: pd.DataFrame) -> None:
    lattice = hexagons([(0, 0), (1, 1)], resolution=0.5)
    partition = Partition(table[:3], lattice, np.array([1, 0, -1]))
    assert isinstance(partition.cell_index, np.ndarray)
    partition.cell_index = [0, 0, 1], [0, 1, 1]
    rows, cells = partition.cell_index
    assert rows.tolist() == [0, 0, 1]
    assert cells.tolist() == partition.cells.tolist() == [0, 1, 1]
    with pytest.raises(InvalidInputError, match="runs from 0 to 99"):
        partition.cell_index = np.array([0, 0, 99])
    assert partition.rows.tolist() == [0, 0, 1]


def test_cells_can_be_switched_off(table: pd.DataFrame) -> None:
    lattice = hexagons([(0, 0), (1, 1)], resolution=0.5)
    partition = Partition(table[:4], lattice, np.array([1, 0, -1, 2]))
    assert partition.in_active_cells() is partition
    lattice.cell_label = np.arange(lattice.n_cells) != 1
    assert partition.in_active_cells().cells.tolist() == [-1, 0, -1, 2]
    lattice.cell_label = None
    assert partition.in_active_cells() is partition
    with pytest.raises(InvalidInputError, match=rf"expected .*\({lattice.n_cells},\)"):
        lattice.cell_label = [1, 2]
