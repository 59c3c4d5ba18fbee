"""Every cell of every map has a finite value, or NaN and a reason."""

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tramway.errors import (
    ConvergenceWarning,
    DataQualityWarning,
    InsufficientDataError,
    InvalidInputError,
    MissingResultError,
)
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.inference import Maps, get_model
from tramway.tessellation import Partition, hexagons, nearest_cell

Filed = Callable[..., Partition]

MODELS = ("d", "dd", "df", "dv", "snr", "d.conj_prior", "density", "bayes_factor")
PRIORS = {
    "d": {"diffusivity_prior": 1.0},
    "dd": {"diffusivity_prior": 1.0, "drift_prior": 1.0},
    "df": {"diffusivity_prior": 1.0, "force_prior": 1.0},
    "dv": {"diffusivity_prior": 1.0, "potential_prior": 1.0},
}
CENTERS = [[0, 0], [1, 0], [0.5, 1], [1.5, 1], [9, 9], [5, 5], [3, 0], [4, 0]]
NEIGHBOURS = [[1, 2], [0, 2, 3], [0, 1, 3], [1, 2], [], [], [7], [6]]
ISOLATED, EMPTY, IN_LINE = 4, 5, 6
LAG = 0.02


def infer(name: str, partition: Partition, sigma: float = 0.01, **parameters: Any) -> Maps:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (DataQualityWarning, ConvergenceWarning))  # type: ignore[arg-type]
        return get_model(name).infer(
            partition, localization_precision=sigma, mode=name, **parameters
        )


def moving(filed: Filed, counts: list[int], step: float = 0.1) -> tuple[Partition, Any]:
    """Gaussian displacements, so many in each cell."""
    cell = np.repeat(np.arange(len(CENTERS)), counts)
    steps = step * np.random.default_rng(0).normal(size=(len(cell), 2))
    return filed(CENTERS, cell, steps, LAG, NEIGHBOURS), steps


COUNTS = [20, 20, 20, 20, 20, 0, 20, 20]


@pytest.mark.parametrize("name", MODELS)
def test_an_empty_and_an_isolated_cell(filed: Filed, name: str) -> None:
    partition, _ = moving(filed, COUNTS)
    status = infer(name, partition, **PRIORS.get(name, {})).status
    assert list(status.index) == list(range(len(CENTERS)))
    assert (status[:4] == "ok").all()
    assert status[EMPTY] == "no data"
    needs_neighbours = name in ("dv", "snr", "d.conj_prior", "bayes_factor")
    assert status[ISOLATED] == ("no neighbour" if needs_neighbours else "ok")
    assert status[IN_LINE] == ("no neighbour along y" if needs_neighbours else "ok")


@pytest.mark.parametrize(
    ("name", "sigma", "expected"),
    [
        ("d", 0.0, "static"), ("dd", 0.0, "static"), ("df", 0.0, "static"), ("dv", 0.0, "static"),
        ("d", 0.01, "static"), ("dd", 0.01, "static"), ("df", 0.01, "static"),
        ("dv", 0.01, "static"), ("snr", 0.0, "static"), ("bayes_factor", 0.0, "static"),
        ("density", 0.0, "ok"),
    ],
)  # fmt: skip
def test_a_cell_of_static_molecules(filed: Filed, name: str, sigma: float, expected: str) -> None:
    partition, steps = moving(filed, [*COUNTS[:4], 0, 0, 0, 0])
    steps[partition.cells == 1] = 0
    partition = filed(CENTERS, partition.cells, steps, LAG, NEIGHBOURS)
    status = infer(name, partition, sigma).status
    assert status[1] == expected
    assert status[0] == "ok"


@pytest.mark.parametrize("name", MODELS)
def test_noise_larger_than_every_jump(filed: Filed, name: str) -> None:
    partition, _ = moving(filed, [20, 20, 20, 20, 0, 0, 0, 0], step=0.01)
    maps = infer(name, partition, sigma=0.5)
    expected = "ok" if name == "density" else "at the lower bound"
    assert (maps.status[:4] == expected).all()
    if name != "density":
        assert (maps.maps["diffusivity"] == 0).all()


def test_a_bound_of_ones_own(filed: Filed) -> None:
    partition, _ = moving(filed, COUNTS)
    maps = infer("d", partition, min_diffusivity=1e3)
    assert (maps.status[np.array(COUNTS) > 0] == "at the lower bound").all()


