"""Domains of simulated wells: how long molecules stay, how large they are, how long they last."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.spatial import KDTree

from tramway.data import Polygon, Well, simulate, translocations
from tramway.errors import InvalidInputError
from tramway.inference import (
    Maps,
    domain_lifetimes,
    find_domains,
    find_wells,
    get_model,
    infer_diffusivity_potential,
)
from tramway.inference.contrast import ContrastsOfRows
from tramway.inference.counted_residence import (
    Tracks,
    _crossings,
    counted_residence,
    tracks_in,
)
from tramway.inference.domains import _smoothing, _Times, _with_deviations
from tramway.inference.first_passage import Passage, lattice_in
from tramway.tessellation import (
    Partition,
    hexagons,
    nearest_cell,
    outlines_of,
    sample_nearest,
    time_segments,
)

CENTER, D = (1.25, 1.25), 0.2
AUTO: dict[str, Any] = {"diffusivity_prior": "auto", "potential_prior": "auto"}


def movie(seed: int, *wells: Well, track_count: int = 600, track_length: int = 41) -> pd.DataFrame:
    tracks = simulate(
        track_count=track_count,
        track_length=track_length,
        frame_interval=0.01,
        lower=(0, 0),
        upper=(2.5, 2.5),
        diffusivity=D,
        wells=wells,
        seed=seed,
    )
    # Away from the walls, which would show as forces.
    return translocations(tracks, (0.25, 0.25), (2.25, 2.25))


def mapped(table: pd.DataFrame, resolution: float, **priors: Any) -> Maps:
    origins = table[["x", "y"]].to_numpy()
    cells = hexagons(origins, resolution=resolution)
    partition = Partition(table, cells, nearest_cell(origins, cells))
    return infer_diffusivity_potential(partition, localization_precision=0.0, **priors)


def true_times(maps: Maps, domain: "pd.Series[Any]", well: Well) -> tuple[float, float]:
    """Escape and residence time in the domain that was found, in the potential simulated."""
    cells = maps.inferred_from().tessellation
    lattice = lattice_in(cells, np.array(domain["cells"]))
    r = np.linalg.norm(lattice.centers - well.center, axis=1)
    potential = -well.depth * np.exp(-0.5 * (r / well.width) ** 2)
    start = np.linalg.norm(lattice.centers - cells.cell_centers[domain["bottom"]], axis=1).argmin()
    d = np.full(len(r), D)
    passage = Passage(lattice, potential, d)
    return passage.time(int(start)).time, passage.time().time


@pytest.mark.slow
@pytest.mark.parametrize(
    ("well", "resolution", "track_count", "priors"),
    [
        (Well(CENTER, 3.0, 0.25), 0.15, 600, AUTO),
        (Well(CENTER, 4.0, 0.35), 0.2, 300, AUTO),
        (Well(CENTER, 3.0, 0.25), 0.15, 600, {"diffusivity_prior": 20, "potential_prior": 1}),
    ],
)
def test_times_are_those_of_the_true_potential(
    well: Well, resolution: float, track_count: int, priors: dict[str, Any]
) -> None:
    errors = []
    for seed in range(8):
        maps = mapped(movie(seed, well, track_count=track_count), resolution, **priors)
        domains = find_domains(maps)
        domain = domains[domains["probability"] > 0.95].iloc[0]
        for name, truth in zip(
            ("escape time", "residence time"), true_times(maps, domain, well), strict=True
        ):
            assert domain[name] == pytest.approx(truth, rel=0.25)
            errors.append((domain[name] - truth) / domain[f"{name} std"])
    # Of 16, pairwise dependent, two or more beyond two standard deviations are expected in 7 % of
    # the trials; the seeds are fixed.
    assert (np.abs(errors) > 2).sum() <= 2
    assert np.abs(errors).max() < 3
    assert abs(np.mean(errors)) < 1


def test_a_domain_is_a_well_with_a_boundary_and_a_size() -> None:
    maps = mapped(movie(0, Well(CENTER, 3.0, 0.25)), 0.15, **AUTO)
    domains, wells = find_domains(maps), find_wells(maps)
    pd.testing.assert_frame_equal(domains[wells.columns], wells)
    for _, domain in domains.iterrows():
        # Twice the area within the lines, by Gauss's formula: of holes it is negative.
        twice = sum(
            float(
                (line[:, 0] * np.roll(line[:, 1], -1) - line[:, 1] * np.roll(line[:, 0], -1)).sum()
            )
            for line in domain["boundary"]
        )
        assert abs(twice) / 2 == pytest.approx(domain["area"])
        assert np.pi * domain["diameter"] ** 2 / 4 == pytest.approx(domain["area"])
        # Of the Gaussian well that is half as deep at that radius.
        width = domain["diameter"] / 2 / np.sqrt(2 * np.log(2))
        d = maps.maps.loc[list(domain["cells"]), "diffusivity"].mean()
        assert domain["fall"] == pytest.approx(d * 0.01 * domain["depth"] / width**2)
        assert domain["residence time std"] > domain["fall"] / 2 * domain["residence time"]
        assert 0 < domain["residence time"] < 2


def test_residence_is_counted_from_tracks_that_begin_inside() -> None:
    cells = hexagons(np.array([[0.0, 0.0], [3.0, 0.0]]), resolution=1.0)
    inside = nearest_cell([[0.5, 0.0]], cells)
    here, height = cells.cell_centers[inside[0]]
    away = here + 2

    def counted(*tracks: list[float], diffusivity: float = 1e-6) -> tuple[float, float, float]:
        rows = [
            {
                "n": n,
                "x": start,
                "y": height,
                "t": float(t),
                "dx": end - start,
                "dy": 0.0,
                "dt": 1.0,
            }
            for n, places in enumerate(tracks)
            for t, (start, end) in enumerate(pairwise(places))
        ]
        points = pd.DataFrame(rows)
        origins = points[["x", "y"]].to_numpy()
        partition = Partition(points, cells, nearest_cell(origins, cells))
        border = outlines_of([cells.polygons()[cell] for cell in inside])
        return counted_residence(tracks_in(partition, cells), inside, border, diffusivity)

    out_after_three = [here, here, here, away, here, away]  # its second stay is not counted
    never_out, from_outside = [here] * 5, [away, here, away]
    # Without diffusion, molecules go straight: of the 2 µm, the border is half a µm away.
    stay = 2.25
    # Five times 2.25 s with an exit and twice 4 s without, over five exits.
    mean, std, exits = counted(*5 * [out_after_three], *2 * [never_out], from_outside)
    assert (mean, exits) == pytest.approx((stay + 8 / 5, 5))
    # Residuals: -8/5 five times, and 4 twice.
    assert std == pytest.approx(np.sqrt(5 * 1.6**2 + 2 * 4**2) / 5)
    mean, _, exits = counted(*4 * [out_after_three])  # too few exits
    assert np.isnan(mean)
    assert exits == pytest.approx(4)
    mean, *_ = counted(*5 * [out_after_three], *6 * [never_out])  # most tracks are too short
    assert np.isnan(mean)
    # Steps of 14 µm take everybody out at once: nobody is seen to, and the error is 0.15 of it.
    mean, std, exits = counted(*6 * [never_out], diffusivity=100.0)
    assert exits == pytest.approx(6, abs=1e-3)
    assert mean < 0.1
    assert std == pytest.approx(0.15 * mean, rel=1e-6)
    # Localizations that are not tracked, and molecules that do not move.
    assert counted_residence(None, inside, [], 0.1)[2] == 0
    assert np.isnan(counted(out_after_three, diffusivity=0.0)[0])


def test_a_crossing_between_two_localizations_is_as_likely_as_in_fine_walks() -> None:
    # Bridges of 1,000 steps, from 0.5 to 0.8 √(2 D Δt) away from a border: how many cross it, and
    # when they do so first. Fine walks miss some: the border looks 0.58/√1000 farther.
    random = np.random.default_rng(0)
    count, begin, end = 1000, 0.5, 0.8
    walks = np.cumsum(random.normal(size=(20_000, count)) / np.sqrt(count), axis=1)
    share = np.arange(1, count + 1) / count
    for last, is_seen in ((end, False), (-end, True)):
        bridges = begin + walks - share * (walks[:, -1:] - (last - begin))
        is_out = bridges < 0.5826 / np.sqrt(count)
        crossing, first = _crossings(*np.array([[begin], [end], [begin * end]]))
        if not is_seen:  # one binomial standard deviation is 0.0035
            assert is_out.any(axis=1).mean() == pytest.approx(crossing[0], abs=0.012)
        times = share[is_out.argmax(axis=1)][is_out.any(axis=1)]
        assert times.mean() == pytest.approx(first[0], abs=0.012)


@pytest.mark.parametrize(("step", "noise"), [(0.1, 0.0), (0.4, 0.0), (0.4, 0.4)])
def test_the_count_in_a_disc_is_the_true_time(step: float, noise: float) -> None:
    # The mean first-passage time from the radial equation T'' + (1/r - V') T' = -1/D: twice
    # integrated. The border is round; steps and noise are in units of the well's width and of the
    # step. Each count is known to 4 to 6 %; before crossings were weighed, counts were 40 % off.
    well, radius = Well(CENTER, 3.0, 0.3), 0.35
    lag = (step * well.width) ** 2 / (2 * D)
    r = np.linspace(0, radius, 2001)[1:]
    v = -well.depth * np.exp(-0.5 * (r / well.width) ** 2)
    held = np.cumsum(r * np.exp(-v)) * r[0]
    slope = held / (D * r * np.exp(-v))
    times = np.cumsum(slope[::-1])[::-1] * r[0]
    truth = float(np.average(times, weights=r * np.exp(-v)))
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    border = CENTER + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    sigma = noise * step * well.width
    tracks = simulate(
        track_count=1200, track_length=int(3 * truth / lag), frame_interval=lag, substeps=30,
        lower=(0, 0), upper=(2.5, 2.5), diffusivity=D, wells=[well], localization_precision=sigma,
        seed=3,
    )  # fmt: skip
    place = tracks[["x", "y"]].to_numpy()
    cell = np.where(np.linalg.norm(place - CENTER, axis=1) < radius, 0, -1)
    is_first = np.append(True, np.diff(tracks["n"]) != 0)
    seen = Tracks(is_first, tracks["t"].to_numpy(), cell, place)
    mean, std, exits = counted_residence(seen, np.array([0]), [border], D, sigma**2)
    assert exits > 300
    assert mean == pytest.approx(truth, rel=0.12)
    assert abs(mean - truth) < 2.5 * std


def test_tracks_that_come_into_a_region_do_not_begin_there() -> None:
    # A region that ends within the well. Of all tracks those begin in the domain that begin in one
    # of its squares.
    tracks = simulate(
        track_count=300, track_length=41, frame_interval=0.01, lower=(0, 0), upper=(2.5, 2.5),
        diffusivity=D, wells=[Well(CENTER, 4.0, 0.3)], seed=0,
    )  # fmt: skip
    maps = mapped(
        translocations(tracks, (1.25, 0.25), (2.25, 2.25)), 0.15, diffusivity_prior=20,
        potential_prior=1,
    )  # fmt: skip
    partition = maps.inferred_from()
    cut = find_domains(maps).iloc[0]
    partition.find_trajectories = lambda: tracks
    domain = find_domains(maps).iloc[0]
    lattice = lattice_in(partition.tessellation, np.array(domain["cells"]))
    starts = tracks.loc[tracks["t"] == 0, ["x", "y"]].to_numpy()
    away = KDTree(lattice.centers).query(starts, p=np.inf)[0]
    begin = (away < lattice.side / 2).sum()
    # Nearly all leave; a few begin in what cells have beyond the region, and never come in.
    assert domain["exits"] == pytest.approx(begin, rel=0.06)
    assert cut["exits"] > 1.5 * begin


def test_what_is_in_a_domain_is_within_its_border() -> None:
    # Squares of 4 around a hole of 2, and points of both, and in line with their corners.
    def square(half: float) -> NDArray[np.float64]:
        return half * np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])

    points = np.array([[1.5, 0.0], [0, 0], [-1.5, 1], [-3, 1], [-3, 2], [0, -1.5], [0, 3]])
    found = Polygon([[square(2).tolist(), square(1)[::-1].tolist()]]).contains(points)
    assert found.tolist() == [True, False, True, False, False, True, False]


def test_what_linear_forces_leave_out_is_a_blur_and_in_the_error_bars_of_tracks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A Gaussian well, blurred by a Gaussian of variance v, is one of variance w² + v.
    well, lag = Well(CENTER, 3.0, 0.3), 0.01
    table = movie(1, well, track_count=300)
    origins = table[["x", "y"]].to_numpy()
    cells = hexagons(origins, resolution=0.2)
    partition = Partition(table, cells, nearest_cell(origins, cells))
    maps = get_model("tracks.dv").infer(partition, localization_precision=0.0)
    domains = find_domains(maps).iloc[:1]
    found = domains.iloc[0]
    fall = domains["fall"].to_numpy()
    width = found["diameter"] / 2 / np.sqrt(2 * np.log(2))
    center = cells.cell_centers[list(found["cells"])].mean(axis=0)
    squares = ((cells.cell_centers[maps.maps.index] - center) ** 2).sum(axis=1)
    v = maps.maps.loc[list(found["cells"]), "diffusivity"].mean() * lag

    def blurred(by: float) -> NDArray[np.float64]:
        square = width**2 + by
        return -found["depth"] * width**2 / square * np.exp(-squares / (2 * square))

    change = _smoothing(maps, domains, fall)[0]
    few = 1e-4
    np.testing.assert_allclose(
        change, (blurred(few * v) - blurred(-few * v)) / (2 * few), atol=1e-6
    )
    # The error bar has what the time changes by, over √3.
    names = ["escape time", "residence time"]
    moved = [
        Maps(maps.maps.assign(potential=maps.maps["potential"] + share * change), maps.mode,
             partition=partition, **maps.attributes)
        for share in (few, -few)
    ]  # fmt: skip
    inside = list(found["cells"]), int(found["bottom"])
    up, down = (_Times(at, partition, cells).of_well(*inside) for at in moved)
    monkeypatch.setattr("tramway.inference.domains._smoothing", lambda *_: np.zeros((1, len(maps))))
    without = find_domains(maps).iloc[0]
    for name in names:
        by = (up[name][0] - down[name][0]) / (2 * few)
        assert by < 0  # shallower
        left = found[f"{name} std"] ** 2 - without[f"{name} std"] ** 2
        assert left == pytest.approx(by**2 / 3, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("interval", "length"), [(0.001, 400), (0.01, 41)])
def test_the_count_is_the_true_time(interval: float, length: int) -> None:
    # Without exits that are not seen, counted times are 1.3 and 1.9 times the true ones. 11 % are
    # left with both lags (each count is known to 6 %), and with borders from other tracks, too.
    well, ratios = Well(CENTER, 3.0, 0.25), []
    for seed in range(4):
        tracks = simulate(
            track_count=800, track_length=length, frame_interval=interval, substeps=10,
            lower=(0, 0), upper=(2.5, 2.5), diffusivity=D, wells=[well], seed=seed,
        )  # fmt: skip
        maps = mapped(translocations(tracks), 0.15, diffusivity_prior=20, potential_prior=1)
        domains = find_domains(maps)
        domain = domains[domains["probability"] > 0.95].iloc[0]
        assert domain["exits"] > 100
        ratios.append(domain["counted residence time"] / true_times(maps, domain, well)[1])
    assert np.mean(ratios) == pytest.approx(1, abs=0.15)


@pytest.mark.slow
def test_a_domain_that_comes_back_is_one_with_a_life() -> None:
    well = Well(CENTER, 4.0, 0.3)
    there = (True, True, False, True)
    movies = [movie(k, *([well] if is_there else [])) for k, is_there in enumerate(there)]
    table = pd.concat(
        [part.assign(n=part["n"] + 10_000 * k, t=part["t"] + k) for k, part in enumerate(movies)],
        ignore_index=True,
    )
    space = hexagons(table[["x", "y"]].to_numpy(), resolution=0.2)
    cells = time_segments(space, [[0, 1], [1, 2], [2, 3], [3, 4]])
    partition = sample_nearest(table, cells)
    maps = infer_diffusivity_potential(
        partition, localization_precision=0.0, diffusivity_prior=20, potential_prior=1
    )
    domains = find_domains(maps)
    assert {*domains["segment"]} == {0, 1, 2, 3}
    assert all(max(numbers) < space.n_cells for numbers in domains["cells"])
    lives = domain_lifetimes(domains)
    assert len(lives) == 1
    life = lives.iloc[0]
    assert life["segments"] == (0, 1, 3)
    assert (life["start"], life["end"], life["lifetime"], life["recurrence"]) == (0, 4, 2, 1)
    assert np.hypot(life["x"] - 1.25, life["y"] - 1.25) < 0.2
    # A segment alone gives the same domain.
    first = domains[domains["segment"] == 0].iloc[0]
    alone = find_domains(maps.segment(partition, 0)).iloc[0]
    assert alone["cells"] == first["cells"]
    assert alone["residence time"] == pytest.approx(first["residence time"])
    assert alone["residence time std"] == pytest.approx(first["residence time std"], rel=1e-3)


def test_domains_that_share_a_cell_with_one_are_the_same() -> None:
    table = pd.DataFrame(
        {
            "x": 0.0, "y": 0.0, "depth": [3.0, 3.0, 1.0, 2.0, 2.0], "depth std": 1.0,
            "probability": [0.99, 0.99, 0.2, 0.99, 0.99],
            "cells": [(1, 2), (2, 3), (9,), (3, 4), (7,)], "segment": [0, 1, 1, 2, 2],
            "start": [0.0, 1, 1, 2, 2], "end": [1.0, 2, 2, 3, 3],
        }
    )  # fmt: skip
    lives = domain_lifetimes(table)
    assert lives["segments"].tolist() == [(0, 1, 2), (2,)]
    assert lives["lifetime"].tolist() == [3.0, 1.0]
    assert lives["recurrence"].tolist() == [0, 0]
    assert lives["depth"].tolist() == pytest.approx([8 / 3, 2.0])
    assert lives["depth std"].tolist() == pytest.approx([3**-0.5, 1.0])
    assert len(domain_lifetimes(table, least_probability=0.0)) == 3
    assert domain_lifetimes(table.iloc[:0]).empty


def test_what_has_no_domains_or_no_lives() -> None:
    maps = mapped(movie(0, track_count=40), 0.3, diffusivity_prior=20, potential_prior=1)
    lone = Maps(maps.maps.iloc[:1].assign(potential=np.nan), "dv", partition=maps.partition)
    assert find_domains(lone).empty
    with pytest.raises(InvalidInputError, match="no column 'segment'"):
        domain_lifetimes(find_domains(maps))
    segmented = find_domains(maps).assign(segment=0, start=0.0, end=1.0)
    with pytest.raises(InvalidInputError, match="`least_probability` is 2"):
        domain_lifetimes(segmented, least_probability=2)


def test_domains_of_three_dimensions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = mapped(movie(0, track_count=40), 0.3, diffusivity_prior=20, potential_prior=1)
    wells = find_wells(maps)
    monkeypatch.setattr("tramway.inference.domains.wells_of", lambda *_: (wells, None, None))
    monkeypatch.setattr(type(maps.inferred_from().tessellation), "dim", 3)
    with pytest.raises(InvalidInputError, match="cells in 3 dimensions, expected 2"):
        find_domains(maps)


def test_where_diffusivity_is_zero_there_are_no_times() -> None:
    # A molecule that is there never leaves: no time is finite, whatever the neighbours.
    table = translocations(
        simulate(
            track_count=300,
            track_length=20,
            frame_interval=0.02,
            lower=(0, 0),
            upper=(2, 2),
            diffusivity=0.1,
            wells=[Well((1, 1), 4, 0.3)],
            seed=0,
        )
    )
    origins = table[["x", "y"]].to_numpy()
    cells = hexagons(origins, resolution=0.2)
    maps = infer_diffusivity_potential(
        Partition(table, cells, nearest_cell(origins, cells)),
        localization_precision=0.0,
        diffusivity_prior=20,
        potential_prior=1,
    )
    domain = find_domains(maps).iloc[0]
    maps.maps.loc[list(domain["cells"]), "diffusivity"] = 0.0
    times = _Times(maps, maps.inferred_from(), cells)
    found = times.of_well(list(domain["cells"]), domain["bottom"])
    assert set(found) == {"escape time", "residence time"}
    assert all(np.isnan(time) for time, *_ in found.values())
    columns = _with_deviations(
        maps,
        ContrastsOfRows(maps, maps.inferred_from()),
        [found],
        *np.array([[1.0], [0.1]]),
        np.zeros((1, len(maps))),
    )
    assert np.isnan(columns["escape time std"]).all()
