"""The models whose cells have quantities of their own: against the original and truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.errors import ConvergenceWarning, InsufficientDataError, InvalidInputError
from tramway.inference import (
    Maps,
    infer_diffusivity,
    infer_diffusivity_drift,
    infer_diffusivity_force,
)
from tramway.tessellation import Partition, hexagons, nearest_cell

Filed = Callable[..., Partition]
MODELS = {
    "d": (infer_diffusivity, None),
    "dd": (infer_diffusivity_drift, "drift"),
    "df": (infer_diffusivity_force, "force"),
}
every_model = pytest.mark.parametrize(
    ("infer", "vector"), [pytest.param(*model, id=name) for name, model in MODELS.items()]
)


def partition(tracks: pd.DataFrame, resolution: float) -> Partition:
    table = translocations(tracks)
    origins = table[["x", "y"]].to_numpy()
    tessellation = hexagons(origins, resolution=resolution)
    return Partition(table, tessellation, nearest_cell(origins, tessellation), {})


@pytest.fixture(scope="module")
def walk() -> Partition:
    """Some 6,000 displacements at two lags, on about 50 cells."""
    tracks = simulate(
        track_count=300,
        track_length=21,
        frame_interval=0.025,
        lower=(0, 0),
        upper=(1.5, 1.5),
        diffusivity=0.2,
        localization_precision=0.02,
        seed=5,
    )
    return partition(tracks[tracks.index % 7 != 3], resolution=0.25)


@pytest.mark.slow
def test_the_maps_are_the_originals(by_original: Callable[..., Any], filed: Filed) -> None:
    tracks = simulate(
        track_count=100,
        track_length=40,
        frame_interval=0.025,
        lower=(0, 0),
        upper=(1, 1),
        diffusivity=0.2,
        localization_precision=0.03,
        seed=3,
    )
    theirs = by_original("original_models.py", tracks[tracks.index % 17 != 5])
    cells = filed(*(theirs[key] for key in ("centers", "cell", "displacements", "lags")))
    assert len(np.unique(cells.lags.round(4))) == 2
    for name, (infer, vector) in MODELS.items():
        maps = infer(cells, localization_precision=0.03)
        # The original lets D be negative; ours stays at the bound there, and has no force.
        inside = maps.maps["diffusivity"] > 0
        assert inside.mean() > 0.95
        for column in maps.maps:
            feature, _, axis = column.partition(" ")
            if axis.startswith("std"):
                continue
            assert feature in ("diffusivity", vector)
            std = maps.maps[f"{feature} std {axis}".strip()]
            error = ((theirs[f"{name} {column}"] - maps.maps[column]) / std)[inside]
            # Its search, by finite differences, stops within a few percent of the error bars where
            # they are widest; in most cells far closer.
            assert error.abs().max() < 0.05, column
            assert error.abs().median() < 1e-4, column


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("smoothed", [False, True])
@every_model
def test_a_models_own_simulation_is_recovered_within_the_error_bars(
    filed: Filed, infer: Callable[..., Maps], vector: str | None, smoothed: bool, dimension: int
) -> None:
    # 500 cells of 300 displacements: the share of truths within 1.96 error bars is binomial with a
    # standard deviation of √(0.95 · 0.05 / 500) = 1 %, so that 4 of them leave 91 to 99 %. With
    # λ_D = 1e-3, cells without neighbours, and penalties as weak, the priors decide nothing.
    rng = np.random.default_rng(dimension)
    count, each, sigma = 500, 300, 0.03
    diffusivity = rng.uniform(0.05, 0.5, count)
    truth = rng.normal(0, 4, (count, dimension)) if vector else np.zeros((count, dimension))
    cell = np.repeat(np.arange(count), each)
    lags = rng.choice([0.02, 0.04], count * each)
    drift = truth * diffusivity[:, None] if vector == "force" else truth
    std = np.sqrt(2 * (diffusivity[cell] * lags + sigma**2))[:, None]
    displacements = drift[cell] * lags[:, None] + std * rng.normal(size=(len(cell), dimension))
    priors = {"diffusivity_prior": 1e-3}
    if vector:
        priors[f"{vector}_prior"] = 1e-3
    maps = infer(
        filed(rng.uniform(0, 10, (count, dimension)), cell, displacements, lags),
        localization_precision=sigma,
        **(priors if smoothed else {}),
    )
    columns = {"diffusivity": diffusivity}
    if vector:
        columns |= {f"{vector} {'xyz'[axis]}": truth[:, axis] for axis in range(dimension)}
    assert list(maps.maps.columns)[: len(columns)] == list(columns)
    for column, true in columns.items():
        feature, _, axis = column.partition(" ")
        error = (maps.maps[column] - true) / maps.maps[f"{feature} std {axis}".strip()]
        assert 0.91 < (error.abs() < 1.96).mean() < 0.99, column
    assert np.isfinite(maps.log_evidence) == smoothed  # type: ignore[call-overload]


def test_smoothing_brings_a_constant_diffusivity_closer(walk: Partition) -> None:
    # The true D is 0.2 everywhere.
    spread = []
    for prior in (None, 10.0, 1e5):
        maps = infer_diffusivity(walk, localization_precision=0.02, diffusivity_prior=prior)
        d = maps["diffusivity"]["diffusivity"]
        weights = walk.location_count[maps.maps.index]
        spread.append(np.sqrt(np.average((d - 0.2) ** 2, weights=weights)))
    assert spread[0] > spread[1] > spread[2]
    # What is left is one number for the whole map: 6,000 displacements tell it to 2 %, and
    # reflection from the walls lowers it.
    assert spread[2] < 0.1 * 0.2


@every_model
def test_attributes_tell_how_the_maps_were_made(
    walk: Partition, infer: Callable[..., Maps], vector: str | None
) -> None:
    mode = f"smooth.d{vector[0] if vector else ''}"
    maps = infer(walk, localization_precision=0.02, diffusivity_prior=20, mode=mode)
    assert maps.mode == mode
    with pytest.raises(InvalidInputError, match="`mode` is 'x', expected a name of this model"):
        infer(walk, localization_precision=0.02, mode="x")
    assert maps.sigma == 0.02
    assert maps.diffusivity_prior == 20
    assert maps.resolution == "converged"
    vectors = [vector] if vector else []
    assert maps.features == [
        "diffusivity", *vectors, "diffusivity std", *(f"{v} std" for v in vectors)
    ]  # fmt: skip
    assert len(maps) == (walk.location_count > 0).sum()


@every_model
def test_stopping_early_is_a_warning_and_a_status(
    walk: Partition, infer: Callable[..., Maps], vector: str | None
) -> None:
    with pytest.warns(ConvergenceWarning, match="reached after 1 iterations"):
        maps = infer(walk, localization_precision=0.02, diffusivity_prior=20, max_iter=1)
    assert maps.resolution != "converged"
    assert np.isfinite(maps["diffusivity"].to_numpy()).all()


@every_model
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"diffusivity_prior": float("nan")}, "`diffusivity_prior` is nan"),
        ({"min_diffusivity": -0.1}, "`min_diffusivity` is -0.1"),
        ({"localization_precision": -0.03}, "`localization_precision` is -0.03"),
        ({"max_iter": 0}, "`max_iter` is 0"),
        ({"max_runtime": -5}, "`max_runtime` is -5"),
    ],
)
def test_parameters_out_of_their_domain_are_named(
    walk: Partition, infer: Callable[..., Maps], vector: str | None, bad: Any, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        infer(walk, **({"localization_precision": 0.02} | bad))
    if vector:
        with pytest.raises(InvalidInputError, match=f"`{vector}_prior` is -1"):
            infer(walk, localization_precision=0.02, **{f"{vector}_prior": -1.0})


@every_model
def test_no_translocation_at_all_is_too_few(
    walk: Partition, infer: Callable[..., Maps], vector: str | None
) -> None:
    nowhere = Partition(walk.points, walk.tessellation, np.full_like(walk.cells, -1), {})
    with pytest.raises(InsufficientDataError, match="cells holds a translocation"):
        infer(nowhere, localization_precision=0.02)


@every_model
@pytest.mark.parametrize("sigma", [0.0, 0.03])
def test_static_molecules_and_single_translocations(
    filed: Filed, infer: Callable[..., Maps], vector: str | None, sigma: float
) -> None:
    # Cell 0: nothing moves; cell 1: one translocation; cell 2: diffusion.
    rng = np.random.default_rng(0)
    cell = np.repeat([0, 1, 2], [20, 1, 400])
    displacements = np.concatenate([np.zeros((20, 2)), [[0.01, 0.0]], rng.normal(0, 0.1, (400, 2))])
    centers = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    part = filed(centers, cell, displacements, np.full(421, 0.025))
    maps = infer(part, localization_precision=sigma).maps
    assert maps["diffusivity"][:1].between(0, 1e-12).all()
    assert np.isfinite(maps.loc[2]).all()
    alone = infer(
        Partition(part.points, part.tessellation, np.where(cell == 2, 2, -1), {}),
        localization_precision=sigma,
    ).maps
    pd.testing.assert_series_equal(alone.loc[2], maps.loc[2], rtol=1e-9)
    if sigma == 0:
        assert np.isnan(maps.loc[0, "diffusivity std"])
    if vector == "force":
        assert maps.loc[:1, ["force x", "force y"]].isna().all(axis=None)
