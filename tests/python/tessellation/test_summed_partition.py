"""Cells of which only sums over translocations are known."""

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.errors import InvalidInputError
from tramway.files import decode_artefact, encode_artefact
from tramway.tessellation import (
    HexagonalTessellation,
    Partition,
    SummedPartition,
    Summing,
    Sums,
    hexagons,
    sample_nearest,
)
from tramway.tessellation.positions import Extent, GatheredExtent, extent_of, sum_in_order


@pytest.fixture(scope="module")
def steps() -> pd.DataFrame:
    movie = simulate(
        track_count=60,
        track_length=12,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(2, 2),
        diffusivity=0.2,
        seed=3,
    )
    is_seen = np.random.default_rng(0).random(len(movie)) > 0.1  # gaps, and so several lags
    return translocations(movie[is_seen].reset_index(drop=True))


def pieces_of(table: pd.DataFrame, tracks: int) -> list[pd.DataFrame]:
    """Pieces of some tracks each."""
    return [piece for _, piece in table.groupby((table["n"] // tracks).to_numpy())]


def summed(steps: pd.DataFrame, cells: HexagonalTessellation, tracks: int) -> SummedPartition:
    summing = Summing(cells)
    for piece in pieces_of(steps, tracks):
        summing.add(piece)
    return summing.partition({"method": "hexagon"})


@pytest.fixture(scope="module")
def cells(steps: pd.DataFrame) -> HexagonalTessellation:
    return hexagons(steps[["x", "y"]], resolution=0.4)


@pytest.mark.parametrize("tracks", [1, 7, 1000])
def test_sums_are_those_of_all_translocations(
    steps: pd.DataFrame, cells: HexagonalTessellation, tracks: int
) -> None:
    whole, found = sample_nearest(steps, cells), summed(steps, cells, tracks)
    np.testing.assert_array_equal(found.location_count, whole.location_count)
    once = summed(steps, cells, 10**6)
    np.testing.assert_array_equal(found.sums.groups, once.sums.groups)
    np.testing.assert_array_equal(found.midpoints.sums.groups, once.midpoints.sums.groups)
    for ours, theirs in zip(found.moments, whole.moments, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)  # rounding
    assert found.median_lag == pytest.approx(whole.median_lag, rel=1e-9)
    assert set(found.entries[0]) == set(whole.cells)
    pd.testing.assert_frame_equal(found.bounding_box, whole.bounding_box)
    assert found.cells_per_translocation == 1
    assert not found.is_overlapping
    assert repr(found) == f"Summed{whole!r}"
    assert f"{len(steps)}, summed" in found._repr_html_()
    # Successive displacements of free diffusion without noise do not correlate.
    spread = (steps[["dx", "dy"]] ** 2).to_numpy().mean()
    assert abs(found.midpoints.covariance) < 0.2 * spread


def test_single_translocations_are_refused(
    steps: pd.DataFrame, cells: HexagonalTessellation
) -> None:
    found = summed(steps, cells, 9)
    for name in ("points", "cells", "origins", "displacements", "lags", "rows"):
        with pytest.raises(InvalidInputError, match=r"streamed as a whole.*streaming = False"):
            getattr(found, name)


def test_it_goes_to_other_processes(steps: pd.DataFrame, cells: HexagonalTessellation) -> None:
    found = summed(steps, cells, 9)
    sent = decode_artefact(encode_artefact(found))
    assert isinstance(sent, SummedPartition)
    np.testing.assert_array_equal(sent.sums.groups, found.sums.groups)
    assert sent.param == found.param


def test_cells_can_be_left_out(steps: pd.DataFrame, cells: HexagonalTessellation) -> None:
    found = summed(steps, cells, 9)
    assert found.in_active_cells() is found
    labels = np.ones(cells.n_cells)
    labels[found.location_count.argmax()] = 0
    cells.cell_label = labels
    try:
        active = found.in_active_cells()
        expected = np.where(labels > 0, found.location_count, 0)
        np.testing.assert_array_equal(active.location_count, expected)
        assert active.midpoints is None
    finally:
        cells.cell_label = None


def test_nothing_and_what_does_not_fit(cells: HexagonalTessellation) -> None:
    nothing = Summing(cells).partition()
    assert nothing.location_count.sum() == 0
    assert np.isnan(nothing.median_lag)
    assert np.isnan(nothing.midpoints.covariance)
    assert isinstance(nothing, Partition)
    with pytest.raises(InvalidInputError, match="`sums` are of 2 cells"):
        SummedPartition(
            cells, Sums(np.zeros(3, np.int64), np.empty((0, 5))), None, nothing.bounding_box
        )


def test_times_that_never_repeat_are_refused(
    steps: pd.DataFrame, cells: HexagonalTessellation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tramway.tessellation.summed_partition._MOST_GROUPS", 100)
    irregular = steps.assign(dt=np.linspace(0.01, 0.02, len(steps)))
    with pytest.raises(
        InvalidInputError, match="more than 100 different pairs of a cell and a lag"
    ):
        Summing(cells).add(irregular)


def test_extents_of_pieces_and_cells_made_of_them(steps: pd.DataFrame) -> None:
    places = steps[["x", "y"]].to_numpy()
    gathered = GatheredExtent()
    for piece in pieces_of(steps, 7):
        gathered.add(piece[["x", "y"]].to_numpy())
    extent, whole = gathered.extent(), extent_of(places, "cells")
    for name in ("count", "lower", "upper", "mean"):
        np.testing.assert_array_equal(getattr(extent, name), getattr(whole, name))
    for settings in ({}, {"resolution": 0.3, "tilt": 0.5}):
        ours, theirs = hexagons(extent, **settings), hexagons(places, **settings)
        np.testing.assert_array_equal(ours.cell_centers, theirs.cell_centers)
    with pytest.raises(InvalidInputError, match="two dimensions"):
        hexagons(Extent(3, *np.zeros((2, 3)), np.ones(3)))
    # 0.1 + 0.2 + 0.3 from the left is not 0.1 + (0.2 + 0.3).
    assert sum_in_order(np.array([0.2, 0.3]), 0.1) == 0.1 + 0.2 + 0.3
