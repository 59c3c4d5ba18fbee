"""The true model wins, and the simplest where nothing speaks for more."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference import Maps, compare_models, get_model, infer_density
from tramway.tessellation import Partition, hexagons, nearest_cell

D, LAG = 0.2, 0.025
PRIORS: dict[str, dict[str, Any]] = {
    "d": {"diffusivity_prior": 100.0},
    "dd": {"diffusivity_prior": 100.0, "drift_prior": 5.0},
    "df": {"diffusivity_prior": 100.0, "force_prior": 0.2},
    "dv": {"diffusivity_prior": 100.0, "potential_prior": 0.2},
}


def simulated(drift: str, count: int = 12_000, seed: int = 0) -> Partition:
    """Displacements from anywhere in a square, with the drift at their origin."""
    generator = np.random.default_rng(seed)
    origins = generator.uniform(-1, 1, size=(count, 2))
    x, y = origins.T
    velocity = {
        "none": np.zeros((count, 2)),
        "rotation": 1.0 * np.stack([-y, x], axis=1),
        "well": -D * 4.0 * 2 * origins * np.exp(-(x**2 + y**2))[:, None],  # V = -4 exp(-r²)
    }[drift]
    steps = velocity * LAG + np.sqrt(2 * D * LAG) * generator.normal(size=(count, 2))
    points = pd.DataFrame(np.hstack([origins, steps]), columns=["x", "y", "dx", "dy"])
    cells = hexagons(origins, resolution=0.25)
    return Partition(points.assign(dt=LAG), cells, nearest_cell(origins, cells))


def infer(name: str, partition: Partition, **changes: Any) -> Maps:
    priors = PRIORS[name] | changes
    return get_model(name).infer(partition, localization_precision=0.0, mode=name, **priors)


@pytest.mark.parametrize(("drift", "winner"), [("none", "d"), ("rotation", "dd"), ("well", "dv")])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_true_model_wins(drift: str, winner: str, seed: int) -> None:
    partition = simulated(drift, seed=seed)
    names = ["d", "dd", "dv"]
    table = compare_models([infer(name, partition) for name in names])
    assert table["model"].iloc[0] == winner
    assert table["probability"].iloc[0] > 0.99
    assert table["probability"].sum() == pytest.approx(1)
    assert table["log Bayes factor"].iloc[0] == 0
    assert table["log evidence"].is_monotonic_decreasing
    assert [names[place] for place in table.index] == list(table["model"])


def test_models_that_say_the_same_are_as_likely() -> None:
    # DF is DD with v = DF: where D is the same everywhere, a prior on F is one on v, of 1/D² times
    # the weight, as far as D is known: to 1 %, which counts for less than a nat.
    partition = simulated("rotation")
    drifts = infer("dd", partition, diffusivity_prior=1e7, drift_prior=5.0)
    weight = 5.0 * drifts.maps["diffusivity"].mean() ** 2
    forces = infer("df", partition, diffusivity_prior=1e7, force_prior=weight)
    table = compare_models([drifts, forces])
    assert table["log Bayes factor"].iloc[1] == pytest.approx(0, abs=0.2)


def test_a_potential_of_great_weight_is_no_potential() -> None:
    # As its weight goes to infinity V is flat, and the DV model is the D model: their evidences
    # meet if both are densities with respect to the same, and both priors have their norms.
    partition = simulated("well", count=3000)
    log_evidence = infer("d", partition).attributes["log_evidence"]
    heavy = infer("dv", partition, potential_prior=1e9).attributes["log_evidence"]
    assert heavy == pytest.approx(log_evidence, abs=1e-3)
    no_drift = infer("dd", partition, drift_prior=1e9).attributes["log_evidence"]
    assert no_drift == pytest.approx(log_evidence, abs=1e-3)
    no_force = infer("df", partition, force_prior=1e9).attributes["log_evidence"]
    assert no_force == pytest.approx(log_evidence, abs=1e-3)


def test_what_cannot_be_compared_is_refused() -> None:
    partition, other = simulated("none", count=2000), simulated("none", count=2000, seed=1)
    maps = infer("d", partition)
    with pytest.raises(InvalidInputError, match="`maps` has 1 element"):
        compare_models([maps])
    flat = infer("dv", partition, potential_prior=None)
    with pytest.raises(InvalidInputError, match=r"`maps\[1\]` \('dv'\) have no evidence"):
        compare_models([maps, flat])
    with pytest.raises(InvalidInputError, match=r"`maps\[1\]` \('density'\) have no evidence"):
        compare_models([maps, infer_density(partition, localization_precision=0.0)])
    with pytest.raises(InvalidInputError, match="not of the same cells"):
        compare_models([maps, infer("dd", other)])
    shifted = partition.points.assign(dx=partition.points["dx"] + 0.001)
    moved = Partition(shifted, partition.tessellation, partition.cells)
    with pytest.raises(InvalidInputError, match="not of the same translocations"):
        compare_models([maps, infer("dd", moved)])
    again = Partition(partition.points.copy(), partition.tessellation, partition.cells.copy())
    assert len(compare_models([maps, infer("dd", again)])) == 2
    again.points["dx"] *= 2
    maps.partition = None
    with pytest.raises(MissingResultError, match=r"set maps\.partition"):
        compare_models([maps, maps])


def test_tracks_from_end_to_end_are_not_compared_with_pieces_of_them() -> None:
    movie = simulate(
        track_count=150,
        track_length=11,
        frame_interval=0.02,
        lower=(0.0, 0.0),
        upper=(2.0, 2.0),
        diffusivity=0.1,
        localization_precision=0.02,
        seed=0,
    )
    points = translocations(movie, (0.5, 0.5), (1.5, 1.5))
    centers = points[["x", "y"]].to_numpy()
    cells = hexagons(centers, resolution=0.25)
    partition = Partition(points, cells, nearest_cell(centers, cells))
    pieces = get_model("tracks.d").infer(partition, localization_precision=0.02)
    partition.find_trajectories = lambda: movie
    whole = [
        get_model(name).infer(partition, localization_precision=0.02)
        for name in ("tracks.d", "tracks.dv")
    ]
    assert len(compare_models(whole)) == 2
    with pytest.raises(InvalidInputError, match=r"outside of the region, .* of tracks with 0"):
        compare_models([pieces, whole[0]])
