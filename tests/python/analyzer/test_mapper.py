"""The model and its parameters."""

from collections.abc import Callable

import matplotlib as mpl
import pytest

from tramway.analyzer import Analysis, RWAnalyzer, commit_as_analysis, first, mapper
from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.inference import Maps, plugin_names
from tramway.tessellation import Partition


@pytest.fixture
def a(declare: Callable[..., RWAnalyzer]) -> RWAnalyzer:
    return declare()


@pytest.fixture
def sampling(a: RWAnalyzer) -> Partition:
    return a.sampler.sample(first(a.roi.as_support_regions).crop())


@pytest.mark.parametrize("name", [n for n in plugin_names() if n.endswith("dv")])
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
    for parameter in chosen.parameters:
        setattr(chosen, parameter, True if parameter in ("verbose", "noise_correction") else 2)
    assert set(chosen.parameters.values()) == {True, 2}


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
    with pytest.raises(UnknownAttributeError, match="valid names"):
        chosen.jeffreys_prior  # noqa: B018


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
    with pytest.raises(InvalidInputError):
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
    with pytest.raises(InvalidInputError, match="`sampling` is needed"):
        a.mapper.mpl.plot(maps.data, "force")
    assert a.tesseller.mpl.plot(node).figure is not axes.figure
    plt.close("all")
