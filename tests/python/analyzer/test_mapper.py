"""The model and its parameters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from tramway import attributes
from tramway.analyzer import (
    Analysis,
    RWAnalyzer,
    commit_as_analysis,
    environments,
    first,
    mapper,
    models,
)
from tramway.errors import (
    InvalidInputError,
    RunError,
    UnknownAttributeError,
    UserFunctionError,
    WithoutEffectWarning,
)
from tramway.files import read_rwa
from tramway.inference import Maps, infer_diffusivity, plugin_names
from tramway.tessellation import Partition


@pytest.fixture
def a(declare: Callable[..., RWAnalyzer]) -> RWAnalyzer:
    return declare()


@pytest.fixture
def sampling(a: RWAnalyzer) -> Partition:
    return a.sampler.sample(first(a.roi.as_support_regions).crop())


@pytest.mark.parametrize(
    "name", [n for n in plugin_names() if n.endswith("dv") and not n.startswith("tracks.")]
)
def test_every_dv_plugin_takes_the_parameters_of_the_notebook(name: str) -> None:
    chosen = mapper.from_plugin(name)
    chosen.diffusivity_prior = 20
    chosen.potential_prior = 1
    chosen.max_runtime = 100
    chosen.verbose = False
    chosen.worker_count = 4
    assert chosen.parameters["diffusivity_prior"] == 20.0


@pytest.mark.parametrize("name", plugin_names())
def test_the_parameters_of_every_plugin_can_be_set(name: str) -> None:
    chosen = mapper.from_plugin(name)
    special = {"alpha": 0.5, "scales": [[0.2, 1.0]]}
    values = {
        parameter: special.get(parameter, True if default is False else 2)
        for parameter, default in chosen.parameters.items()
    }
    for parameter, value in values.items():
        setattr(chosen, parameter, value)
    assert chosen.parameters == values


def test_plugins_that_do_not_smooth_take_no_priors() -> None:
    with pytest.raises(UnknownAttributeError, match="diffusivity_prior"):
        mapper.from_plugin("unsmooth.df", diffusivity_prior=1)


def test_unknown_plugins_and_parameters() -> None:
    with pytest.raises(
        InvalidInputError, match=r"'stochastic\.vd' .*did you mean `stochastic\.dv`"
    ):
        mapper.from_plugin("stochastic.vd")
    with pytest.raises(UnknownAttributeError, match=r"did you mean `diffusivity_prior`.*max_iter"):
        mapper.from_plugin("dv", difusivity_prior=1)
    chosen = mapper.from_plugin("dv")
    with pytest.raises(UnknownAttributeError, match=r"a\.spt_data\.localization_precision"):
        chosen.sigma = 0.03
    with pytest.raises(UnknownAttributeError, match="diffusivity_time_prior"):
        chosen.time_prior  # noqa: B018


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("diffusivity_prior", -1),
        ("diffusivity_prior", "20"),
        ("noise_correction", 1),
        ("max_runtime", -1),
        ("max_iter", 0),
        ("max_iter", 2.5),
        ("verbose", 1),
        ("worker_count", "all"),
        ("min_diffusivity", -0.1),
    ],
)
def test_wrong_values_are_refused_at_once(name: str, value: object) -> None:
    chosen = mapper.from_plugin("dv")
    with pytest.raises(InvalidInputError, match=f"`{name}` is .*expected"):
        setattr(chosen, name, value)


def test_a_failed_choice_changes_nothing() -> None:
    chosen = mapper.from_plugin("dv", potential_prior=2)
    with pytest.raises(InvalidInputError, match="`potential_prior` is -1, expected"):
        chosen.from_plugin("stochastic.dv", potential_prior=-1)
    assert (chosen.plugin, chosen.potential_prior) == ("dv", 2.0)


def test_nothing_can_be_set_before_the_choice() -> None:
    with pytest.raises(UnknownAttributeError, match=r"no mapper is chosen: a\.mapper\.from_plugin"):
        RWAnalyzer().mapper.diffusivity_prior = 20


def test_maps_of_a_partition(a: RWAnalyzer, sampling: Partition) -> None:
    maps = a.mapper.infer(sampling)
    assert isinstance(maps, Maps)
    assert maps.features[:3] == ["diffusivity", "potential", "force"]
    assert maps.sigma == 0.02  # that of the data
    assert a.mapper.infer(sampling, localization_precision=0.0).sigma == 0.0


def test_maps_of_a_node_can_be_committed(a: RWAnalyzer, sampling: Partition) -> None:
    region = first(a.roi)
    node = region.add_sampling(sampling)
    maps = commit_as_analysis("mine", a.mapper.infer(node), parent=node)
    assert isinstance(maps, Analysis)
    assert first(a.spt_data).analyses["roi000"]["mine"].data.mode == "stochastic.dv"


def test_pictures_of_nodes_and_of_plain_maps(a: RWAnalyzer, sampling: Partition) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    node = first(a.roi).add_sampling(sampling)
    maps = a.mapper.infer(node)
    axes = a.mapper.mpl.plot(maps, feature="diffusivity", unit="std")
    assert a.mapper.mpl.plot(maps.data, "force", sampling, axes=axes) is axes
    maps.data.partition = None
    with pytest.raises(InvalidInputError, match="`sampling` is needed"):
        a.mapper.mpl.plot(maps.data, "force")
    with pytest.raises(InvalidInputError, match="`sampling` is 'force', expected the partition"):
        a.mapper.mpl.plot(maps, "diffusivity", "force")
    assert a.tesseller.mpl.plot(node).figure is not axes.figure
    plt.close("all")


# --- functions of one's own -----------------------------------------------------------------------


def squares(partition: Partition, localization_precision: float, scale: float = 1.0) -> Any:
    """Mean squared displacement over the lag: D of the closed form, without the noise."""
    points = partition.points
    square = (points["dx"] ** 2 + points["dy"] ** 2) / (4 * points["dt"])
    mean = square.groupby(partition.cells).mean()
    return pd.DataFrame({"D": scale * (mean - localization_precision**2 / 0.02)})


def test_a_function_as_a_model(a: RWAnalyzer, sampling: Partition) -> None:
    a.mapper = mapper.MapperPlugin(squares, scale=2)
    a.mapper.scale = 1.0
    maps = a.mapper.infer(sampling)
    # The closed form of the D model.
    expected = infer_diffusivity(sampling, localization_precision=0.02).maps["diffusivity"]
    positive = expected > 0
    np.testing.assert_allclose(maps.maps["D"][positive], expected[positive], rtol=1e-6)
    assert (maps.mode, maps.sigma, maps.scale) == ("squares", 0.02, 1.0)
    assert a.mapper.parameters == {"scale": 1.0}
    with pytest.raises(UnknownAttributeError, match="did you mean `scale`"):
        a.mapper.sclae = 3
    with pytest.raises(UnknownAttributeError, match="belongs to the data"):
        a.mapper.localization_precision = 3
    a.mapper.from_plugin("d")
    assert a.mapper.infer(sampling).features[0] == "diffusivity"
    assert "scale" not in a.mapper.parameters


def test_a_function_in_the_pipeline(a: RWAnalyzer, data: Path) -> None:
    a.mapper = mapper.MapperPlugin(squares)
    assert len(a.run().done) == 8
    assert len(a.run().done) == 0
    stored = read_rwa(data / "a.rpt.rwa")["roi001"]["squares"].data
    assert (stored.mode, stored.features, stored.scale) == ("squares", ["D"], 1.0)
    a.mapper.scale = 3
    assert len(a.run().done) == 4  # the maps, not the samplings
    changed = lambda partition, localization_precision, scale=3: {"D": partition.location_count}  # noqa: E731
    changed.__name__ = "squares"
    a.mapper = mapper.MapperPlugin(changed)
    assert len(a.run().done) == 4
    a.mapper = models.DV()
    assert len(a.run().done) == 4
    assert set(read_rwa(data / "a.rpt.rwa")["roi001"]) == {"squares", "stochastic.dv"}


def test_an_error_in_a_function_fails_its_task(a: RWAnalyzer) -> None:
    def fails_somewhere(partition: Partition) -> Any:
        if partition.bounding_box["x"]["min"] > 1:
            raise ZeroDivisionError("oh")
        return {"count": partition.location_count}

    a.mapper = mapper.MapperPlugin(fails_somewhere)
    with pytest.raises(RunError, match="2 of 8 tasks failed") as caught:
        a.run()
    pattern = r"infer: .*, roi001: `fails_somewhere` failed: ZeroDivisionError: oh \(.*, line \d+\)"
    for record in caught.value.summary.failed:
        assert record.region == "roi001"
        assert pd.Series([str(record)]).str.fullmatch(pattern).all()
    assert "the results of the others are there" in str(caught.value)


def test_where_all_fails_there_are_no_results_of_others(a: RWAnalyzer, data: Path) -> None:
    for path in data.glob("*roi.txt"):
        path.write_text("0\t3\n")
    with pytest.raises(RunError, match=r"^2 of 2 tasks failed:\n- tessellate: "):
        a.run()


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (3, "`f` returned 3, expected a DataFrame, a dict of columns, or Maps"),
        ({"D": [1.0, 2.0]}, r"'D' of shape \(2,\), expected one value for each of the \d+ cells"),
        (
            pd.DataFrame({"D": [1.0]}, index=[-1]),
            r"index \[-1\].*expected numbers of cells, from 0",
        ),
        (pd.DataFrame({"D": [1.0, 2.0]}, index=[1, 1]), "each once"),
        (pd.DataFrame({"D": ["a"]}), "column 'D' of .*, expected a name, and numbers"),
        (pd.DataFrame({3: [1.0]}), "column 3 of float64, expected a name"),
    ],
)
def test_what_a_function_must_return(
    a: RWAnalyzer, sampling: Partition, result: object, message: str
) -> None:
    def f(partition: Partition) -> object:
        return result

    a.mapper = mapper.MapperPlugin(f)
    with pytest.raises(InvalidInputError, match=message):
        a.mapper.infer(sampling)


def test_what_a_function_may_return(a: RWAnalyzer, sampling: Partition) -> None:
    def both(partition: Partition) -> Any:
        some = pd.Series([1.0], index=[2])
        return {"all": partition.location_count, "some": some}

    def maps(partition: Partition) -> Maps:
        return infer_diffusivity(partition, localization_precision=0.0)

    a.mapper = mapper.MapperPlugin(both)
    table = a.mapper.infer(sampling).maps
    assert len(table) == sampling.tessellation.n_cells
    assert table["some"].dropna().to_dict() == {2: 1.0}
    a.mapper = mapper.MapperPlugin(maps)
    assert a.mapper.infer(sampling).mode == "d"


def test_functions_that_cannot_be_mappers(a: RWAnalyzer, sampling: Partition) -> None:
    def with_mode(partition: Partition, mode: str) -> None: ...

    def wanting(partition: Partition, threshold: float) -> None: ...

    with pytest.raises(InvalidInputError, match="`with_mode` has an argument `mode`"):
        mapper.MapperPlugin(with_mode)
    a.mapper = mapper.MapperPlugin(wanting)
    with pytest.raises(UserFunctionError, match=r"`wanting` failed: TypeError: .*'threshold'"):
        a.mapper.infer(sampling)


def of_cells(cells: Any, scale: float = 1.0) -> pd.DataFrame:
    """Model in the style of the original."""
    values = {i: scale * np.mean(cells[i].dr ** 2) / (2 * cells[i].dt.mean()) for i in cells}
    return pd.DataFrame({"diffusivity": pd.Series(values)})


@pytest.mark.parametrize("take", [mapper.MapperPlugin, mapper.Mapper])
def test_functions_get_cells_one_by_one(a: RWAnalyzer, sampling: Partition, take: Any) -> None:
    chosen = take(of_cells, scale=2.0)
    a.mapper = chosen
    maps = a.mapper.infer(sampling)
    points, cells = sampling.points, sampling.cells
    steps = (points["dx"] ** 2 + points["dy"] ** 2) / 2
    expected = 2 * steps.groupby(cells).mean() / (2 * points["dt"].groupby(cells).mean())
    np.testing.assert_allclose(maps.maps["diffusivity"], expected[expected.index >= 0])
    a.mapper.from_plugin("d")
    assert a.mapper.plugin == "d"


@pytest.mark.slow
def test_functions_of_cells_are_called_in_workers(declare: Callable[..., RWAnalyzer]) -> None:
    a = declare()
    a.mapper.from_plugin(of_cells)
    a.env = environments.LocalHost(2)
    a.run()
    for region in a.roi.as_support_regions():
        assert region.get_sampling().get_child("of_cells").data.features == ["diffusivity"]


def test_arguments_of_other_solvers_are_taken_with_one_warning() -> None:
    chosen = mapper.from_plugin("stochastic.dv")
    attributes._told.discard("ftol")
    with pytest.warns(WithoutEffectWarning, match="`ftol` has no effect"):
        chosen.ftol = 1e-3
    chosen.ftol = 1e-4
    assert "ftol" not in chosen.parameters


@pytest.mark.slow
def test_the_loop_of_the_readme_writes_pictures(
    declare: Callable[..., RWAnalyzer], data: Path
) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    readme = Path(__file__).parents[3] / "README.md"
    blocks = readme.read_text(encoding="utf-8").split("```python\n")[1:]
    (loop,) = [code for block in blocks if "savefig" in (code := block.split("```")[0])]
    a = declare()
    a.run()
    exec(loop, {"a": a})
    written = {path.name: path.stat().st_size for path in data.glob("*.png")}
    regions = ("roi000-potential", "roi001-potential", "field")
    assert {*written} == {f"{f}.rpt.txt-{name}.png" for f in "ab" for name in regions}
    assert min(written.values()) > 5_000
    plt.close("all")


def test_regions_share_a_scale(a: RWAnalyzer, sampling: Partition) -> None:
    node = first(a.roi).add_sampling(sampling)
    maps = a.mapper.infer(node)
    low, high = a.mapper.mpl.color_limits([maps, maps.data], "diffusivity")
    assert 0 <= low < high
    maps.data.partition = None
    with pytest.raises(InvalidInputError, match="`sampling` is needed"):
        a.mapper.mpl.color_limits([maps.data], "diffusivity")
