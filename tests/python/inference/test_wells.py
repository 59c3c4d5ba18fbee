"""Wells: those that were simulated are found, and none in a flat potential."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.data import Well, read_trajectories, simulate, translocations
from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference import (
    Maps,
    contrast,
    find_wells,
    infer_diffusivity,
    infer_diffusivity_potential,
)
from tramway.inference.contrast import ContrastsOfFields
from tramway.inference.models.tracks import infer_tracks_potential
from tramway.inference.wells import _depth, _divided, _drains, _Graph, _rows, _share_seen
from tramway.tessellation import Partition, hexagons, nearest_cell

AUTO = {"diffusivity_prior": "auto", "potential_prior": "auto"}


def filed(table: pd.DataFrame, **options: Any) -> Partition:
    origins = table[["x", "y"]].to_numpy()
    cells = hexagons(origins, **options)
    return Partition(table, cells, nearest_cell(origins, cells))


def mapped(wells: list[Well], seed: int, **priors: Any) -> Maps:
    tracks = simulate(
        track_count=400,
        track_length=21,
        frame_interval=0.025,
        lower=(0, 0),
        upper=(2.5, 2.5),
        diffusivity=0.2,
        wells=wells,
        seed=seed,
    )
    # Away from the walls, which would show as forces.
    partition = filed(translocations(tracks, (0.25, 0.25), (2.25, 2.25)), resolution=0.2)
    return infer_diffusivity_potential(partition, localization_precision=0.0, **priors)


@pytest.mark.slow
def test_a_deep_well_is_more_than_its_lowest_cell() -> None:
    # Half of the displacements are in the well: the mean over them is no level of its surroundings.
    well = Well((1.25, 1.25), 6.0, 0.3)
    tracks = simulate(
        track_count=300, track_length=41, frame_interval=0.02, lower=(0, 0), upper=(2.5, 2.5),
        diffusivity=0.2, wells=[well], localization_precision=0.02, seed=5,
    )  # fmt: skip
    partition = filed(translocations(tracks, (0.25, 0.25), (2.25, 2.25)), resolution=0.2)
    maps = infer_diffusivity_potential(
        partition, localization_precision=0.02, noise_correction="auto", **AUTO
    )
    found = find_wells(maps).iloc[0]
    assert len(found["cells"]) >= 7
    assert found["depth"] == pytest.approx(6.0, abs=2 * found["depth std"])


@pytest.mark.slow
@pytest.mark.parametrize("priors", [AUTO, {"diffusivity_prior": 20, "potential_prior": 1}])
def test_a_well_is_found_where_it_is(priors: dict[str, Any]) -> None:
    # Truth: a Gaussian well, whose width at half depth is √(2 ln 2) of its standard deviation. One
    # cell has an area of 0.035 µm².
    truth = Well((1.25, 1.25), 3.0, 0.25)
    depths = []
    for seed in range(8):
        wells = find_wells(mapped([truth], seed, **priors))
        found = wells[wells["probability"] > 0.95]
        assert len(found) == 1
        well = found.iloc[0]
        assert np.hypot(well["x"] - 1.25, well["y"] - 1.25) < 0.15
        assert well["area"] == pytest.approx(np.pi * 2 * np.log(2) * 0.25**2, abs=0.12)
        assert well["depth"] == pytest.approx(3.0, abs=3 * well["depth std"])
        assert well["bottom"] in well["cells"]
        assert not set(well["cells"]) & set(well["surroundings"])
        depths.append(well["depth"])
    assert np.mean(depths) == pytest.approx(3.0, abs=0.4)


@pytest.mark.parametrize("width", [0.2, 0.3, 0.4])
def test_the_depth_of_a_known_potential_is_that_of_its_well(width: float) -> None:
    # The Gaussian well itself as a map, as many translocations in each cell as in equilibrium.
    cells = hexagons(np.array([[-1.5, -1.5], [1.5, 1.5]]), resolution=0.1)
    at = cells.cell_centers - cells.cell_centers[np.argmin((cells.cell_centers**2).sum(axis=1))]
    potential = -5 * np.exp(-(at**2).sum(axis=1) / (2 * width**2))
    numbers = np.repeat(np.arange(cells.n_cells), np.round(10 * np.exp(-potential)).astype(int))
    origins = pd.DataFrame(cells.cell_centers[numbers], columns=["x", "y"])
    maps = Maps(pd.DataFrame({"potential": potential}), "dv")
    graph = _Graph(maps, Partition(origins, cells, numbers))
    bottom = int(potential.argmin())
    within, surroundings = _divided(graph, np.arange(cells.n_cells), bottom)
    height = graph.mean(surroundings) - potential[bottom]
    assert height == pytest.approx(5, rel=0.03)
    seen = _share_seen(graph, bottom, within, surroundings)
    assert height / seen == pytest.approx(5, rel=0.01)
    half = np.pi * 2 * np.log(2) * width**2
    assert cells.cell_volume[within].sum() == pytest.approx(half, rel=0.1)


def test_a_low_place_apart_from_a_well_is_neither_in_it_nor_around_it() -> None:
    # As noise makes them, in the basin of a well. Half as deep as a well is a Gaussian of 0.2 at
    # 0.235: six of its neighbours at 0.1 and six at 0.173 are in it, those at 0.2 too.
    cells = hexagons(np.array([[-1.5, -1.5], [1.5, 1.5]]), resolution=0.1)
    at = cells.cell_centers - cells.cell_centers[np.argmin((cells.cell_centers**2).sum(axis=1))]
    away = np.hypot(*at.T)
    potential = -3 * np.exp(-(away**2) / (2 * 0.2**2))
    low = int(np.hypot(*(at - [1, 0]).T).argmin())
    potential[low] = -2
    numbers = np.arange(cells.n_cells)
    origins = pd.DataFrame(cells.cell_centers, columns=["x", "y"])
    graph = _Graph(
        Maps(pd.DataFrame({"potential": potential}), "dv"), Partition(origins, cells, numbers)
    )
    within, surroundings = _divided(graph, numbers, int(potential.argmin()))
    np.testing.assert_array_equal(within, np.flatnonzero(away < 0.235))
    assert low not in surroundings


@pytest.mark.parametrize("shift", [0.0, 0.08])
def test_what_cells_show_of_a_well_is_allowed_for(shift: float) -> None:
    # Cells of 0.6 widths, the lowest one beside the well's center: 4.4 to 4.8 of 5 kT are seen.
    cells = hexagons(np.array([[-1.0, -1.0], [1.0, 1.0]]), resolution=0.18)
    at = cells.cell_centers - cells.cell_centers[np.argmin((cells.cell_centers**2).sum(axis=1))]
    at += np.array([shift, 0.0])
    potential = -5 * np.exp(-(at**2).sum(axis=1) / (2 * 0.3**2))
    numbers = np.repeat(np.arange(cells.n_cells), np.round(10 * np.exp(-potential)).astype(int))
    origins = pd.DataFrame(cells.cell_centers[numbers], columns=["x", "y"])
    graph = _Graph(
        Maps(pd.DataFrame({"potential": potential}), "dv"), Partition(origins, cells, numbers)
    )
    bottom = int(potential.argmin())
    within, surroundings = _divided(graph, np.arange(cells.n_cells), bottom)
    height = graph.mean(surroundings) - potential[bottom]
    assert height < 4.9
    depth, std = _depth(height, 0.0, 0.0, _share_seen(graph, bottom, within, surroundings))
    assert depth == pytest.approx(5, rel=0.02)
    assert std == pytest.approx((depth - height) / np.sqrt(3))


def test_heights_of_cells_that_noise_has_emptied_are_those_of_the_map() -> None:
    # A correction of noise may leave a cell, and with it a pass, without translocations.
    cells = hexagons(np.array([[-1.0, -1.0], [1.0, 1.0]]), resolution=0.5)
    potential = np.arange(float(cells.n_cells))
    origins = pd.DataFrame(cells.cell_centers[:3], columns=["x", "y"])
    partition = Partition(origins, cells, np.array([0, 1, 1]))
    graph = _Graph(Maps(pd.DataFrame({"potential": potential}), "dv"), partition)
    assert graph.mean(np.array([4])) == 4
    assert graph.mean(np.array([4, 5])) == 4.5
    assert graph.mean(np.array([0, 1, 5])) == pytest.approx(2 / 3)


def test_the_whole_draw_is_of_what_the_depth_would_be() -> None:
    # A prior that takes half of a depth of 4 leaves 2, of which it would take half again: 1.
    assert _depth(2.0, 0.0, 1.0, 1.0) == (2.0, 2.0)
    assert _depth(2.0, 3.0, 0.0, 1.0) == (2.0, 3.0)
    assert _depth(1.0, 0.0, 2.0, 1.0) == (1.0, pytest.approx(19))  # at most 0.95 of it
    assert _depth(0.0, 1.0, 0.5, 0.5) == (0.0, 2.0)


@pytest.mark.slow
def test_the_error_bar_of_a_depth_holds_where_a_well_is_sure() -> None:
    # In 48 such wells (found - 5 kT) / std was -0.25 ± 1.10 on average, within 1.96 in 94 %.
    pulls = []
    for seed in range(8):
        tracks = simulate(
            track_count=200,
            track_length=25,
            frame_interval=0.015,
            lower=(0, 0),
            upper=(3.5, 3.5),
            diffusivity=0.12,
            wells=[Well((1.75, 1.5), 5, 0.35)],
            localization_precision=0.015,
            seed=seed,
        )
        partition = filed(translocations(tracks, (0.25, 0.25), (3.25, 3.25)), resolution=0.2)
        wells = find_wells(infer_tracks_potential(partition, localization_precision=0.015))
        assert wells["probability"][0] > 0.95
        pulls.append((wells["depth"][0] - 5) / wells["depth std"][0])
    assert (np.abs(pulls) < 1.96).sum() >= 7
    assert abs(np.mean(pulls)) < 0.25 + 2 * 1.1 / np.sqrt(8)


def of_100_tracks(well: Well, seed: int) -> Maps:
    """Maps of a movie of some 2,000 displacements, in equilibrium."""
    tracks = simulate(
        track_count=100,
        track_length=25,
        frame_interval=0.015,
        lower=(0, 0),
        upper=(3.5, 3.5),
        diffusivity=0.12,
        wells=[well],
        localization_precision=0.015,
        seed=seed,
    )
    partition = filed(translocations(tracks, (0.25, 0.25), (3.25, 3.25)), resolution=0.2)
    return infer_tracks_potential(partition, localization_precision=0.015, equilibrium=True)


@pytest.mark.slow
@pytest.mark.parametrize("well", [Well((1.75, 1.5), 5, 0.35), Well((1.75, 1.5), 3, 0.3)])
def test_the_error_bar_of_a_depth_holds_in_equilibrium(well: Well) -> None:
    # The table in docs/error-bars.md: before priors were known to draw depths, and cells without
    # translocations to be part of what surrounds a well, 58 and 68 % were within 1.96.
    pulls = []
    for seed in range(12):
        wells = find_wells(of_100_tracks(well, seed))
        at = np.hypot(wells["x"] - 1.75, wells["y"] - 1.5).idxmin()
        pulls.append((wells["depth"][at] - well.depth) / wells["depth std"][at])
    assert (np.abs(pulls) < 1.96).sum() >= 10


def test_in_equilibrium_cells_without_translocations_surround_a_well() -> None:
    maps = of_100_tracks(Well((1.75, 1.5), 5, 0.35), seed=0)
    well = find_wells(maps).iloc[0]
    mesh, numbers = maps.inferred_from().tessellation, np.array(well["surroundings"])
    empty = np.setdiff1d(numbers, maps.maps.index)
    assert len(empty) > 20
    # V is higher there than where translocations are, and they are not at the border.
    of_fields = ContrastsOfFields(maps, maps.inferred_from())
    weights = np.zeros((1, mesh.n_cells))
    weights[0, empty] = 1 / len(empty)
    seen = np.intersect1d(numbers, maps.maps.index)
    weights[0, seen] -= 1 / len(seen)
    assert float(of_fields(weights)[0][0]) > 0.1
    centers = mesh.cell_centers[empty]
    assert ((centers > 0.3) & (centers < 3.2)).all()
    # What the maps say is what the posterior says.
    weights[:] = 0
    weights[0, maps.maps.index[[3, 30]]] = 1, -1
    difference = maps.maps["potential"].iloc[3] - maps.maps["potential"].iloc[30]
    assert float(of_fields(weights)[0][0]) == pytest.approx(difference, abs=1e-9)
    upper, bottom = mesh.cell_volume[numbers], int(well["bottom"])
    weights[:] = 0
    weights[0, numbers] = upper / upper.sum()
    weights[0, bottom] = -1
    found = of_fields(weights)
    assert found.drawn[0] > 0.1
    depth, std = contrast(maps, maps.inferred_from(), well["surroundings"], [bottom])
    assert depth == pytest.approx(found[0][0], abs=0.01)  # cells are of the same area
    assert std == pytest.approx(found.deviations[0], rel=0.01)
    # Depth and error bar are those of the well of which the cells show some 95 %, with the whole
    # draw: a share of what the depth would be, not of what is left of it.
    seen = found[0][0] / well["depth"]
    assert 0.9 < seen < 1
    draw = found[0][0] / (found[0][0] / found.drawn[0] - 1)
    shape = well["depth"] * (1 - seen) / np.sqrt(3)
    spread = np.hypot(found.deviations[0], draw) / seen
    assert well["depth std"] == pytest.approx(np.hypot(spread, shape))


@pytest.mark.slow
@pytest.mark.parametrize("priors", [AUTO, {"diffusivity_prior": 20, "potential_prior": 0.1}])
def test_a_flat_potential_has_no_wells(priors: dict[str, Any]) -> None:
    # At 5 %, four or more of 20 happen by chance in 1.6 % of the trials; the seeds are fixed.
    false = [
        find_wells(mapped([], seed, **priors))["probability"].max() > 0.95 for seed in range(20)
    ]
    assert sum(false) <= 3


def test_known_wells_of_the_examples_are_found(shared: Path) -> None:
    # Truth: wells of 10, 6, 1 and 3 kT (InferenceMAP's example, Nat. Methods 2015). That of 1 kT is
    # within its noise: the lowest cell of its quadrant is not at its center, and a bit too low.
    path = shared / "data/inferencemap/potential_example.trxyt"
    table = translocations(read_trajectories(path, ["n", "x", "y", "t"]))
    partition = filed(table, displacement_length=float(np.hypot(table["dx"], table["dy"]).mean()))
    maps = infer_diffusivity_potential(partition, localization_precision=0.03, **AUTO)
    wells = find_wells(maps)
    for x, y, depth in ((-1.25, 1.25, 10), (1.25, 1.25, 6), (1.25, -1.25, 3)):
        well = wells.loc[np.hypot(wells["x"] - x, wells["y"] - y).idxmin()]
        assert np.hypot(well["x"] - x, well["y"] - y) < 0.3
        assert well["depth"] == pytest.approx(depth, abs=2 * well["depth std"])
        assert well["probability"] > 0.95
    assert (wells["probability"] > 0.95).sum() == 3


def test_cells_drain_where_the_way_down_ends() -> None:
    # Against a walk from every cell to its lowest neighbour, as long as there is a lower one.
    cells = hexagons(np.array([[0.0, 0.0], [3.0, 3.0]]), resolution=0.3)
    origins = pd.DataFrame(cells.cell_centers, columns=["x", "y"])
    partition = Partition(origins, cells, np.arange(cells.n_cells))
    for seed in range(20):
        potential = np.random.default_rng(seed).normal(size=cells.n_cells)
        graph = _Graph(Maps(pd.DataFrame({"potential": potential}), "dv"), partition)
        drain, passes = _drains(graph)
        for start in range(cells.n_cells):
            cell = start
            while (near := min(graph.neighbours[cell], key=potential.__getitem__)) != cell:
                if potential[near] > potential[cell]:
                    break
                cell = near
            assert drain[start] == cell
        assert len(passes) == len(np.unique(drain)) - 1  # a tree of minima
        for way in passes:
            assert potential[way.deeper] < potential[way.minimum] < potential[way.at]


def test_a_flat_basin_is_no_well() -> None:
    # Two cells without potential difference, as an island has if no molecule went between them; and
    # cells above the bottom that hold no translocations.
    cells = hexagons(np.array([[0.0, 0.0], [3.0, 3.0]]), resolution=0.3)
    everywhere = np.zeros(cells.n_cells, dtype=np.int64)
    for potential, filled in (
        (np.zeros(cells.n_cells), np.arange(cells.n_cells)),
        (np.arange(cells.n_cells, dtype=float), everywhere),
    ):
        origins = pd.DataFrame(cells.cell_centers, columns=["x", "y"])
        maps = Maps(pd.DataFrame({"potential": potential}), "dv")
        graph = _Graph(maps, Partition(origins, cells, filled))
        assert _rows(graph, everywhere) == []


def test_the_more_persistent_a_well_must_be_the_fewer_there_are() -> None:
    maps = mapped([], 0, diffusivity_prior=20, potential_prior=0.1)
    counts = [len(find_wells(maps, persistence=least)) for least in (0.0, 0.5, 1.0, 3.0, 1e3)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] == 1


def test_maps_in_which_no_well_can_be_found() -> None:
    maps = mapped([], 0, diffusivity_prior=20, potential_prior=1)
    with pytest.raises(InvalidInputError, match="`persistence` is -1"):
        find_wells(maps, persistence=-1)
    assert maps.partition is not None
    with pytest.raises(InvalidInputError, match="expected maps of the DV model"):
        find_wells(infer_diffusivity(maps.partition, localization_precision=0.0))
    maps.partition = None
    with pytest.raises(MissingResultError, match=r"set maps\.partition"):
        find_wells(maps)
