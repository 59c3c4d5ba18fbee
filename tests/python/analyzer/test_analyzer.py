"""How the attributes of an analyzer are set."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

import tramway.analyzer
from tramway.analyzer import (
    RWAnalyzer,
    environments,
    mapper,
    models,
    roi,
    sampler,
    spt_data,
    stages,
    tesseller,
    tessellers,
)
from tramway.errors import InvalidInputError, MisplacedAttributeWarning, UnknownAttributeError


def test_all_that_is_exported_is_there() -> None:
    for name in tramway.analyzer.__all__:
        assert getattr(tramway.analyzer, name) is not None
    with pytest.raises(AttributeError, match="localizer"):
        tramway.analyzer.localizer  # noqa: B018


def test_initialiser_methods(data: Path) -> None:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    a.roi.from_ascii_files("roi")
    a.tesseller.from_plugin("hexagon", resolution=0.3)
    a.sampler.from_voronoi()
    a.mapper.from_plugin("stochastic.dv")
    assert len(a.spt_data) == 2
    assert [region.label for region in a.roi] == ["roi000", "roi001"] * 2
    assert a.tesseller.resolution == 0.3
    assert a.mapper.plugin == "stochastic.dv"


def test_module_functions(data: Path) -> None:
    a = RWAnalyzer()
    a.spt_data = spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    a.roi = roi.from_squares([[1, 1]], 1.0)
    a.tesseller = tesseller.from_plugin("hexagon", tilt=0.5)
    a.sampler = sampler.from_voronoi()
    a.mapper = mapper.from_plugin("dv", diffusivity_prior=2)
    assert [region.label for region in a.roi] == ["roi000"] * 2
    assert a.tesseller.tilt == 0.5
    assert a.mapper.diffusivity_prior == 2.0


def test_classes_and_instances() -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Hexagons
    a.tesseller = tessellers.Hexagons(resolution=0.2)
    a.mapper = models.DV
    a.mapper = models.DV("stochastic")
    a.env = environments.LocalHost
    a.env = environments.LocalHost(worker_count=2)
    assert (a.tesseller.resolution, a.mapper.plugin, a.env.worker_count) == (
        0.2,
        "stochastic.dv",
        2,
    )


def test_everything_can_be_set_again(data: Path) -> None:
    a = RWAnalyzer()
    for _ in range(2):
        a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
        a.spt_data = spt_data.from_ascii_file(data / "a.rpt.txt")
        a.roi.from_ascii_files("roi")
        a.roi.from_squares([[1, 1]], 1.0)
        a.tesseller = tessellers.Hexagons
        a.tesseller.resolution = 0.2
        a.tesseller.from_plugin("hexagon")
        a.mapper.from_plugin("stochastic.dv")
        a.env = environments.LocalHost
        a.pipeline.reset()
        a.pipeline.append_stage(stages.tessellate())
    assert len(a.spt_data) == len(a.pipeline) == 1
    assert a.tesseller.resolution is None


def test_none_resets() -> None:
    a = RWAnalyzer()
    a.env = environments.LocalHost
    a.tesseller = tessellers.Hexagons
    a.env = a.tesseller = None
    assert not a.tesseller.initialized
    assert type(a.env).__name__ == "InProcess"


@pytest.mark.filterwarnings("ignore::tramway.errors.MisplacedAttributeWarning")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("localization_precision", r"belongs to a\.spt_data, which is not set yet"),
        ("dt", r"belongs to a\.spt_data"),
        ("resolution", r"belongs to a\.tesseller"),
        ("localizer", r"a\.spt_data\.from_files"),
        ("maper", r"did you mean `mapper`\?.*valid names: .*env, images, logger, mapper, "),
    ],
)
def test_unknown_attributes(name: str, message: str) -> None:
    with pytest.raises(UnknownAttributeError, match=message):
        setattr(RWAnalyzer(), name, 1)
    with pytest.raises(UnknownAttributeError, match=message):
        getattr(RWAnalyzer(), name)


@pytest.mark.parametrize("attribute", ["spt_data", "roi", "sampler", "env", "pipeline"])
def test_unknown_attributes_of_attributes(attribute: str) -> None:
    with pytest.raises(UnknownAttributeError, match="valid names"):
        setattr(getattr(RWAnalyzer(), attribute), "worker_cuont", 1)  # noqa: B010


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("tesseller", "hexagon", "`tesseller` is 'hexagon', expected a Tesseller"),
        ("tesseller", models.DV(), "expected a Tesseller"),
        ("env", environments, "expected a Environment"),
        ("mapper", mapper.from_plugin, r"needs arguments: call it, from_plugin\(\.\.\.\)"),
        ("logger", "quiet", r"expected a logging\.Logger"),
    ],
)
def test_values_of_the_wrong_kind(attribute: str, value: object, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        setattr(RWAnalyzer(), attribute, value)


def test_misplaced_attributes_are_put_where_they_belong(data: Path) -> None:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    a.tesseller = tessellers.Hexagons
    with pytest.warns(MisplacedAttributeWarning, match=r"a\.spt_data\.localization_precision"):
        a.localization_precision = 0.03
    with pytest.warns(MisplacedAttributeWarning, match=r"a\.tesseller\.resolution"):
        a.resolution = 0.3
    assert a.spt_data.localization_precision == a.localization_precision == 0.03
    assert a.tesseller.resolution == a.resolution == 0.3


def test_a_value_that_sources_differ_in_is_no_attribute(data: Path) -> None:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    a.spt_data[0].localization_precision = 0.03
    a.spt_data[1].localization_precision = 0.02
    assert not hasattr(a.spt_data, "localization_precision")
    with pytest.raises(AttributeError, match="the sources differ"):
        _ = a.spt_data.localization_precision


def test_pipeline_cannot_be_replaced() -> None:
    with pytest.raises(UnknownAttributeError, match="pipeline"):
        RWAnalyzer().pipeline = 1  # type: ignore[misc]


def test_script_is_that_of_the_environment() -> None:
    a = RWAnalyzer()
    a.script = "RWAnalyzer standard pipeline.ipynb"
    assert a.env.script == "RWAnalyzer standard pipeline.ipynb"
    a.env = environments.LocalHost
    a.env.script = __file__
    assert a.script == __file__


def test_logger_is_the_users_to_set() -> None:
    a = RWAnalyzer()
    assert a.logger.name == "tramway.analyzer"
    assert a.logger.level == logging.INFO
    a.logger = logging.getLogger("mine")
    assert a.pipeline.logger.name == "mine"


def test_an_attribute_that_belongs_to_no_analyzer_says_so() -> None:
    with pytest.raises(InvalidInputError, match="belongs to no analyzer"):
        list(roi.from_squares([[1, 1]], 1.0))


def test_run_says_what_is_not_set(declare: Callable[..., RWAnalyzer], data: Path) -> None:
    a = RWAnalyzer()
    with pytest.raises(InvalidInputError, match="no stage"):
        a.run()
    a.pipeline.append_stage(stages.tessellate())
    with pytest.raises(InvalidInputError, match="there are no data"):
        a.run()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    with pytest.raises(InvalidInputError, match=r"a\.tesseller = tessellers\.Hexagons"):
        a.run()
    a.tesseller = tessellers.Hexagons
    a.pipeline.append_stage(stages.infer())
    with pytest.raises(InvalidInputError, match=r"a\.mapper\.from_plugin"):
        a.run()
