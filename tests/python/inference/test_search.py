"""What is said of a search that did not find what it was to."""

import pytest

from tramway.data import simulate, translocations
from tramway.errors import ConvergenceWarning, DataQualityWarning
from tramway.inference import get_model
from tramway.tessellation import Partition, hexagons, nearest_cell


def few() -> Partition:
    """Some five displacements in each cell, without any force: V has no wells to be found."""
    tracks = simulate(
        track_count=120,
        track_length=8,
        frame_interval=0.03,
        lower=(0, 0),
        upper=(1.5, 1.5),
        diffusivity=0.1,
        localization_precision=0.02,
        seed=33,
    )
    table = translocations(tracks, (0, 0), (1.5, 1.5))
    origins = table[["x", "y"]].to_numpy()
    cells = hexagons(origins, resolution=0.12)
    return Partition(table, cells, nearest_cell(origins, cells))


def test_a_potential_that_the_data_do_not_decide_is_told() -> None:
    with pytest.warns(DataQualityWarning, match=r"above 100 kT in \d+ of \d+ cells: .*`potential_"):
        maps = get_model("dv").infer(few(), localization_precision=0.02)
    assert maps.resolution == "converged"
    assert maps.maps["potential std"].max() > 100


def test_a_prior_decides(recwarn: pytest.WarningsRecorder) -> None:
    maps = get_model("dv").infer(
        few(), localization_precision=0.02, potential_prior="auto", diffusivity_prior="auto"
    )
    assert maps.maps["potential std"].max() < 10
    assert not [w for w in recwarn if "the data do not decide" in str(w.message)]


def test_a_search_that_stops_early_is_told() -> None:
    with pytest.warns(ConvergenceWarning, match="dv: maximum number of iterations .* after 1 iter"):
        get_model("dv").infer(few(), localization_precision=0.02, max_iter=1)
