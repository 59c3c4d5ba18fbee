"""Maps that change smoothly in time, on displacements drawn from the model itself."""

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tramway.errors import InvalidInputError
from tramway.inference import Maps, contrast, get_model, infer_diffusivity_potential
from tramway.tessellation import (
    Partition,
    Tessellation,
    sample_nearest,
    sliding_window,
    squares,
    time_segments,
)

LAG = 0.02
STIFFNESS = 8.0  # kT/µm², of a harmonic well in the middle
SPACE = {"diffusivity_prior": 20.0, "potential_prior": 1.0}


def drawn(count: int, dim: int = 2, seconds: float = 5.0, seed: int = 0) -> pd.DataFrame:
    """Displacements from all over a box of side 2 and all over some time."""
    rng = np.random.default_rng(seed)
    axes = ["x", "y", "z"][:dim]
    origins, times = 2 * rng.random((count, dim)), np.sort(seconds * rng.random(count))
    d = diffusivity(origins, times)[:, None]
    steps = -d * STIFFNESS * (origins - 1) * LAG + np.sqrt(2 * d * LAG) * rng.normal(
        size=(count, dim)
    )
    table = pd.DataFrame(origins, columns=axes).assign(t=times, dt=LAG)
    table[[f"d{axis}" for axis in axes]] = steps
    return table


