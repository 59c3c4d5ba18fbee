"""Maps of sums over translocations, with and without the correction of noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.data.simulation import Well
from tramway.errors import InvalidInputError
from tramway.inference import (
    cell_status,
    get_model,
    is_noise_of_localizations,
    without_noise_drift,
)
from tramway.inference.noise_of_sums import sums_without_noise_drift
from tramway.tessellation import (
    Partition,
    SummedPartition,
    Summing,
    hexagons,
    sample_nearest,
    squares,
)

SIGMA = 0.03  # µm


@pytest.fixture(scope="module", params=[2, 3])
def both(request: pytest.FixtureRequest) -> tuple[Partition, SummedPartition]:
    """Translocations in a well, with gaps, as they are and as sums of pieces."""
    dim = request.param
    movie = simulate(
        track_count=400,
        track_length=12,
        frame_interval=0.02,
        lower=(0,) * dim,
        upper=(1.5,) * dim,
        diffusivity=0.1,
        wells=[Well((0.75,) * dim, 2.0, 0.3)],
        localization_precision=SIGMA,
        seed=3,
    )
    is_seen = np.random.default_rng(0).random(len(movie)) > 0.1
    steps = translocations(movie[is_seen].reset_index(drop=True))
    places = steps[list("xyz"[:dim])]
    cells = hexagons(places, resolution=0.3) if dim == 2 else squares(places, resolution=0.5)
    summing = Summing(cells)
    for _, piece in steps.groupby((steps["n"] // 50).to_numpy()):
        summing.add(piece.reset_index(drop=True))
    return sample_nearest(steps, cells), summing.partition()


def settings(model: str) -> dict[str, float]:
    known = get_model(model).parameters
    return {name: 0.3 for name in ("diffusivity_prior", "potential_prior") if name in known}


@pytest.mark.parametrize("exposure_time", [0.0, 0.01])
@pytest.mark.parametrize("model", ["d", "dd", "df", "dv"])
def test_maps_are_those_of_the_translocations_to_the_bit(
    both: tuple[Partition, SummedPartition], model: str, exposure_time: float
) -> None:
    how = {"localization_precision": SIGMA, "exposure_time": exposure_time, **settings(model)}
    whole, summed = (get_model(model).infer(one, **how) for one in both)
    pd.testing.assert_frame_equal(summed.maps, whole.maps, check_exact=True)
    pd.testing.assert_series_equal(cell_status(summed, both[1]), cell_status(whole, both[0]))


@pytest.mark.parametrize("correction", [True, "auto"])
@pytest.mark.parametrize("exposure_time", [0.0, 0.01])
@pytest.mark.parametrize("model", ["dd", "dv"])
def test_corrected_maps_are_those_of_the_translocations_to_the_bit(
    both: tuple[Partition, SummedPartition], model: str, exposure_time: float, correction: object
) -> None:
    how = {
        "localization_precision": SIGMA,
        "exposure_time": exposure_time,
        "noise_correction": correction,
        **settings(model),
    }
    whole, summed = (get_model(model).infer(one, **how) for one in both)
    assert whole.noise_correction is summed.noise_correction is True
    pd.testing.assert_frame_equal(summed.maps, whole.maps, check_exact=True)
    uncorrected = get_model(model).infer(both[1], **(how | {"noise_correction": False}))
    ours, theirs = summed.maps.align(uncorrected.maps, join="inner")
    assert not np.allclose(ours, theirs, rtol=1e-3, equal_nan=True)


@pytest.mark.parametrize("exposure_time", [0.0, 0.01])
def test_corrected_sums_are_those_of_corrected_displacements(
    both: tuple[Partition, SummedPartition], exposure_time: float
) -> None:
    whole, _ = both
    cell, displacements = without_noise_drift(whole, SIGMA, exposure_time)
    n_cells = whole.tessellation.n_cells
    for one in both:
        sums = sums_without_noise_drift(one, SIGMA, exposure_time)
        axes = [np.bincount(cell, axis, n_cells) for axis in displacements.T]
        found = np.stack([sums.by_cell(axis) for axis in sums.groups[:, 3:].T])
        assert np.array_equal(sums.by_cell(sums.counts), np.bincount(cell, minlength=n_cells))
        # Of some hundred displacements of 0.1 µm; squares are made of those before: rounding.
        np.testing.assert_allclose(found, axes, atol=1e-12)
        squares = np.bincount(cell, (displacements**2).sum(axis=1), n_cells)
        np.testing.assert_allclose(sums.by_cell(sums.groups[:, 2]), squares, atol=1e-12)


def test_whether_noise_is_of_localizations(both: tuple[Partition, SummedPartition]) -> None:
    for exposure_time in (0.0, 0.01):
        for sigma in (0.0, SIGMA, 0.2):
            whole, summed = (is_noise_of_localizations(p, sigma, exposure_time) for p in both)
            assert whole == summed


def test_ratios_in_closed_form_need_one_lag(both: tuple[Partition, SummedPartition]) -> None:
    for one in both:
        with pytest.raises(InvalidInputError, match=r"lags run from 0\.02 to"):
            get_model("d.conj_prior").infer(one, localization_precision=SIGMA)


def test_what_sums_do_not_tell_is_refused(both: tuple[Partition, SummedPartition]) -> None:
    _, summed = both
    for model, how in (
        ("tracks.d", {}),
        ("dv", {"smoothness": "matern"}),
    ):
        with pytest.raises(InvalidInputError, match=r"single translocations are needed"):
            get_model(model).infer(summed, localization_precision=SIGMA, **how)
    with pytest.raises(InvalidInputError, match=r"its own precision.*to one number"):
        get_model("dv").infer(summed, localization_precision="column")
    labels = np.ones(summed.tessellation.n_cells)
    labels[0] = 0
    cells = replace(summed.tessellation)
    cells.cell_label = labels
    part = SummedPartition(cells, summed.sums, summed.midpoints, summed.bounding_box)
    with pytest.raises(InvalidInputError, match=r"`noise_correction` is for all cells"):
        get_model("dv").infer(part, localization_precision=SIGMA, noise_correction=True)
