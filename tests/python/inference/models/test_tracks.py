"""Models of whole tracks: against simulated truth, and what they refuse."""

import numpy as np
import pandas as pd
import pytest

from tramway import _core
from tramway.data import Well, simulate, translocations
from tramway.errors import EquilibriumWarning, InvalidInputError
from tramway.inference import Maps, compare_models, contrast, find_wells, get_model
from tramway.tessellation import (
    Partition,
    hexagons,
    nearest_cell,
    sample_nearest,
    sliding_window,
    squares,
    time_segments,
)

SIGMA, D = 0.03, 0.12
WELLS = [Well((0.8, 0.8), 3.0, 0.35), Well((2.0, 1.9), 2.0, 0.35)]


def partition(
    count: int, seed: int = 1, sigma: float = SIGMA, *, begin_everywhere: bool = False
) -> Partition:
    """Tracks of 21 localizations, of noise σ² of half of D Δt, in the middle of the field.

    They begin in equilibrium. Of those that begin in wells, so many are left out that they begin
    everywhere alike.
    """
    tracks = simulate(
        track_count=count,
        track_length=21,
        frame_interval=0.015,
        lower=(-0.6, -0.6),
        upper=(3.2, 3.2),
        diffusivity=D,
        wells=WELLS,
        localization_precision=sigma,
        seed=seed,
    )
    table = translocations(tracks, (0.0, 0.0), (2.6, 2.6))
    if begin_everywhere:
        first = table.drop_duplicates("n")
        share = np.exp(true_potential(first[["x", "y"]].to_numpy()))
        kept = first["n"][np.random.default_rng(seed).random(len(first)) < share]
        table = table[table["n"].isin(kept)].reset_index(drop=True)
    points = table[["x", "y"]].to_numpy()
    cells = hexagons(points, resolution=0.2)
    return Partition(table, cells, nearest_cell(points, cells))


def infer(name: str, part: Partition, sigma: float | str = SIGMA, **given: object) -> Maps:
    return get_model(name).infer(part, localization_precision=sigma, **given)


def errors(maps: Maps, part: Partition) -> pd.Series:
    """Errors of V less their mean, in cells that are not at the border."""
    centers = part.tessellation.cell_centers[maps.maps.index]
    inside = ((centers > 0.2) & (centers < 2.4)).all(axis=1)
    error = (maps.maps["potential"] - true_potential(centers))[inside]
    return error - error.mean()


def true_potential(points: np.ndarray) -> np.ndarray:
    return -sum(
        well.depth
        * np.exp(-0.5 * (((points - np.array(well.center)) / well.width) ** 2).sum(axis=1))
        for well in WELLS
    )


@pytest.fixture(scope="module")
def part() -> Partition:
    return partition(1200)


@pytest.fixture(scope="module")
def maps(part: Partition) -> Maps:
    return infer("tracks.dv", part)


@pytest.mark.slow
def test_the_landscape_is_within_its_error_bars(part: Partition, maps: Maps) -> None:
    assert maps.resolution == "converged"
    assert maps.niter <= 8  # type: ignore[operator]
    error = errors(maps, part)
    table = maps.maps.loc[error.index]
    # Neighbouring cells share their errors: of some 130 cells, a tenth may count.
    covered = (error.abs() < 1.96 * table["potential std"]).mean()
    assert covered > 0.8
    assert np.sqrt((error**2).mean()) < 0.6
    is_covered = (table["diffusivity low"] < D) & (table["diffusivity high"] > D)
    assert is_covered.mean() > 0.8
    assert np.log(table["diffusivity"] / D).abs().mean() < 0.08


@pytest.mark.slow
def test_it_is_nearer_to_the_truth_than_displacements_by_themselves() -> None:
    # With weights chosen for these; over three movies, at noise of half of D Δt.
    variances = np.zeros(2)
    for seed in (2, 3, 4):
        part = partition(600, seed)
        given = {"diffusivity_prior": "auto", "potential_prior": "auto"}
        of_displacements = get_model("dv").infer(part, localization_precision=SIGMA, **given)
        for k, found in enumerate((infer("tracks.dv", part), of_displacements)):
            variances[k] += errors(found, part).var()
    assert variances[0] < 0.9 * variances[1]


