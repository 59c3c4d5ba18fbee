"""What every model of the registry keeps: truth, fit, files, pictures, settings, documentation."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tramway import _core
from tramway.cli.configuration import analyzer_of
from tramway.errors import InvalidInputError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.inference import (
    PARAMETERS,
    Maps,
    Model,
    cell_status,
    compare_models,
    curl,
    get_model,
    goodness_of_fit,
    plugin_names,
)
from tramway.plotting import plot_map
from tramway.tessellation import Partition, hexagons

LAG, SIGMA, COUNT = 0.02, 0.02, 200
DIFFUSIVITY, VELOCITY = 0.2, np.array([1.5, -1.0])
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "models.md"

every_name = pytest.mark.parametrize("name", plugin_names())


def drawn(model: Model) -> Partition:
    """Displacements from the model itself, with one D and one vector everywhere."""
    generator = np.random.default_rng(0)
    mesh = hexagons(np.array([[0.0, 0.0], [2.0, 2.0]]), resolution=0.3)
    cell = np.repeat(np.arange(mesh.n_cells), COUNT)
    velocity = np.zeros(2) if model.vector is None else VELOCITY
    width = np.sqrt(2 * (DIFFUSIVITY * LAG + SIGMA**2))
    points = pd.DataFrame(mesh.cell_centers[cell], columns=["x", "y"])
    points[["dx", "dy"]] = velocity * LAG + width * generator.normal(size=(len(cell), 2))
    points["dt"] = LAG
    return Partition(points, mesh, cell)


def mapped(name: str) -> Maps:
    """Maps of the model, its priors in space chosen by the data."""
    model = get_model(name)
    chosen = {
        parameter.name: "auto"
        for parameter in model.parameters.values()
        if parameter.weighs and not parameter.in_time
    }
    return model.infer(drawn(model), localization_precision=SIGMA, mode=name, **chosen)


@pytest.fixture(scope="module")
def maps_of() -> Any:
    made: dict[str, Maps] = {}

    def maps(name: str) -> Maps:
        if name not in made:
            made[name] = mapped(name)
        return made[name]

    return maps


@every_name
def test_maps_know_their_model_and_the_truth(name: str, maps_of: Any) -> None:
    maps = maps_of(name)
    assert maps.model == get_model(name if name != "best" else "tracks.dv")
    if maps.model.likelihood is None:
        return
    for feature in maps.features:
        assert not feature.endswith(" std") or feature.removesuffix(" std") in maps.features
    # Where the priors are chosen, hundreds of displacements tell D to some percent.
    mean = maps.maps["diffusivity"].mean()
    assert mean == pytest.approx(DIFFUSIVITY, rel=0.05)
    if maps.model.vector is not None:
        vector = maps[maps.model.vector.name].mean().to_numpy()
        mobility = _core.mobility(maps.model.likelihood, np.array([DIFFUSIVITY]))
        # The prior takes from it what noise could have made: in a cell, v is known to 0.3 µm/s.
        np.testing.assert_allclose(vector * mobility, VELOCITY, rtol=0.25)
        assert maps.unit_of(maps.model.vector.name) == maps.model.vector.unit


@every_name
def test_the_fit_of_the_models_own_draws_is_good(name: str, maps_of: Any) -> None:
    maps = maps_of(name)
    if maps.model.likelihood is None:
        with pytest.raises(InvalidInputError, match="expected those of the models"):
            goodness_of_fit(maps)
        return
    fit = goodness_of_fit(maps)
    # 400 components in each of some 50 cells: the ratio scatters by √(2/400) = 0.07 in a cell, its
    # mean by 0.01.
    assert fit.maps["variance ratio"].mean() == pytest.approx(1, abs=0.05)
    # |z| of a standard normal has the median 0.67; more where a prior pulls, nothing where the map
    # follows the mean of each cell.
    residuals = np.abs(fit["residual"].to_numpy())
    if np.isfinite(residuals).any():
        assert np.nanmedian(residuals) == pytest.approx(0.67, abs=0.35)


@every_name
def test_every_cell_has_a_status(name: str, maps_of: Any) -> None:
    maps = maps_of(name)
    status = cell_status(maps, maps.inferred_from())
    assert len(status) == maps.inferred_from().tessellation.n_cells
    assert (status == "ok").sum() > 10


@every_name
def test_curl_is_that_of_a_vector(name: str, maps_of: Any) -> None:
    maps = maps_of(name)
    if maps.model.vector is None:
        with pytest.raises(InvalidInputError, match="have a drift or a force"):
            curl(maps)
    else:
        assert np.isfinite(curl(maps).maps["curl"]).any()


@every_name
def test_files_keep_everything(name: str, maps_of: Any, tmp_path: Path) -> None:
    maps = maps_of(name)
    tree = Analysis(maps.inferred_from().points)
    tree.add(maps.inferred_from(), "roi").add(maps, name)
    save_rwa(tmp_path / "maps.rwa", tree)
    read = read_rwa(tmp_path / "maps.rwa")["roi"][name].data
    pd.testing.assert_frame_equal(read.maps, maps.maps, check_exact=True)
    assert read.model == maps.model
    assert read.attributes.keys() >= {k for k, v in maps.attributes.items() if v is not None}


@every_name
def test_every_feature_can_be_drawn(name: str, maps_of: Any) -> None:
    maps = maps_of(name)
    for feature in maps.features:
        if np.isfinite(maps[feature].to_numpy()).any():
            axes = plot_map(maps, feature, maps.inferred_from(), axes=Figure().add_subplot())
            assert axes.collections


@every_name
def test_a_configuration_file_sets_every_parameter(name: str) -> None:
    model = get_model(name)
    given = {name: value for name, value in model.defaults.items() if value is not None}
    a = analyzer_of({"mapper": {"from_plugin": name} | given})
    assert a.mapper.parameters == model.defaults


def test_models_with_evidence_can_be_compared(maps_of: Any) -> None:
    # The same displacements under two models: those of D, with nothing that drifts.
    d, dd = (
        get_model(name).infer(
            maps_of("d").inferred_from(),
            localization_precision=SIGMA,
            diffusivity_prior="auto",
            **more,
        )
        for name, more in (("d", {}), ("dd", {"drift_prior": "auto"}))
    )
    table = compare_models([d, dd])
    assert table["model"].iloc[0] == "d"


def test_the_documentation_lists_every_model_and_parameter() -> None:
    # As `name`, or in the row of its prefixed names; parameters with their default in the same row.
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for name in plugin_names():
        *prefix, last = name.split(".")
        assert f"`{name}`" in text or (f"`{prefix[0]}.`" in text and f"`{last}`" in text), name
    rows = {
        parameter: row
        for row in re.findall(r"^\| `.*$", text, re.MULTILINE)
        for parameter in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    documented = {name for model in plugin_names() for name in get_model(model).parameters}
    assert documented - {"worker_count", "verbose"} == rows.keys() & PARAMETERS.keys()
    for name in documented & rows.keys():
        default = PARAMETERS[name].default
        assert ("none: " if default is None else str(default)) in rows[name]
