"""The spurious drift of localization noise, and noise that each localization has of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.data.simulation import Well
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.inference import (
    contrast,
    get_model,
    infer_diffusivity_potential,
    is_noise_of_localizations,
    noise_drift,
    without_noise_drift,
)
from tramway.tessellation import Partition, hexagons, nearest_cell, squares

AUTO = {"diffusivity_prior": "auto", "potential_prior": "auto"}


def partition(table: pd.DataFrame, resolution: float) -> Partition:
    origins = table[["x", "y"]].to_numpy()
    mesh = hexagons(origins, resolution=resolution)
    return Partition(table, mesh, nearest_cell(origins, mesh), {})


def means(part: Partition, values: np.ndarray) -> np.ndarray:
    """Mean of a vector over the translocations of each cell."""
    n_cells = part.tessellation.n_cells
    sums = [np.bincount(part.cells, axis, n_cells) for axis in values.T]
    return np.stack(sums, axis=1) / np.maximum(part.location_count, 1)[:, None]


def at_rest(sigma: np.ndarray, width: float, dim: int = 2) -> pd.DataFrame:
    """Molecules at rest, Gaussian around the origin: displacements are differences of errors."""
    generator = np.random.default_rng(0)
    true = width * generator.normal(size=(len(sigma), dim))
    seen = true + sigma[:, None] * generator.normal(size=true.shape)
    step = true + sigma[:, None] * generator.normal(size=true.shape) - seen
    axes = list("xyz"[:dim])
    table = pd.DataFrame(seen, columns=axes)
    table[[f"d{axis}" for axis in axes]] = step
    return table.assign(
        n=np.arange(len(sigma)), t=0.0, dt=0.02, localization_precision=sigma,
        destination_precision=sigma,
    )  # fmt: skip


@pytest.mark.parametrize("sigmas", [(0.1,), (0.05, 0.1)])
def test_it_is_tweedies_formula_averaged_over_a_cell(sigmas: tuple[float, ...]) -> None:
    # The density seen with a precision σ is Gaussian with variance w² + σ², and its logarithm has
    # the gradient −y / (w² + σ²).
    width = 0.5
    sigma = np.resize(sigmas, 400_000)
    part = partition(at_rest(sigma, width), 0.1)
    drift = means(part, noise_drift(part, "column"))
    if len(sigmas) == 1:
        assert np.array_equal(drift, means(part, noise_drift(part, sigmas[0])))
    full = part.location_count > 1000
    origins, steps = part.origins, part.displacements
    weight = sigma**2 / (width**2 + sigma**2)
    expected = means(part, -origins * weight[:, None])[full]
    # Counts of 1,000 scatter by 3 %, which the sum over the six sides turns into 1.8e-3 µm; the
    # largest drift is 0.03 µm.
    assert np.sqrt(np.mean((drift[full] - expected) ** 2)) < 2e-3
    # The data themselves: a mean of 1,000 differences scatters by √2 σ / √1000 = 4.5e-3 µm.
    assert np.sqrt(np.mean((drift - means(part, steps))[full] ** 2)) < 5e-3


def test_it_is_tweedies_formula_in_space() -> None:
    sigma, width = 0.1, 0.4
    table = at_rest(np.full(400_000, sigma), width, dim=3)
    origins = table[["x", "y", "z"]].to_numpy()
    mesh = squares(origins, resolution=0.2)
    part = Partition(table, mesh, nearest_cell(origins, mesh), {})
    drift = means(part, noise_drift(part, sigma))
    full = part.location_count > 1000
    expected = means(part, -origins * sigma**2 / (width**2 + sigma**2))[full]
    # As above; the differences between neighbours, 0.4 µm apart, follow a density that falls by
    # half in 0.47 µm to within a tenth of the drift, which is 0.02 µm.
    assert np.sqrt(np.mean((drift[full] - expected) ** 2)) < 3e-3


def test_blur_makes_a_spurious_drift_away_from_where_molecules_are_dense() -> None:
    # An Ornstein-Uhlenbeck process with stiffness k, stepped exactly, each localization the average
    # over a whole frame. Without noise and blur the mean displacement from x is −D k Δt x, up to
    # terms of D k Δt = 0.045 relative to it.
    generator = np.random.default_rng(1)
    diffusivity, stiffness, lag, sigma, substeps = 0.1, 30.0, 0.015, 0.02, 20
    decay = np.exp(-diffusivity * stiffness * lag / substeps)
    spread = np.sqrt((1 - decay**2) / stiffness)
    x = generator.normal(size=(200_000, 2)) / np.sqrt(stiffness)
    averages = []
    for _ in range(2):
        total = np.zeros_like(x)
        for _ in range(substeps):
            last = x
            x = decay * x + spread * generator.normal(size=x.shape)
            total += 0.5 * (last + x) / substeps
        averages.append(total + sigma * generator.normal(size=x.shape))
    origin, step = averages[0], averages[1] - averages[0]
    table = pd.DataFrame(
        {"n": np.arange(len(x)), "x": origin[:, 0], "y": origin[:, 1], "t": 0.0,
         "dx": step[:, 0], "dy": step[:, 1], "dt": lag}
    )  # fmt: skip
    part = partition(table, 0.1)

    def pull(steps: np.ndarray) -> float:
        """Regression of displacements on origins, in units of the true one."""
        slope = np.sum(steps * part.origins) / np.sum(part.origins**2)
        return float(-slope / (diffusivity * stiffness * lag))

    # 2 · 200,000 displacements give a slope to 6e-4, which is 1.4 % of it. Of noise and blur,
    # 1 − t_E/3Δt + σ²/DΔt = 0.93.
    spurious = pull(noise_drift(part, sigma, lag))
    assert pull(step) == pytest.approx(1 - 1 / 3 + sigma**2 / (diffusivity * lag), abs=0.04)
    assert pull(step) - spurious == pytest.approx(1, abs=0.05)
    # What blur does is told apart from what noise does.
    assert pull(step) - pull(noise_drift(part, sigma)) == pytest.approx(2 / 3, abs=0.05)


def test_displacements_are_filed_midway_to_the_localization_before() -> None:
    # By hand: two tracks, one of which misses a row (its second part begins anew).
    table = pd.DataFrame(
        {"n": [1, 1, 1, 2, 2, 3], "t": [0.0, 0.1, 0.2, 0.0, 0.2, 0.1], "dt": 0.1,
         "x": [0.1, 1.1, 2.3, 0.1, 2.1, 1.1], "y": [0.1, 0.2, 0.3, 0.1, 1.3, 1.1],
         "dx": 0.01, "dy": -0.02}
    )  # fmt: skip
    mesh = squares(table[["x", "y"]], count_per_dim=(3, 2), lower_bound=(0, 0), upper_bound=(3, 2))
    cells = nearest_cell(table[["x", "y"]], mesh)
    part = Partition(table, mesh, np.append(cells[:5], -1), {})
    cell, displacements = without_noise_drift(part, 0.03)
    midway = nearest_cell([[0.6, 0.15], [1.7, 0.25]], mesh)
    assert cell.tolist() == [cells[0], *midway, cells[3], cells[4], -1]
    follows = np.array([False, True, True, False, False, False])
    for rows, share in ((follows, 0.5), (~follows, 1.0)):
        among = Partition(table[rows], mesh, cell[rows], {})
        expected = part.displacements[rows] - share * noise_drift(among, 0.03)
        assert np.array_equal(displacements[rows], expected)
    cell, displacements = without_noise_drift(part, 0.0)
    assert np.array_equal(cell, part.cells)
    assert np.array_equal(displacements, part.displacements)


def walk(seed: int, displacements: int, sigma: float) -> tuple[Partition, list[Well]]:
    generator = np.random.default_rng(seed)
    wells = [
        Well(
            tuple(generator.uniform(0.7, 3.3, 2)),
            generator.uniform(1.5, 5),
            generator.uniform(0.25, 0.4),
        )
        for _ in range(5)
    ]
    tracks = simulate(
        track_count=displacements // 20,
        track_length=21,
        frame_interval=0.015,
        lower=(0, 0),
        upper=(4, 4),
        diffusivity=0.1,
        wells=wells,
        localization_precision=sigma,
        seed=seed,
    )
    return partition(translocations(tracks, (0.5, 0.5), (3.5, 3.5)), 0.2), wells


def error(
    part: Partition, wells: list[Well], sigma: float | Literal["column"], noise_correction: bool
) -> float:
    """Root mean square error of V over the cells inside, kT."""
    maps = infer_diffusivity_potential(
        part, localization_precision=sigma, noise_correction=noise_correction, **AUTO
    )
    centers = part.tessellation.cell_centers[maps.maps.index]
    truth = -sum(
        well.depth * np.exp(-((centers - well.center) ** 2).sum(axis=1) / (2 * well.width**2))
        for well in wells
    )
    inside = ((centers > 0.6) & (centers < 3.4)).all(axis=1)
    difference = (maps.maps["potential"].to_numpy() - truth)[inside]
    return float(difference.std())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_correcting_for_it_lowers_the_error_of_the_potential(seed: int) -> None:
    # Simulated truth. Without the correction the error does not shrink with more data; with it, it
    # does.
    few, wells = walk(seed, 200_000, 0.03)
    many, _ = walk(seed, 1_000_000, 0.03)
    uncorrected = error(many, wells, 0.03, False)
    corrected = error(many, wells, 0.03, True)
    assert corrected < 0.6 * uncorrected
    assert corrected < error(few, wells, 0.03, True)


def test_the_tracks_decide_where_asked() -> None:
    # Noise of each localization, or drawn anew for each displacement with the same variance. The
    # evidence cannot tell: it is higher with the correction in both cases.
    part, _ = walk(0, 20_000, 0.03)
    assert is_noise_of_localizations(part, 0.03)
    clean, _ = walk(0, 20_000, 0.0)
    noise = 0.03 * np.sqrt(2) * np.random.default_rng(0).normal(size=(len(clean.points), 2))
    noisy = clean.points.assign(
        dx=clean.points["dx"] + noise[:, 0], dy=clean.points["dy"] + noise[:, 1]
    )
    anew = Partition(noisy, clean.tessellation, clean.cells, {})
    assert not is_noise_of_localizations(anew, 0.03)
    assert not is_noise_of_localizations(clean, 0.0)
    # Nothing can be seen without two displacements in a row.
    assert is_noise_of_localizations(
        Partition(part.points.iloc[::2], part.tessellation, part.cells[::2], {}), 0.03
    )
    for data, decision in ((part, True), (anew, False)):
        maps = infer_diffusivity_potential(
            data, localization_precision=0.03, potential_prior=1, noise_correction="auto"
        )
        assert maps.noise_correction is decision


def test_blur_does_not_hide_the_noise_of_localizations() -> None:
    # Successive displacements covary by D t_E/3 − σ² = 0 here. Averages of 10 steps.
    tracks = simulate(
        track_count=500, track_length=20 * 10, frame_interval=0.0027, lower=(0, 0), upper=(4, 4),
        diffusivity=0.1, substeps=1, seed=0,
    )  # fmt: skip
    positions = tracks[["x", "y"]].to_numpy().reshape(500, 20, 10, 2).mean(axis=2)
    positions += 0.03 * np.random.default_rng(0).normal(size=positions.shape)
    seen = pd.DataFrame(positions.reshape(-1, 2), columns=["x", "y"])
    seen = seen.assign(n=np.repeat(np.arange(500), 20), t=np.tile(0.027 * np.arange(20), 500))
    part = partition(translocations(seen), 0.3)
    assert is_noise_of_localizations(part, 0.03, 0.027)
    assert not is_noise_of_localizations(part, 0.03)


def test_much_noise_without_correction_is_a_warning() -> None:
    part, _ = walk(1, 20_000, 0.03)
    with pytest.warns(DataQualityWarning, match="σ² is 0.[5-7][0-9]* D Δt.*noise_correction"):
        infer_diffusivity_potential(part, localization_precision=0.03, potential_prior=1)
    with pytest.raises(InvalidInputError, match="`noise_correction` is 'yes'"):
        infer_diffusivity_potential(part, localization_precision=0.03, noise_correction="yes")  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_without_noise_in_the_data_it_changes_nothing_beyond_the_error_bars(seed: int) -> None:
    # Precise data that are said to be noisy at a tenth of D Δt: the worst that a wrong σ can do.
    sigma = 0.012
    part, _ = walk(seed, 100_000, 0.0)
    plain, corrected = (
        infer_diffusivity_potential(
            part, localization_precision=sigma, noise_correction=correction, **AUTO
        ).maps
        for correction in (False, True)
    )
    both = plain.index.intersection(corrected.index)
    plain, corrected = plain.loc[both], corrected.loc[both]
    for name in ("diffusivity", "potential"):
        change = corrected[name] - plain[name]
        change = change - (change.median() if name == "potential" else 0.0)
        size = abs(change) / np.hypot(plain[f"{name} std"], corrected[f"{name} std"])
        assert np.mean(size < 1) > 0.95


@pytest.mark.slow
def test_spurious_forces_of_noise_are_kept_out_of_every_model() -> None:
    # Simulated truth: the regression of what is found, weighted by how well it is known, on the
    # true force at the centers of cells. Noise adds σ²/DΔt = 0.6 of it; means over cells of 0.2 µm
    # in wells of 0.3 µm, and over the lag, lower it by about a tenth.
    part, wells = walk(1, 200_000, 0.03)

    def slope(name: str, noise_correction: bool) -> float:
        model = get_model(name)
        maps = model.infer(
            part, localization_precision=0.03, mode=name, noise_correction=noise_correction
        ).maps
        centers = part.tessellation.cell_centers[maps.index]
        truth = np.zeros_like(centers)
        for well in wells:
            offset = centers - np.array(well.center)
            bell = np.exp(-(offset**2).sum(axis=1) / (2 * well.width**2))
            truth -= well.depth / well.width**2 * bell[:, None] * offset
        feature, scale = ("force", 1.0) if name == "df" else ("drift", 0.1)
        found = maps[[f"{feature} x", f"{feature} y"]].to_numpy() / scale
        weights = part.location_count[maps.index, None]
        return float(np.sum(weights * found * truth) / np.sum(weights * truth**2))

    for name in ("dd", "df"):
        assert slope(name, False) > 1.3
        assert slope(name, True) == pytest.approx(0.9, abs=0.1)


def of_each(part: Partition, seed: int = 0) -> Partition:
    """Add noise to the localizations of precise tracks, each with a precision of its own."""
    table = part.points.copy()
    generator = np.random.default_rng(seed)
    # Two displacements of one track share a localization, and so the noise of it.
    follows = np.zeros(len(table), dtype=bool)
    track = table["n"].to_numpy()
    follows[1:] = track[1:] == track[:-1]
    precision = generator.uniform(0.005, 0.05, size=len(table))
    last = generator.uniform(0.005, 0.05, size=len(table))
    ends = np.append(follows[1:], False)
    destination = np.where(ends, np.roll(precision, -1), last)
    error = precision[:, None] * generator.normal(size=(len(table), 2))
    end_error = destination[:, None] * generator.normal(size=(len(table), 2))
    end_error = np.where(ends[:, None], np.roll(error, -1, axis=0), end_error)
    table[["x", "y"]] += error
    table[["dx", "dy"]] += end_error - error
    table["localization_precision"], table["destination_precision"] = precision, destination
    return partition(table, 0.2)


@pytest.mark.slow
def test_precisions_of_their_own_are_corrected_for_too() -> None:
    # Simulated truth, as above.
    clean, wells = walk(1, 400_000, 0.0)
    part = of_each(clean)
    assert error(part, wells, "column", True) < 0.6 * error(part, wells, "column", False)


@pytest.mark.parametrize("name", ["d", "dd", "df", "dv", "snr"])
def test_diffusivity_is_recovered_with_precisions_of_their_own(name: str) -> None:
    # Simulated truth: D = 0.1 everywhere, in a flat potential. 20,000 displacements in about 100
    # cells: their deviations in units of the error bars are about normal.
    clean = simulate(
        track_count=1000, track_length=21, frame_interval=0.015, lower=(0, 0), upper=(2, 2),
        diffusivity=0.1, seed=0,
    )  # fmt: skip
    table = translocations(clean, (0.3, 0.3), (1.7, 1.7))
    part = of_each(Partition(table, *_one_cell(table)))
    model = get_model(name)
    maps = model.infer(part, localization_precision="column", mode=name)
    inside = part.location_count[maps.maps.index] > 50
    z = ((maps.maps["diffusivity"] - 0.1) / maps.maps["diffusivity std"])[inside]
    # The mean of 60 to 100 cells; successive displacements share noise, which widens it a little.
    assert abs(z.mean()) < 0.4
    assert 0.7 < z.std() < 1.35
    assert maps.sigma == "column"


def _one_cell(table: pd.DataFrame) -> tuple:
    mesh = hexagons(table[["x", "y"]].to_numpy(), resolution=0.2)
    return mesh, nearest_cell(table[["x", "y"]].to_numpy(), mesh)


@pytest.mark.parametrize("name", ["d", "dd", "df", "dv"])
def test_a_column_of_one_precision_is_that_precision(name: str) -> None:
    # To the last bit.
    part, _ = walk(1, 5_000, 0.03)
    table = part.points.assign(localization_precision=0.03, destination_precision=0.03)
    column = Partition(table, part.tessellation, part.cells, {})
    priors = {"diffusivity_prior": 1.0} | ({"potential_prior": 1.0} if name == "dv" else {})
    maps = [
        get_model(name).infer(data, localization_precision=sigma, mode=name, **priors)
        for data, sigma in ((part, 0.03), (column, "column"), (column, 0.03))
    ]
    pd.testing.assert_frame_equal(maps[0].maps, maps[1].maps, check_exact=True)
    pd.testing.assert_frame_equal(maps[0].maps, maps[2].maps, check_exact=True)


@pytest.mark.parametrize("name", ["d", "dd", "df", "dv", "d.conj_prior"])
def test_blur_is_allowed_for(name: str) -> None:
    # Positions averaged over the whole lag, 40 steps each: the variance of displacements is
    # 2D(Δt − t_E/3) (Berglund 2010), a third less than without; averages of 40 steps lack 1/1600.
    count, lag, steps = 400, 0.02, 40
    tracks = simulate(
        track_count=count, track_length=25 * steps, frame_interval=lag / steps, lower=(0, 0),
        upper=(9, 9), diffusivity=0.1, substeps=1, seed=3,
    )  # fmt: skip
    positions = tracks[["x", "y"]].to_numpy().reshape(-1, steps, 2).mean(axis=1)
    seen = pd.DataFrame(positions, columns=["x", "y"])
    seen = seen.assign(n=np.repeat(np.arange(count), 25), t=np.tile(lag * np.arange(25), count))
    part = partition(translocations(seen, (1, 1), (8, 8)), 1.0)
    given = {"potential_prior": 1.0} if name == "dv" else {}

    def mean(**imaging: float) -> float:
        maps = get_model(name).infer(
            part, localization_precision=0.0, mode=name, **imaging, **given
        )
        weights = part.location_count[maps.maps.index]
        return float(np.average(maps.maps["diffusivity"], weights=weights))

    # 6,000 displacements of two coordinates, whose squares covary with the next, give D to 1.1 %;
    # in cells of 100 the mode of the conjugate prior's posterior is 1 % low.
    assert mean(exposure_time=lag) == pytest.approx(0.1, rel=0.035)
    assert mean() == pytest.approx(0.1 * 2 / 3, rel=0.035)


def test_maps_that_were_saved_know_their_noise(tmp_path: Path) -> None:
    clean, _ = walk(1, 5_000, 0.0)
    part = of_each(clean)
    maps = infer_diffusivity_potential(
        part, localization_precision="column", exposure_time=0.01, potential_prior=1.0,
        diffusivity_prior=1.0, noise_correction=True,
    )  # fmt: skip
    tree = Analysis()
    tree.add(part, "roi").add(maps, "dv")
    save_rwa(tmp_path / "a.rwa", tree)
    node = read_rwa(tmp_path / "a.rwa")["roi"]
    again = node["dv"].data
    assert (again.sigma, again.exposure_time, again.noise_correction) == ("column", 0.01, True)
    cells = list(maps.maps.index[:3]), list(maps.maps.index[5:8])
    assert contrast(again, node.data, *cells) == contrast(maps, part, *cells)
    other = contrast(maps, Partition(part.points.assign(localization_precision=0.0),
                                     part.tessellation, part.cells, {}), *cells)  # fmt: skip
    assert other != contrast(maps, part, *cells)


def test_columns_that_make_no_sense_are_named(filed: Callable[..., Partition]) -> None:
    part = filed([[0.0, 0.0], [1.0, 0.0]], [0, 1], [[0.1, 0.0]] * 2, 0.1, [[1], [0]])

    def infer(table: pd.DataFrame, name: str = "d", **imaging: float) -> None:
        data = Partition(table, part.tessellation, part.cells, {})
        imaging = {"localization_precision": "column", **imaging}  # type: ignore[dict-item]
        get_model(name).infer(data, mode=name, **imaging)

    with pytest.raises(InvalidInputError, match="no column localization_precision: traj"):
        infer(part.points)
    good = part.points.assign(localization_precision=0.03, destination_precision=0.03)
    for bad in (np.nan, -0.01, np.inf):
        with pytest.raises(InvalidInputError, match=f"destination_precision .* is {bad} at row 1"):
            infer(good.assign(destination_precision=[0.03, bad]))
    for name in ("d.conj_prior", "bayes_factor"):
        with pytest.raises(InvalidInputError, match=f"{name} takes one number.*root mean square"):
            infer(good, name)
    for name in ("d", "dd", "df", "dv", "d.conj_prior"):
        with pytest.raises(InvalidInputError, match=r"`exposure_time` is 0\.2 s.*lag of 0\.1 s"):
            infer(good, name, localization_precision=0.03, exposure_time=0.2)
    with pytest.raises(InvalidInputError, match="`localization_precision` is nan"):
        infer(good, localization_precision=np.nan)


@pytest.mark.parametrize(
    "name", ["d", "dd", "df", "dv", "dv corrected", "snr", "bayes_factor", "d.conj_prior"]
)
@pytest.mark.parametrize("scale", [1.0, 0.0], ids=["noise above every jump", "static"])
@pytest.mark.parametrize("per_cell", [1, 30])
def test_where_nothing_moves_maps_are_finite_or_nan(name: str, scale: float, per_cell: int) -> None:
    # D is at its bound of zero wherever the noise accounts for all that is seen.
    generator = np.random.default_rng(0)
    centers = np.array([[i, j] for i in range(4) for j in range(4)], dtype=float)
    origins = np.repeat(centers, per_cell, axis=0)
    steps = scale * 0.01 * generator.uniform(-1, 1, size=origins.shape)
    row = np.arange(len(origins))
    table = pd.DataFrame(
        {"n": row // 3, "x": origins[:, 0], "y": origins[:, 1], "t": 0.02 * (row % 3),
         "dx": steps[:, 0], "dy": steps[:, 1], "dt": 0.02}
    )  # fmt: skip
    bounds = {"lower_bound": (-0.5, -0.5), "upper_bound": (3.5, 3.5)}
    mesh = squares(origins, count_per_dim=(4, 4), **bounds)
    part = Partition(table, mesh, nearest_cell(origins, mesh), {})
    name, _, corrected = name.partition(" ")
    given: dict[str, object] = {"potential_prior": 1.0} if name == "dv" else {}
    if corrected:
        given |= {"noise_correction": True}
    maps = get_model(name).infer(part, localization_precision=0.1, mode=name, **given).maps
    if not corrected:  # which files under other cells
        assert len(maps) == 16
    assert (maps["diffusivity"] == 0).all()
    assert not np.isinf(maps.to_numpy(dtype=float)).any()
    if name == "dv":
        assert np.isfinite(maps["potential"]).all()