def test_the_same_bits_on_any_number_of_threads(part: Partition, maps: Maps) -> None:
    before = _core.thread_count()
    try:
        for count in (1, 2):
            _core.set_thread_count(count)
            pd.testing.assert_frame_equal(
                infer("tracks.dv", part).maps, maps.maps, check_exact=True
            )
    finally:
        _core.set_thread_count(before)


def test_a_precision_of_each_localization_is_that_of_all_if_they_are_alike(
    part: Partition, maps: Maps
) -> None:
    points = part.points.assign(localization_precision=SIGMA, destination_precision=SIGMA)
    own = infer("tracks.dv", Partition(points, part.tessellation, part.cells), "column")
    pd.testing.assert_frame_equal(own.maps, maps.maps, rtol=1e-9)


@pytest.mark.parametrize("name", ["tracks.d", "tracks.dd", "tracks.df"])
def test_without_wells_nothing_drives(name: str) -> None:
    tracks = simulate(
        track_count=400,
        track_length=21,
        frame_interval=0.015,
        lower=(0, 0),
        upper=(3, 3),
        diffusivity=D,
        localization_precision=SIGMA,
        seed=4,
    )
    table = translocations(tracks, (0.5, 0.5), (2.5, 2.5))
    points = table[["x", "y"]].to_numpy()
    cells = hexagons(points, resolution=0.25)
    maps = infer(name, Partition(table, cells, nearest_cell(points, cells)))
    assert np.log(maps.maps["diffusivity"] / D).abs().max() < 0.3
    if maps.model is not None and maps.model.vector is not None:
        vector = maps[maps.model.vector.name].to_numpy()
        deviation = maps[f"{maps.model.vector.name} std"].to_numpy()
        assert np.mean(np.abs(vector) < 2.5 * deviation) > 0.9


def test_tracks_in_space() -> None:
    generator = np.random.default_rng(0)
    steps = generator.normal(size=(200, 10, 3)) * np.sqrt(2 * D * 0.02)
    positions = 1 + np.cumsum(steps, axis=1) * 0.5 + generator.random((200, 1, 3))
    rows = {"n": np.repeat(np.arange(200), 9), "t": np.tile(0.02 * np.arange(9), 200), "dt": 0.02}
    for k, axis in enumerate("xyz"):
        rows[axis] = positions[:, :-1, k].ravel()
        rows[f"d{axis}"] = np.diff(positions[:, :, k], axis=1).ravel()
    table = pd.DataFrame(rows)

    found = infer(
        "tracks.dv",
        sample_nearest(table, squares(table[["x", "y", "z"]], count_per_dim=[3] * 3)),
        0,
    )
    # Displacements of half the size: a quarter of D.
    assert np.log(found.maps["diffusivity"] / (D / 4)).abs().mean() < 0.2
    assert {"force x", "force z"} <= set(found.maps)


def test_contrasts_and_wells_have_error_bars(part: Partition, maps: Maps) -> None:
    wells = find_wells(maps)
    assert len(wells) >= 2
    value, std = contrast(maps, part, [maps.maps.index[3]], [maps.maps.index[40]])
    assert std > 0
    assert value == pytest.approx(maps.maps["potential"].iloc[3] - maps.maps["potential"].iloc[40])


def test_evidences_of_tracks_and_of_displacements_are_not_compared(
    part: Partition, maps: Maps
) -> None:
    other = get_model("d").infer(part, localization_precision=SIGMA, diffusivity_prior=20.0)
    with pytest.raises(InvalidInputError, match="are of whole tracks and of displacements"):
        compare_models([maps, other])
    table = compare_models([infer("tracks.d", part), maps])
    assert table["model"].iloc[0] == "tracks.dv"
    with pytest.raises(InvalidInputError, match="that of where tracks begin, too"):
        compare_models([infer("tracks.dv", part, equilibrium=True), maps])


