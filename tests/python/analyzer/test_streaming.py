"""Sources of which only what is in regions is in memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, first, stages, tessellers
from tramway.errors import InvalidInputError
from tramway.files import read_rwa

REGIONS = [((0.5, 0.5), (1.5, 1.5)), ((2.0, 2.0), (3.0, 3.5))]  # µm


def write_movie(path: Path, tracks: int = 200) -> None:
    """Write tracks of ten localizations in a square of 4 µm."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.05, (tracks, 10, 2))
    places = rng.uniform(0, 4, (tracks, 1, 2)) + steps.cumsum(axis=1)
    x, y = places.reshape(-1, 2).T.round(6)
    time = (np.arange(10 * tracks) % 10) * 0.02
    number = np.repeat(np.arange(1, 1 + tracks), 10)
    table = pd.DataFrame({"n": number, "x": x, "y": y, "t": time})
    table.to_csv(path, sep="\t", index=False, header=False)


def analyzer(path: Path, streaming: bool) -> RWAnalyzer:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(path))
    a.spt_data.localization_precision = 0.01
    a.spt_data.streaming = streaming
    a.roi.from_bounding_boxes(REGIONS)
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = 0.3
    a.mapper.from_plugin("dv")
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer())
    return a


def test_a_pipeline_makes_the_same_of_a_file_that_is_streamed(tmp_path: Path) -> None:
    made = []
    for streaming in (False, True):
        path = tmp_path / str(streaming) / "movie.txt"
        path.parent.mkdir()
        write_movie(path)
        a = analyzer(path, streaming)
        assert len(a.run().done) == 4
        made.append(read_rwa(path.with_suffix(".rwa")))
    whole, streamed = made
    assert len(whole.data) == 2000
    assert streamed.data is None  # they are in the file of data
    for label in ("roi000", "roi001"):
        assert whole[label].record == streamed[label].record
        pd.testing.assert_frame_equal(whole[label].data.points, streamed[label].data.points)
        assert whole[label]["dv"].record == streamed[label]["dv"].record
        pd.testing.assert_frame_equal(whole[label]["dv"].data.maps, streamed[label]["dv"].data.maps)
    # What was made in one way is not made again in the other.
    a.spt_data.streaming = False
    assert len(a.run().skipped) == 4


def test_what_a_source_says_of_all_of_its_data(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    write_movie(path)
    whole, streamed = analyzer(path, False), analyzer(path, True)
    source = first(streamed.spt_data)
    assert source.streaming
    assert streamed.spt_data.streaming
    pd.testing.assert_frame_equal(streamed.spt_data.bounds, whole.spt_data.bounds)
    assert streamed.spt_data.frame_interval == whole.spt_data.frame_interval
    assert len(source.trajectories_of()) < len(whole.spt_data.dataframe)
    assert "streaming=True" in repr(streamed.spt_data)
    assert "streaming" in dir(streamed.spt_data)
    assert "streaming" in streamed.spt_data._repr_html_()
    for a in (whole, streamed):
        a.spt_data.reset_origin()
    shifted = [[r.crop() for r in a.roi.as_support_regions()] for a in (whole, streamed)]
    for ours, theirs in zip(*shifted, strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


def test_regions_can_change(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    write_movie(path)
    whole, streamed = analyzer(path, False), analyzer(path, True)
    for box in (((0, 0), (1, 1)), ((3, 0), (4, 4))):
        for a in (whole, streamed):
            a.roi.from_bounding_boxes([box])
        ours, theirs = (first(a.roi.as_support_regions()).crop() for a in (whole, streamed))
        assert len(ours)
        pd.testing.assert_frame_equal(ours, theirs)


def test_what_would_need_all_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "movie.txt"
    write_movie(path)
    a = analyzer(path, True)
    with pytest.raises(InvalidInputError, match=r"is streamed.*region\.crop\(\)"):
        a.spt_data.dataframe  # noqa: B018
    assert "is streamed" in (a.spt_data.check()[0].error or "")
    a.roi = None
    with pytest.raises(InvalidInputError, match="define regions of interest"):
        first(a.roi.as_support_regions()).crop()
    with pytest.raises(InvalidInputError, match="`streaming` is 1"):
        a.spt_data.streaming = 1  # type: ignore[assignment]
    b = RWAnalyzer()
    b.spt_data.from_dataframe(pd.DataFrame({"n": [1], "x": [0.0], "y": [0.0], "t": [0.0]}))
    with pytest.raises(InvalidInputError, match="only files of `from_ascii_files`"):
        b.spt_data.streaming = True
    assert b.spt_data.streaming is False


PEAK = """
import sys
from pathlib import Path
from tramway.analyzer import RWAnalyzer
a = RWAnalyzer()
a.spt_data.from_files(sys.argv[1])
a.spt_data.streaming = sys.argv[2] == "True"
a.roi.from_bounding_boxes([((1, 1), (2, 2))])
[region] = a.roi.as_support_regions()
region.crop()
# What getrusage tells includes the process that this one was forked from.
[line] = [one for one in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in one]
print(line.split()[1])
"""


def peak(path: Path, streaming: bool) -> int:
    """Peak resident memory of cutting a region out of a file, bytes."""
    command = [sys.executable, "-c", PEAK, str(path), str(streaming)]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return 1024 * int(told)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are told by Linux")
def test_memory_is_that_of_the_regions_not_of_the_file(tmp_path: Path) -> None:
    # In a longer file, the field is larger, and the region as it was.
    paths = []
    for rows in (600_000, 2_000_000):
        rng = np.random.default_rng(0)
        tracks = rows // 20
        start = rng.uniform(0, np.sqrt(tracks / 100), (tracks, 1, 2))
        steps = rng.normal(0, 0.05, (tracks, 20, 2)).cumsum(axis=1)
        x, y = (start + steps).reshape(-1, 2).T
        t = np.tile(np.arange(20) * 0.02, tracks)
        number = np.repeat(np.arange(tracks), 20)
        path = tmp_path / f"{rows}.trxyt"
        table = pd.DataFrame({"n": number, "x": x.round(4), "y": y.round(4), "t": t})
        table.to_csv(path, sep="\t", header=False, index=False)
        paths.append(path)
    short, long = (peak(path, True) for path in paths)
    # The short file fills several pieces, too. Measured, eight runs, two at a time: 163 to 168 MB,
    # and 165 to 173 MB; the whole long file takes 256 MB.
    assert long < short + 32e6
    assert peak(paths[1], False) > short + 60e6
