import numpy as np
import pandas as pd
import pytest

from tramway.data import simulate, translocations
from tramway.inference import get_model
from tramway.report.results import MapResult
from tramway.report.summary import summary_of
from tramway.tessellation import Partition, hexagons, nearest_cell

PRECISION = 0.02  # µm
DIFFUSIVITY = 0.1  # µm²/s


def summary(seed: int) -> dict[str, float]:
    movie = simulate(
        track_count=100,
        track_length=20,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(3, 3),
        diffusivity=DIFFUSIVITY,
        localization_precision=PRECISION,
        seed=seed,
    )
    table = translocations(movie, (0.3, 0.3), (2.7, 2.7))
    cells = hexagons(table[["x", "y"]].to_numpy(), resolution=0.5)
    partition = Partition(table, cells, nearest_cell(table[["x", "y"]].to_numpy(), cells))
    maps = get_model("d").infer(partition, localization_precision=PRECISION, diffusivity_prior=10.0)
    return summary_of(MapResult(None, "", "", "", maps, partition, None, None, None))


def test_the_error_bar_is_how_far_movies_of_one_diffusivity_differ():
    found = pd.DataFrame([summary(seed) for seed in range(40)])
    # The spread of 40 has a relative standard error of 11 %; neighbouring steps share noise, which
    # the formula leaves out.
    spread = found["diffusivity"].std()
    np.testing.assert_allclose(found["diffusivity_std"].mean(), spread, rtol=0.35)
    assert found["diffusivity"].mean() == pytest.approx(DIFFUSIVITY, rel=0.03)