@pytest.mark.slow
def test_in_equilibrium_the_places_where_tracks_begin_tell_of_the_potential() -> None:
    # Over three movies: they halve the error (the table in docs/tracks.md).
    variances = np.zeros(2)
    for seed in (5, 6, 7):
        part = partition(600, seed)
        maps = infer("tracks.dv", part, equilibrium=True)
        error = errors(maps, part)
        variances += [error.var(), errors(infer("tracks.dv", part), part).var()]
        covered = (error.abs() < 1.96 * maps.maps["potential std"].loc[error.index]).mean()
        assert covered > 0.8
        assert maps.equilibrium is True
    assert variances[0] < 0.5 * variances[1]


@pytest.mark.slow
@pytest.mark.parametrize("begin_everywhere", [False, True])
def test_equilibrium_is_used_where_the_data_say_so(begin_everywhere: bool) -> None:
    part = partition(900, 8, begin_everywhere=begin_everywhere)
    with pytest.warns(EquilibriumWarning, match="begin as in equilibrium"):
        maps = infer("tracks.dv", part, equilibrium="auto")
    assert maps.equilibrium is not begin_everywhere
    assert (maps.log_evidence_of_equilibrium > 3) is maps.equilibrium
    decided = infer("tracks.dv", part, equilibrium=maps.equilibrium)
    pd.testing.assert_frame_equal(decided.maps, maps.maps, check_exact=True)
    value, std = contrast(maps, part, [maps.maps.index[30]], [maps.maps.index[60]])
    assert np.isfinite(value)
    assert 0 < std < 3


def test_maps_go_on_across_cells_that_nobody_visits(part: Partition, maps: Maps) -> None:
    centers = part.tessellation.cell_centers
    is_gap = (np.abs(centers[:, 0] - 1.3) < 0.15)[part.cells]
    points = part.points[~is_gap].reset_index(drop=True)
    halved = Partition(points, part.tessellation, part.cells[~is_gap])
    found = infer("tracks.dv", halved)
    assert set(found.maps.index) == set(np.unique(halved.cells))
    left, right = (
        [cell for cell in found.maps.index if low < centers[cell, 0] < high]
        for low, high in ((0.9, 1.1), (1.5, 1.7))
    )
    _, std_of_all = contrast(maps, part, left, right)
    value, std = contrast(found, halved, left, right)
    # Less is known of what lies on the other side, but not nothing: V has an amplitude of 2 kT.
    assert std_of_all < std < 1
    truth = true_potential(centers[left]).mean() - true_potential(centers[right]).mean()
    assert abs(value - truth) < 3 * std


def test_time_segments_are_refused(part: Partition) -> None:
    window = sliding_window(part.points["t"], duration=0.1)
    cells = time_segments(part.tessellation, window)
    with pytest.raises(InvalidInputError, match="in one cell of space each"):
        infer("tracks.d", sample_nearest(part.points, cells))


def test_what_lies_outside_counts_for_nothing() -> None:
    tracks = simulate(
        track_count=90,
        track_length=21,
        frame_interval=0.015,
        lower=(-0.5, -0.5),
        upper=(1.5, 1.5),
        diffusivity=D,
        localization_precision=SIGMA,
        seed=6,
    )
    table = translocations(tracks)
    places = table[["x", "y"]].to_numpy()
    inside = ((places > 0) & (places < 1)).all(axis=1)
    cells = hexagons(places[inside], resolution=0.25)
    number = np.where(inside, nearest_cell(places, cells), -1)
    # After its last step in a cell, it does not matter where a molecule goes, nor how fast.
    steps = pd.Series(inside).groupby(table["n"])
    is_after = (steps.transform(lambda rows: rows[::-1].cumsum()[::-1]) == 0).to_numpy()
    faster = table.assign(dx=table["dx"].where(~is_after, 40 * table["dx"]))
    assert is_after.sum() > 100
    for mode, given in (("tracks.dv", {"equilibrium": True}), ("tracks.dd", {})):
        maps = infer(mode, Partition(table, cells, number), **given)
        for other, kept in ((table, ~is_after), (faster, is_after | True)):
            points = other[kept].reset_index(drop=True)
            same = infer(mode, Partition(points, cells, number[kept]), **given)
            pd.testing.assert_frame_equal(same.maps, maps.maps, rtol=1e-7, atol=1e-8)
