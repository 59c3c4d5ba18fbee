"""A file declares what a script would."""

import os
import re
from pathlib import Path

import pytest
from tracking_samples import SAMPLES

from tramway.analyzer import RWAnalyzer, environments, sampler, stages, tessellers, time
from tramway.cli.configuration import TABLES, analyzer_of, merged, read
from tramway.errors import FileFormatError, TramwayError


def test_a_file_is_a_script(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    found = analyzer_of(read(folder.relative_to(folder.parent) / "job.toml"))

    a = RWAnalyzer()
    a.spt_data.from_ascii_files(f"{folder.name}/movies/*.rpt.txt")
    a.spt_data.localization_precision = 0.02
    a.roi.from_ascii_files(suffix="roi")
    a.tesseller = tessellers.Hexagons(resolution=0.3)
    a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer())

    assert found.spt_data.filepaths == a.spt_data.filepaths
    assert found.spt_data.localization_precision == a.spt_data.localization_precision
    assert found.roi.definition == a.roi.definition
    assert found.tesseller.plugin == a.tesseller.plugin
    assert found.tesseller.parameters == a.tesseller.parameters
    assert found.mapper.plugin == a.mapper.plugin
    assert found.mapper.parameters == a.mapper.parameters
    assert type(found.env) is type(a.env)
    assert len(found.pipeline) == len(a.pipeline)


def test_paths_are_those_beside_the_file(folder, monkeypatch):
    home = folder / "movies"
    monkeypatch.setenv("HOME", str(home))
    path = folder / "job.toml"
    for given, expected in [
        ('"a"', str(folder / "a")),
        ('["a", "../b"]', [str(folder / "a"), str(folder / "../b")]),
        ('"/a"', "/a"),
        ('"~/a"', str(home / "a")),
        ("3", 3),  # left to the check of the analyzer
    ]:
        path.write_text(f"[spt_data]\nfrom_ascii_files = {given}")
        assert read(path) == {"spt_data": {"from_ascii_files": expected}}


def test_options_replace_what_the_file_says():
    file = {
        "spt_data": {"from_rwa_files": "a", "localization_precision": 0.03},
        "mapper": {"from_plugin": "dv", "potential_prior": 1},
    }
    options = {
        "spt_data": {"from_ascii_files": ["b"]},
        "mapper": {"potential_prior": 2},
        "environment": {"worker_count": 3},
    }
    assert merged(file, options) == {
        "spt_data": {"from_ascii_files": ["b"], "localization_precision": 0.03},
        "mapper": {"from_plugin": "dv", "potential_prior": 2},
        "environment": {"worker_count": 3},
    }
    assert file["mapper"]["potential_prior"] == 1


def test_environment():
    assert type(analyzer_of({}).env).__name__ == "InProcess"
    env = analyzer_of({"environment": {"worker_count": 3}}).env
    assert isinstance(env, environments.LocalHost)
    assert env.worker_count == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[time]\nfrom_sliding_window = 10", time.SlidingWindow(10)),
        ("[time]\nfrom_sliding_window = 10\nshift = 5", time.SlidingWindow(10, shift=5)),
        (
            "[time]\nfrom_sliding_window = { duration = 400, unit = 'frame' }",
            time.SlidingWindow(400, unit="frame"),
        ),
        ("[time]\nfrom_plugin = 'window'\nduration = 10", time.SlidingWindow(10)),
        ("[sampler]\nfrom_nearest_neighbors = 10", sampler.Knn(10)),
        ("[sampler]\nfrom_plugin = 'knn'\nknn = [10, 50]", sampler.Knn((10, 50))),
        ("[tesseller]\nfrom_plugin = 'random'\nseed = 3", tessellers.Random(seed=3)),
    ],
)
def test_settings_of_plugins(tmp_path, text, expected):
    path = tmp_path / "job.toml"
    path.write_text(text)
    found = getattr(analyzer_of(read(path)), text[1 : text.index("]")])
    assert found.plugin == expected.plugin
    assert found.parameters == expected.parameters