def test_displacements_that_are_all_the_same(filed: Filed) -> None:
    cell = [0, 1, 1, 2, 2, 2]
    steps = [[0.1, 0], [0.1, 0], [0.1, 0], [0.1, 0], [-0.1, 0], [0, 0.1]]
    partition = filed(CENTERS[:3], cell, steps, LAG, [[1, 2], [0, 2], [0, 1]])
    for name in ("dd", "df", "snr"):
        assert list(infer(name, partition, 0.0).status) == [
            "single displacement", "no spread", "ok"
        ]  # fmt: skip
    assert list(infer("d", partition, 0.0).status) == ["ok"] * 3
    alone = filed(CENTERS[:1], [0, 0], [[0.1, 0], [0, 0.1]], LAG)
    assert list(infer("d.conj_prior", alone).status) == ["no neighbour"]
    # The prior is made of the other cells.
    lonely = filed(CENTERS[:3], [0, 0, 1, 1, 2], np.eye(5, 2), LAG, [[1, 2], [0, 2], [0, 1]])
    assert "no data elsewhere" not in set(infer("d.conj_prior", lonely).status)


def test_a_variance_of_one_displacement_elsewhere(filed: Filed) -> None:
    partition, _ = moving(filed, [0, 1, 0, 2, 0, 0, 0, 0])
    status = infer("snr", partition, 0.0).status
    assert (status[1], status[3]) == ("single displacement", "no data elsewhere")


def test_curvature_that_is_not_positive_definite(filed: Filed) -> None:
    # Without priors, nothing decides the potentials of cells whose gradient is not wholly defined.
    line = filed(CENTERS[6:], [0, 0, 1, 1], np.eye(4)[:, :2] + np.eye(4)[:, 2:], LAG, [[1], [0]])
    maps = infer("dv", line, 0.0)
    assert maps.maps["potential std"].isna().all()
    assert set(maps.status) == {"no neighbour along y"}
    maps.maps["force y"] = 0.0
    assert set(maps.status) == {"not positive definite"}


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.sampled_from([0, 0, 1, 2, 3, 10]), min_size=8, max_size=8),
    step=st.sampled_from([0.0, 0.01, 0.1]),
    sigma=st.sampled_from([0.0, 0.03]),
    same=st.booleans(),
    smooth=st.booleans(),
    name=st.sampled_from(MODELS),
)
def test_what_is_missing_has_a_reason(
    filed: Filed, counts: list[int], step: float, sigma: float, same: bool, smooth: bool, name: str
) -> None:
    cell = np.repeat(np.arange(len(CENTERS)), counts)
    steps = step * np.random.default_rng(0).normal(size=(1 if same else len(cell), 2))
    steps = np.broadcast_to(steps, (len(cell), 2))
    partition = filed(CENTERS, cell, steps, LAG, NEIGHBOURS)
    try:
        maps = infer(name, partition, sigma, **(PRIORS.get(name, {}) if smooth else {}))
    except InsufficientDataError:
        return
    status = maps.status
    is_complete = maps.maps.notna().all(axis=1)
    assert "undefined" not in set(status)
    assert "not mapped" not in set(status)
    assert is_complete[status[maps.maps.index] == "ok"].all()
    assert (status[is_complete.index[is_complete]].isin(
        ["ok", "at the lower bound", "static", "single displacement", "no spread"]
    )).all()  # fmt: skip
    assert ((status == "no data") == (partition.location_count == 0)).all()


def test_maps_know_what_they_were_inferred_from(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    points = pd.DataFrame(generator.random((4000, 2)), columns=["x", "y"])
    points[["dx", "dy"]] = 0.1 * generator.normal(size=(4000, 2))
    points["dt"] = LAG
    cells = hexagons(points[["x", "y"]], resolution=0.25)
    partition = Partition(points, cells, nearest_cell(points[["x", "y"]], cells))
    maps = infer("dv", partition, **PRIORS["dv"])
    value, std = maps.contrast([5], [9])
    assert value == maps.maps["potential"][5] - maps.maps["potential"][9]
    assert maps.partition is partition

    copy = pickle.loads(pickle.dumps(maps))
    with pytest.raises(MissingResultError, match=r"set maps\.partition"):
        copy.contrast([5], [9])
    with pytest.raises(MissingResultError, match=r"take them from their node"):
        _ = copy.status
    tree = Analysis(points)
    node = tree.add(partition, "roi").add(copy, "dv")
    assert copy.contrast([5], [9]) == (value, std)
    save_rwa(tmp_path / "a.rwa", tree)
    read = read_rwa(tmp_path / "a.rwa")["roi"]["dv"].data
    assert read.contrast([5], [9]) == (value, std)
    assert (read.status == maps.status).all()

    node.data = infer("d", partition)
    assert node.data.partition is partition
    with pytest.raises(InvalidInputError, match=r"those of 'd' \(diffusivity.*expected.*potential"):
        node.data.contrast([5], [9])
    copy.partition = Partition(points[:9], cells, partition.cells[:9])
    with pytest.raises(InvalidInputError, match="not the same: give the partition"):
        copy.contrast([5], [9])
    few = hexagons(points[["x", "y"]], resolution=1.0)
    copy.partition = Partition(points, few, nearest_cell(points[["x", "y"]], few))
    with pytest.raises(InvalidInputError, match="the maps have cells numbered 0 to"):
        _ = copy.status
