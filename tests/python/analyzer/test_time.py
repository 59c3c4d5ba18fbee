"""Time segments of an analysis."""

import time as python_time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, sampler, tessellers, time
from tramway.data import translocations
from tramway.errors import DataQualityWarning, InvalidInputError, UnknownAttributeError
from tramway.files import read_rwa
from tramway.tessellation import TimeSegments

Movie = Callable[..., pd.DataFrame]


@pytest.fixture
def minute(movie: Movie) -> pd.DataFrame:
    """Tracks that begin all over two seconds, in frames of 0.02 s."""
    table = movie(0)
    table["t"] += 0.02 * (table["n"] % 100)
    return table


def test_segments_of_a_sampling(minute: pd.DataFrame) -> None:
    a = RWAnalyzer()
    assert not a.time.initialized
    a.tesseller = tessellers.Hexagons(resolution=1)
    a.mapper.from_plugin("d")
    a.time = time.SlidingWindow(0.5)
    points = translocations(minute)
    sampling = a.sampler.sample(points)
    assert isinstance(sampling.tessellation, TimeSegments)
    assert sampling.param["time_window"] == {"duration": 0.5, "unit": "s"}
    assert (sampling.cells >= 0).all()  # no translocation is lost
    count = a.time.n_time_segments(sampling)
    intervals = a.time.get_time_segments(sampling)
    assert intervals[0, 0] == points["t"].min()
    assert intervals[-2, 1] < points["t"].max() <= intervals[-1, 1]
    spatial = a.time.get_spatial_segmentation(sampling)
    assert sampling.tessellation.n_cells == count * spatial.n_cells

    maps = a.mapper.infer(sampling, 0.02)
    total = 0
    for index, (start, end), part, part_maps in a.time.as_time_segments(
        sampling, maps, return_index=True
    ):
        assert (start, end) == tuple(intervals[index])
        assert part.points["t"].between(start, end).all()
        # Without a prior, a segment is mapped as if it were alone.
        alone = a.mapper.infer(part, 0.02)
        pd.testing.assert_frame_equal(part_maps.maps, alone.maps)
        total += len(part.points)
    assert total == len(points)
    parts = [part.points for part in a.time.as_time_segments(sampling, return_times=False)]
    assert len(parts) == count
    for index, expected in (([1, 0], [1, 0]), ({0, 1}, [0, 1]), (lambda number: number > 0, None)):
        chosen = a.time.as_time_segments(sampling, index=index, return_index=True)
        numbers = list(range(1, count)) if expected is None else expected
        assert [number for number, *_ in chosen] == numbers
    with pytest.raises(InvalidInputError, match="`segment` is 99"):
        list(a.time.as_time_segments(sampling, index=99))
    a.time = None
    plain = a.sampler.sample(points)
    with pytest.raises(InvalidInputError, match="the sampling has no time segments"):
        a.time.n_time_segments(plain)


def test_windows_in_frames(minute: pd.DataFrame) -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Hexagons(resolution=1)
    a.time.from_sliding_window(30, shift=15, unit="frame")
    sampling = a.sampler.sample(translocations(minute))
    intervals = a.time.get_time_segments(sampling)
    np.testing.assert_allclose(np.diff(intervals, axis=1), 0.6)
    np.testing.assert_allclose(np.diff(intervals[:, 0]), 0.3)
    a.mapper.from_plugin("d")
    with pytest.warns(DataQualityWarning, match="counted more than once"):
        assert a.mapper.infer(sampling, 0.02).cells_per_translocation > 1.5


def test_mistakes_are_told_at_once() -> None:
    a = RWAnalyzer()
    with pytest.raises(InvalidInputError, match=r"`shift` is 2\.0, expected .* at most"):
        a.time.from_sliding_window(1, shift=2)
    with pytest.raises(InvalidInputError, match="`unit` is 'ms', expected 's' or 'frame'"):
        a.time.from_sliding_window(1, unit="ms")  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="needs arguments: call it, SlidingWindow"):
        a.time = time.SlidingWindow
    with pytest.raises(InvalidInputError, match="needs a `duration`"):
        a.time.from_plugin("window")
    with pytest.raises(UnknownAttributeError, match=r"no time window is chosen: a\.time = time\."):
        RWAnalyzer().time.duration = 1