def test_each_attribute_of_the_analyzer_has_a_table(tmp_path):
    a = RWAnalyzer()
    attributes = {name for name in dir(RWAnalyzer) if name in vars(a) or f"_{name}" in vars(a)}
    expected = attributes - {"pipeline", "logger", "env"} | {"environment"}
    assert set(TABLES) == expected
    path = tmp_path / "job.toml"
    path.write_text("".join(f"[{table}]\n" for table in TABLES))
    assert len(analyzer_of(read(path)).pipeline) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[maper]", r"\[maper\] is unknown \(did you mean `mapper`\?\); valid tables: spt_data"),
        ("mapper = 3", r"mapper is 3, expected a table"),
        ("[mapper", r"cannot be read as TOML"),
        ("[mapper]\nfrom_plugin = 'dv'\nfrom_plugin = 'd'", r"cannot be read as TOML"),
    ],
)
def test_what_is_no_configuration_is_refused(tmp_path, text, message):
    path = tmp_path / "job.toml"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=f"{re.escape(os.fspath(path))}.*{message}"):
        read(path)


@pytest.mark.parametrize(
    ("table", "settings", "message"),
    [
        ("mapper", {"from_plugin": "stochastic_dv"}, "did you mean `stochastic.dv`"),
        ("mapper", {"from_plugin": "dv", "potental_prior": 1}, "did you mean `potential_prior`"),
        ("mapper", {"from_plugin": "dv", "potential_prior": "x"}, "`potential_prior` is 'x'"),
        ("mapper", {"potential_prior": 1}, "no mapper is chosen"),
        ("mapper", {"infer": 1}, "`infer`"),
        ("mapper", {"from_plugin": "dv", "infer": 1}, "`infer` cannot be set"),
        ("time", {"from_plugin": "window"}, "needs a `duration`"),
        ("time", {"from_sliding_window": 1, "shfit": 1}, "did you mean `shift`"),
        ("sampler", {"from_plugin": "knn"}, "needs `knn`"),
        ("tesseller", {"from_plugin": "hexagon", "resolution": -1}, "`resolution` is -1"),
        ("spt_data", {"from_ascii_files": "no/*.txt"}, "no file matches 'no"),
        ("spt_data", {"localization_precison": 1}, "did you mean `localization_precision`"),
        ("spt_data", {"from_ascii_files": "a", "from_rwa_files": "b"}, "exclude each other"),
        ("spt_data", {"from_asci_files": "a"}, "`from_asci_files` cannot be set"),
        ("roi", {"from_ascii_files": {"sufix": "roi"}}, "did you mean `suffix`"),
        ("roi", {"from_squares": {"side": 1}}, "missing a required argument: 'centers'"),
        ("roi", {"from_squares": {"centers": "x", "side": 1}}, "could not convert"),
        ("environment", {"name": "LocalHots"}, "did you mean `LocalHost`"),
        ("environment", {"worker_cont": 3}, "did you mean `worker_count`"),
    ],
)
def test_unknown_names_and_wrong_values_are_refused(table, settings, message):
    with pytest.raises(TramwayError, match=rf"^\[{table}\] .*{message}"):
        analyzer_of({table: settings})


@pytest.mark.parametrize(
    ("roi", "regions"),
    [
        ({"from_ascii_files": "roi"}, 4),
        ({"from_squares": {"centers": [[1, 1]], "side": 1.0}}, 2),
        ({"from_bounding_boxes": [[[0, 0], [1, 1]], [[1, 1], [2, 2]]]}, 4),
        ({}, 2),
    ],
)
def test_regions(folder, roi, regions):
    data = {"from_ascii_files": str(folder / "movies/*.rpt.txt")}
    assert len(list(analyzer_of({"spt_data": data, "roi": roi}).roi)) == regions


def test_files_of_other_programs(tmp_path: Path) -> None:
    SAMPLES["swift"].write(tmp_path)
    path = tmp_path / "analysis.toml"
    path.write_text(
        "[spt_data]\n"
        'from_files = { filepattern = "*.csv", format = "swift", tracks = "seg.id" }\n'
        "frame_interval = 0.02\n"
        "[tracker]\n"
        "from_trackpy = { search_range = 0.6 }\n"
    )
    a = analyzer_of(read(path))
    assert a.spt_data.dataframe["n"].nunique() == 4
    assert a.tracker.linking == {"search_range": 0.6, "memory": 0}
