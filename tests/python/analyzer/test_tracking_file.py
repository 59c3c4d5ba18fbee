"""Files of tracking programs as data of an analyzer."""

import json
from pathlib import Path

import numpy as np
import pytest
from tracking_samples import MOVIE, SAMPLES

from tramway.analyzer import RWAnalyzer, spt_data, stages, tessellers, tracker
from tramway.errors import InvalidInputError


def test_formats_can_be_mixed(tmp_path: Path) -> None:
    for name in ("trackmate", "spoton", "trackedpar", "text"):
        SAMPLES[name].write(tmp_path)
    a = RWAnalyzer()
    a.spt_data.from_files(tmp_path / "*.*")
    assert {f.facts.format for f in a.spt_data} == {"trackmate", "spoton", "trackedpar", "text"}
    for f in a.spt_data:
        np.testing.assert_allclose(f.dataframe["x"], MOVIE["x"])
        assert f.frame_interval == pytest.approx(0.02)


def test_units_are_settings_of_all_or_of_one(tmp_path: Path) -> None:
    SAMPLES["mosaic"].write(tmp_path)
    SAMPLES["evalspt"].write(tmp_path)
    a = RWAnalyzer()
    a.spt_data.from_files(tmp_path / "*")
    a.spt_data.frame_interval = 0.02
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.pixel_size"):
        a.spt_data[0].dataframe  # noqa: B018
    a.spt_data.pixel_size = 0.1
    np.testing.assert_allclose(a.spt_data[0].dataframe["x"], MOVIE["x"])
    a.spt_data[1].pixel_size = 0.2
    np.testing.assert_allclose(a.spt_data[1].dataframe["x"], 2 * MOVIE["x"])
    np.testing.assert_allclose(a.spt_data[0].dataframe["x"], MOVIE["x"])


def test_pixel_size_is_not_that_of_text_files(tmp_path: Path) -> None:
    SAMPLES["text"].write(tmp_path)
    found = spt_data.from_ascii_files(tmp_path / "*")
    with pytest.raises(InvalidInputError, match="set `coord_scale`"):
        found.pixel_size = 0.1
    with pytest.raises(InvalidInputError, match="`pixel_size` is 0, expected"):
        spt_data.from_files(tmp_path / "*").pixel_size = 0


def test_reader_and_its_options_can_be_named(tmp_path: Path) -> None:
    path = SAMPLES["csv"].write(tmp_path)
    found = spt_data.from_files(path, format="csv", columns={"n": "Molecule"})
    assert found.dataframe["n"].nunique() == 3
    with pytest.raises(InvalidInputError, match="no option `column`"):
        spt_data.from_files(path, format="csv", column={}).dataframe  # noqa: B018


def test_localizations_are_linked(tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    a = RWAnalyzer()
    a.tracker.from_trackpy(search_range=0.6, memory=1)
    a.spt_data = spt_data.from_files(SAMPLES["thunderstorm"].write(tmp_path))
    a.spt_data.frame_interval = 0.02
    assert a.spt_data.dataframe["n"].nunique() == 3
    a.tracker = tracker.from_trackpy(search_range=1e-4)
    assert repr(a.tracker) == "<Tracker: from_trackpy(search_range=0.0001, memory=0)>"
    assert a.spt_data.dataframe["n"].nunique() == len(MOVIE)
    with pytest.raises(InvalidInputError, match="`search_range` is -1"):
        a.tracker.from_trackpy(search_range=-1)


def test_an_analysis_of_localizations_in_other_processes(tmp_path: Path) -> None:
    """The way tracks are linked, and the units, travel with the run."""
    pytest.importorskip("trackpy")
    from tramway.analyzer import environments

    path = SAMPLES["thunderstorm"].write(tmp_path)
    a = RWAnalyzer()
    a.spt_data.from_files(path)
    a.spt_data.frame_interval = 0.02
    a.tracker.from_trackpy(search_range=0.6, memory=1)
    a.tesseller = tessellers.Hexagons(resolution=2.0)
    a.mapper.from_plugin("d")
    a.env = environments.LocalHost(worker_count=1)
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer())
    a.run()
    partition = a.spt_data[0].get_sampling().data
    assert (
        partition.location_count.sum() == len(MOVIE) - 3
    )  # a step less than localizations in each track
    assert path.with_suffix(".rwa").is_file()


def test_check_tells_what_there_is_and_what_to_write(tmp_path: Path) -> None:
    path = SAMPLES["swift"].write(tmp_path)
    a = RWAnalyzer()
    a.spt_data.from_files(path)
    [found] = a.spt_data.check()
    assert "set a.spt_data.frame_interval" in found.error
    assert found.facts.localizations == 18
    assert "a.spt_data.frame_interval = …  # s" in found.script()
    a.spt_data.frame_interval = 0.02
    [found] = a.spt_data.check()
    assert found.error is None
    assert (found.format, found.localizations, found.tracks) == ("swift", 18, 3)
    assert "a.spt_data.frame_interval = 0.02" in found.script()
    assert json.loads(json.dumps(found.to_dict()))["facts"]["length_unit"] == "nm"
    assert "18 localizations, 3 tracks" in repr(a.spt_data.check())


def test_check_reports_what_was_mended(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_text("frame,t,trajectory,x,y\n0,0,1,0,0\n1,0.1,1,nan,0\n2,0.2,1,1,1\n")
    [found] = spt_data.from_files(path).check()
    assert found.warnings == ["1 localizations without finite coordinates and time were left out"]


def test_check_of_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_text("hello\n")
    [found] = spt_data.from_files(path).check()
    assert "which no reader knows" in found.error
    assert found.quality is None