def diffusivity(origins: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two high and two low places, and a swing by half of itself in 5 s."""
    place = 1 + 0.8 * np.sin(np.pi * origins[:, 0]) * np.sin(np.pi * origins[:, 1])
    return np.asarray(0.1 * place * (1 + 0.5 * np.sin(2 * np.pi * times / 5)))


def cells_of(table: pd.DataFrame, dim: int = 2, per_axis: int = 4) -> Tessellation:
    return squares(table[["x", "y", "z"][:dim]], count_per_dim=[per_axis] * dim)


def segmented(table: pd.DataFrame, duration: float = 1.0, **options: int) -> Partition:
    window = sliding_window(table["t"], duration=duration)
    return sample_nearest(table, time_segments(cells_of(table, **options), window))


def infer(partition: Partition, **parameters: Any) -> Maps:
    return infer_diffusivity_potential(
        partition, localization_precision=0.0, **{**SPACE, **parameters}
    )


@pytest.mark.parametrize("dim", [2, 3])
def test_without_time_priors_segments_are_mapped_on_their_own(dim: int) -> None:
    partition = segmented(drawn(4000, dim), dim=dim)
    maps = infer(partition, diffusivity_time_prior=0.0)
    alone = [infer(partition.segment(index)) for index in range(5)]
    # Newton's method ends within 1e-4 standard deviations of the optimum, wherever it began.
    for index, single in enumerate(alone):
        part = maps.segment(partition, index).maps
        pd.testing.assert_frame_equal(part, single.maps, rtol=1e-4, atol=1e-5)
    total = sum(float(single.attributes["log_evidence"]) for single in alone)
    assert maps.log_evidence == pytest.approx(total, abs=1e-3)
    assert "diffusivity_time_prior" in maps.attributes


@pytest.mark.parametrize("dim", [2, 3])
def test_with_a_large_weight_all_segments_are_one(dim: int) -> None:
    table = drawn(4000, dim)
    partition = segmented(table, dim=dim)
    assert partition.location_count.min() > 0
    # What a segment tells of a D of 0.1 (to 0.01, say) pulls it away by 1e-5 of itself.
    maps = infer(partition, diffusivity_time_prior=1e8, potential_time_prior=1e6)
    pooled = infer(
        sample_nearest(table, cells_of(table, dim)),
        **{name: 5 * weight for name, weight in SPACE.items()},  # once for each segment
    )
    for index in range(5):
        part = maps.segment(partition, index).maps
        pd.testing.assert_frame_equal(part, pooled.maps, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_a_diffusivity_that_changes_is_followed_better_with_a_time_prior() -> None:
    auto = {"diffusivity_prior": "auto", "potential_prior": "auto"}
    in_time = {"diffusivity_time_prior": "auto", "potential_time_prior": "auto"}
    errors = []
    for seed in range(2):
        partition = segmented(drawn(8000, seed=seed), duration=0.25)
        segments = partition.tessellation
        truth = diffusivity(segments.cell_centers, np.repeat(segments.middles, 16))
        # The well averaged over a cell is that at its center, up to a constant.
        well = 0.5 * STIFFNESS * ((segments.cell_centers - 1) ** 2).sum(axis=1)
        error = []
        for priors in (auto, auto | in_time):
            table = infer(partition, **priors).maps
            offset = table["potential"] - well[table.index]
            deviations = (
                table["diffusivity"] - truth[table.index],
                offset - offset.groupby(table.index // 16).transform("mean"),
            )
            error.append([np.sqrt((deviation**2).mean()) for deviation in deviations])
        errors.append(error)
    ratio = np.array(errors)[:, 1] / np.array(errors)[:, 0]
    # Four seeds: 0.70 to 0.72 for D, which changes by up to a sixth per segment; 0.58 to 0.88 for
    # V, which does not change.
    assert (ratio[:, 0] < 0.8).all()
    assert (ratio[:, 1] < 0.95).all()


@pytest.mark.parametrize("name", ["d", "dd", "df"])
def test_models_without_potential_take_the_prior_on_diffusivity(name: str) -> None:
    table = drawn(4000)
    partition = segmented(table)
    model, pooled_cells = get_model(name), sample_nearest(table, cells_of(table))

    def mapped(cells: Partition, prior: float, in_time: float) -> Maps:
        weights = {"diffusivity_prior": prior, "diffusivity_time_prior": in_time}
        return model.infer(cells, localization_precision=0.0, mode=name, **weights)

    alone = mapped(partition, 20.0, 0.0)
    for index in range(5):
        single = mapped(partition.segment(index), 20.0, 0.0)
        part = alone.segment(partition, index).maps
        pd.testing.assert_frame_equal(part, single.maps, rtol=1e-4, atol=1e-5)
    # One D for all segments; the vectors are their own in each.
    fused = mapped(partition, 20.0, 1e8)["diffusivity"]["diffusivity"].to_numpy().reshape(5, 16)
    np.testing.assert_allclose(fused, np.tile(fused[0], (5, 1)), rtol=1e-3)
    if name == "d":
        pooled = mapped(pooled_cells, 100.0, 0.0).maps["diffusivity"]
        np.testing.assert_allclose(fused[0], pooled, rtol=1e-3)
        # Where nothing couples in space, each cell is a line in time of its own.
        lines = mapped(partition, 0.0, 5.0)
        total = 0.0
        for cell in range(16):
            own = partition.cells % 16 == cell
            line = Partition(table[own], partition.tessellation, partition.cells[own])
            single = mapped(line, 0.0, 5.0)
            pd.testing.assert_frame_equal(single.maps, lines.maps[cell::16], rtol=1e-4)
            total += float(single.attributes["log_evidence"])
        assert lines.log_evidence == pytest.approx(total, abs=1e-3)
    with pytest.raises(InvalidInputError, match=r"`diffusivity_time_prior` .* set a\.time"):
        mapped(pooled_cells, 20.0, 5.0)


def test_chosen_weights_have_the_highest_evidence() -> None:
    partition = segmented(drawn(4000))
    names = ["diffusivity_prior", "potential_prior", "diffusivity_time_prior"]
    maps = infer(partition, **dict.fromkeys(names, "auto"))
    assert maps.evidence_curve.shape[1] == 4
    assert maps.potential_time_prior is None
    chosen = {name: maps.attributes[name] for name in names}
    assert maps.evidence_curve[-1, :3].tolist() == list(chosen.values())
    for factor in (0.3, 3.0):
        time_prior = {"diffusivity_time_prior": factor * chosen["diffusivity_time_prior"]}
        # The fixed point neglects how the curvature depends on the weights: 0.3 nats.
        assert infer(partition, **{**chosen, **time_prior}).log_evidence < maps.log_evidence + 0.3
    again = infer(partition, **chosen)
    assert again.log_evidence == pytest.approx(maps.log_evidence, abs=1e-3)


def test_potentials_of_segments_compare_only_if_they_are_coupled() -> None:
    partition = segmented(drawn(4000))
    coupled = infer(partition, potential_time_prior=1.0)
    # The same cell, in the first and in the last segment.
    value, std = contrast(coupled, partition, [5], [4 * 16 + 5])
    assert abs(value) < 4 * std
    alone = infer(partition)
    with pytest.raises(InvalidInputError, match="connected set of cells"):
        contrast(alone, partition, [5], [4 * 16 + 5])
    # The other segments tell of the forces too.
    assert (coupled["force std"].to_numpy() < alone["force std"].to_numpy()).mean() > 0.9


def test_a_cell_without_data_for_a_while_is_bridged() -> None:
    table = drawn(4000)
    partition = segmented(table)
    centers = partition.tessellation.cell_centers[:16]
    nearest = np.linalg.norm(table[["x", "y"]].to_numpy()[:, None] - centers, axis=2).argmin(axis=1)
    holed = segmented(table[(nearest != 5) | ~table["t"].between(1, 3)].reset_index(drop=True))
    maps = infer(holed, diffusivity_time_prior=1e8)
    assert 16 + 5 not in maps.maps.index
    values = maps.maps["diffusivity"]
    assert values[5] == pytest.approx(values[3 * 16 + 5], rel=1e-3)


def test_what_is_asked_for_must_make_sense() -> None:
    table = drawn(500)
    plain = sample_nearest(table, cells_of(table))
    with pytest.raises(InvalidInputError, match=r"`potential_time_prior` .* set a\.time"):
        infer(plain, potential_time_prior=1.0)
    with pytest.raises(InvalidInputError, match="`diffusivity_time_prior` is 'much'"):
        infer(plain, diffusivity_time_prior="much")
    with pytest.raises(InvalidInputError, match="`diffusivity_time_prior` is -1"):
        infer(segmented(table), diffusivity_time_prior=-1.0)
    single = infer(segmented(table, duration=9.0), diffusivity_time_prior="auto")
    assert single.diffusivity_time_prior is None
    pd.testing.assert_frame_equal(single.maps, infer(plain).maps)


@pytest.mark.slow
def test_a_hundred_segments_take_seconds() -> None:
    table = drawn(300_000, seconds=100.0)
    partition = segmented(table, per_axis=12)
    assert partition.tessellation.n_cells == 100 * 144
    started = time.process_time()
    maps = infer(partition, diffusivity_time_prior=5.0, potential_time_prior=0.2)
    # Measured: 5 s, error bars and evidence included; a dense factor would take 6 GB and an hour.
    assert time.process_time() - started < 40
    assert maps.resolution == "converged"
    assert np.isfinite(maps.maps["potential std"]).all()