def test_a_run_in_time_segments(declare: Callable[..., RWAnalyzer], data: Path) -> None:
    def segmented() -> RWAnalyzer:
        a = declare("a.rpt.txt")
        a.time = time.SlidingWindow(0.15)
        return a

    a = segmented()
    assert len(a.run().done) == 4
    assert len(segmented().run().skipped) == 4
    for region in a.spt_data[0].roi:
        sampling = region.get_sampling()
        maps = sampling.get_child()
        assert a.time.n_time_segments(sampling) == 2  # of 0.28 s
        parts = list(a.time.as_time_segments(sampling, maps, return_times=False))
        assert len(maps.data) == sum(len(part_maps) for _, part_maps in parts)
        with pytest.raises(InvalidInputError, match="`segment` is not set"):
            a.mapper.mpl.plot(maps, "diffusivity")
        a.mapper.mpl.plot(maps, "diffusivity", segment=1)
    # Another window makes other samplings.
    b = segmented()
    b.time.duration = 0.2
    assert len(b.run().done) == 4
    tree = read_rwa(data / "a.rpt.rwa")
    assert tree["roi000"].data.tessellation.intervals[0, 1] == pytest.approx(0.2)


def test_a_run_with_another_sampler(declare: Callable[..., RWAnalyzer], data: Path) -> None:
    a = declare("a.rpt.txt")
    a.tesseller.resolution = 0.4
    a.sampler = sampler.Knn(40)
    summary = a.run()
    notes = [note for record in summary.records for note in record.notes]
    assert sum("cells overlap" in note for note in notes) == 2
    partition = read_rwa(data / "a.rpt.rwa")["roi000"].data
    assert partition.location_count.min() >= 40
    assert partition.param["partition"]["knn"] == 40
    assert len(declare("a.rpt.txt").run().done) == 4  # the default sampler makes another sampling


def test_segments_begin_when_they_are_told_to(minute: pd.DataFrame) -> None:
    a = RWAnalyzer()
    a.spt_data.from_dataframes([minute, minute.assign(t=minute["t"] + 0.3)])
    a.time.from_sliding_window(0.5)
    cells = tessellers.Hexagons(resolution=1).tessellate(translocations(minute))
    later = translocations(a.spt_data[1].dataframe)
    assert a.time.segment(later, cells).intervals[0, 0] == later["t"].min()
    a.time.sync_start_times()
    assert a.time.segment(later, cells).intervals[0, 0] == minute["t"].min()
    assert a.time.settings()["parameters"]["start_time"] == minute["t"].min()
    a.time.start_time = 0.1
    assert a.time.segment(later, cells).intervals[0, 0] == 0.1


def test_maps_of_segments_are_put_together(minute: pd.DataFrame) -> None:
    a = RWAnalyzer()
    a.spt_data.from_dataframe(minute)
    a.spt_data.localization_precision = 0.02
    a.tesseller = tessellers.Hexagons(resolution=1)
    a.mapper.from_plugin("d")
    a.time = time.SlidingWindow(0.5)
    region = next(a.roi.as_support_regions())
    node = region.add_sampling(a.sampler.sample(region.crop()))
    whole = a.mapper.infer(node).data
    for times, part in a.time.as_time_segments(node):
        maps = a.mapper.infer(part)
        node.add(maps, a.time.segment_label("d", times))
    made = a.time.combine_segments("d", node)
    assert node.labels == ["d"]
    pd.testing.assert_series_equal(made.data.maps["diffusivity"], whole.maps["diffusivity"])


def test_the_name_of_the_module_has_what_pythons_own_has() -> None:
    assert time.monotonic() <= time.monotonic()
    with pytest.raises(AttributeError, match=r"tramway\.analyzer\.time.*'sleeep'"):
        time.sleeep(1)
    for name in set(dir(python_time)) & set(dir(time)):
        assert name.startswith("__"), f"{name} is there twice"
