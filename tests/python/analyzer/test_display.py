"""What users see of an analyzer: as text, in notebooks, and by tab completion."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from tramway.analyzer import (
    RWAnalyzer,
    cell_mergers,
    environments,
    mapper,
    models,
    sampler,
    stages,
    tessellers,
    time,
)
from tramway.tessellation import METHODS


def shown(thing: object) -> str:
    """Text of what a notebook shows."""
    html = thing._repr_html_()  # type: ignore[attr-defined]
    return unescape(re.sub(r"(<[^>]*>)+", " ", html)).strip()


@pytest.fixture
def a(declare: Callable[..., RWAnalyzer]) -> RWAnalyzer:
    a = declare()
    a.tesseller = tessellers.Squares(resolution=1.5)
    a.tesseller.post_processing = cell_mergers.ByTranslocationCount
    a.time = time.SlidingWindow(3)
    a.sampler = sampler.Knn(10)
    a.mapper = models.DV(potential_prior="auto")
    a.env = environments.LocalHost(worker_count=3)
    return a


def test_an_analyzer_shows_all_that_is_set(a: RWAnalyzer, data: Path) -> None:
    paths = ", ".join(a.spt_data.filepaths)
    assert repr(a).splitlines() == [
        "RWAnalyzer:",
        f"    spt_data = <SPTData: {paths}; localization_precision=0.02>",
        "    images = <Images: none>",
        "    tracker = <Tracker: no tracker is chosen>",
        "    roi = <ROI: those in a file beside each data file, *roi.txt>",
        "    tesseller = Tesseller('grid', resolution=1.5, post_processing="
        "ByTranslocationCount(count_threshold=20, update_centroids=False))",
        "    time = Time('window', duration=3.0, shift=None, unit='s')",
        "    sampler = Sampler('knn', knn=10, min_location_count=0)",
        "    mapper = Mapper('stochastic.dv', potential_prior='auto')",
        "    env = LocalHost(retries=1, worker_count=3)",
        "    pipeline = <Pipeline: tessellate, reload, infer>",
    ]
    for line in repr(a).splitlines()[1:]:
        assert line.partition(" = ")[2] in shown(a)


def test_an_analyzer_shows_what_is_not_set() -> None:
    assert repr(RWAnalyzer()).splitlines()[1:] == [
        "    spt_data = <SPTData: no source>",
        "    images = <Images: none>",
        "    tracker = <Tracker: no tracker is chosen>",
        "    roi = <ROI: each source is one region>",
        "    tesseller = <Tesseller: no tesseller is chosen>",
        "    time = <Time: no time window is chosen>",
        "    sampler = Sampler('voronoi')",
        "    mapper = <Mapper: no mapper is chosen>",
        "    env = InProcess()",
        "    pipeline = <Pipeline: no stage>",
    ]
    a = RWAnalyzer()
    assert "a.spt_data.from_ascii_files" in shown(a.spt_data)
    assert "a.mapper.from_plugin" in shown(a.mapper)
    assert "a.pipeline.append_stage" in shown(a.pipeline)


def test_notebooks_show_every_setting_and_which_are_defaults(a: RWAnalyzer) -> None:
    assert "resolution 1.5 ref_distance None default" in shown(a.tesseller)
    assert "post_processing ByTranslocationCount(" in shown(a.tesseller)
    assert "potential_prior 'auto'" in shown(a.mapper)
    assert "jeffreys_prior False default" in shown(a.mapper)
    assert "duration 3.0" in shown(a.time)
    assert "knn 10" in shown(a.sampler)


def test_the_pipeline_shows_its_stages() -> None:
    a = RWAnalyzer()
    a.pipeline.append_stage(stages.tessellate(label="x"))
    a.pipeline.append_stage(stages.tessellate_and_infer(overwrite=True))
    a.pipeline.append_stage(print, granularity="source", sbatch_options={"mem": "8G"})
    assert repr(a.pipeline) == "<Pipeline: tessellate, tessellate_and_infer, print>"
    assert "0 tessellate label='x'" in shown(a.pipeline)
    assert "1 tessellate_and_infer overwrite=True" in shown(a.pipeline)
    assert "2 print source by source {'mem': '8G'}" in shown(a.pipeline)


def test_many_sources_are_not_all_listed(movie: Callable[..., object]) -> None:
    a = RWAnalyzer()
    a.spt_data.from_dataframes([movie(0, track_count=1)] * 30)  # type: ignore[list-item]
    a.spt_data[1].alias = "second"
    a.spt_data[2].localization_precision = 0.03
    assert repr(a.spt_data) == ("<SPTData: dataframe 0, dataframe 1, dataframe 2, and 27 more>")
    assert "1 dataframe 1 second" in shown(a.spt_data)
    assert "{'localization_precision': 0.03}" in shown(a.spt_data)
    assert shown(a.spt_data).startswith("30 sources")
    assert shown(a.spt_data).endswith("and 10 more")


def test_regions_are_shown_without_their_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(tmp_path / "a.txt"))
    regions = a.spt_data[0].roi
    assert repr(regions).endswith("a.txt: all of it is one region>")
    (tmp_path / "a-squares.txt").write_text("")
    a.roi.from_ascii_files("squares")
    (tmp_path / "a-squares.txt").unlink()
    assert repr(regions).endswith("a.txt: those in a file beside each data file, *squares.txt>")
    regions.from_ascii_file("some.txt")
    assert repr(regions).endswith("a.txt: those in some.txt>")
    regions.from_squares([[0, 0]], 1.0)
    assert repr(regions).endswith("a.txt: 1 box>")


def test_a_model_of_ones_own() -> None:
    def count(partition: object, scale: float = 1.0) -> None: ...

    own = mapper.MapperPlugin(count, scale=0.5)
    assert repr(own) == "MapperPlugin('count', scale=0.5)"
    assert "scale 0.5" in shown(own)
    assert "scale" in dir(own)


@pytest.mark.parametrize("name", METHODS)
def test_tab_completion_knows_the_settings_of_tessellers(name: str) -> None:
    a = RWAnalyzer()
    assert "resolution" not in dir(a.tesseller)
    a.tesseller.from_plugin(name)
    assert {*METHODS[name].settings, "post_processing", "tessellate"} <= set(dir(a.tesseller))


@pytest.mark.parametrize("name", mapper.Mapper.plugins())
def test_tab_completion_knows_the_parameters_of_models(name: str) -> None:
    a = RWAnalyzer()
    a.mapper.from_plugin(name)
    assert {*a.mapper.parameters, "infer"} <= set(dir(a.mapper))
    for parameter in a.mapper.parameters:
        getattr(a.mapper, parameter)


def test_tab_completion_of_the_analyzer_and_the_pipeline() -> None:
    a = RWAnalyzer()
    assert {"spt_data", "time", "env", "run", "pipeline"} <= set(dir(a))
    assert {"spt_data", "time", "env", "append_stage"} <= set(dir(a.pipeline))
