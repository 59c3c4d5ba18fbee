"""Cells of space in segments of time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tramway.errors import InvalidInputError
from tramway.tessellation import (
    Partition,
    TimeSegments,
    hexagons,
    nearest_cell,
    sample_nearest,
    sliding_window,
    squares,
    time_segments,
)

FRAME = 0.05


@settings(deadline=None)  # the first call loads what the others use
@given(
    frames=st.lists(st.integers(0, 400), min_size=1, max_size=60),
    duration=st.integers(1, 100),
    overlap=st.integers(0, 99),
    start=st.floats(0, 1e4),
)
def test_every_time_is_in_as_many_segments_as_it_should(
    frames: list[int], duration: int, overlap: int, start: float
) -> None:
    # Times and bounds are multiples of a frame, with rounding: counted in whole frames, exactly.
    shift = max(1, duration - overlap)
    times = start + FRAME * np.array(frames)
    intervals = sliding_window(times, duration=FRAME * duration, shift=FRAME * shift)
    segments = time_segments(squares([(0, 0), (1, 1)], resolution=1), intervals)
    first, last = min(frames), max(frames)
    found = segments.members(times)
    for number, members in enumerate(found):
        begin, end = first + number * shift, first + number * shift + duration
        is_last = number == len(found) - 1
        expected = [
            row
            for row, frame in enumerate(frames)
            if begin <= frame < end or (is_last and frame == end)
        ]
        assert members.tolist() == expected
    assert set(np.concatenate(found)) == set(range(len(frames)))
    # One segment less would not reach the last time.
    assert len(found) == 1 or first + (len(found) - 2) * shift + duration < last


def test_cells_are_those_of_space_in_each_segment() -> None:
    cells = squares([(0, 0, 0), (2, 1, 1)], resolution=1)  # two cubes
    segments = time_segments(cells, [[0, 1], [0.5, 1.5], [1, 2]])
    assert isinstance(segments, TimeSegments)
    assert (segments.n_segments, segments.n_cells, segments.dim) == (3, 6, 3)
    np.testing.assert_array_equal(segments.cell_centers[2:4], cells.cell_centers)
    np.testing.assert_array_equal(segments.cell_volume, np.ones(6))
    assert segments.middles.tolist() == [0.5, 1.0, 1.5]
    expected = np.kron(np.eye(3), cells.cell_adjacency.toarray())
    np.testing.assert_array_equal(segments.cell_adjacency.toarray(), expected)


def test_a_place_alone_is_in_no_segment() -> None:
    segments = time_segments(hexagons([(0, 0), (1, 1)], resolution=1), [[0, 1]])
    with pytest.raises(InvalidInputError, match="positions alone do not tell the time segment"):
        nearest_cell([(0, 0)], segments)


@pytest.mark.parametrize(
    ("duration", "shift", "message"),
    [
        (0, None, "`duration` is 0, expected a time above 0"),
        (np.nan, None, "`duration` is nan"),
        (1, 1.5, "`shift` is 1.5, .* at most the `duration` 1: what lies between"),
        (1, -1, "`shift` is -1"),
        (1e-6, None, "expected at most a million segments: are the times in s"),
    ],
)
def test_windows_that_make_no_sense(duration: float, shift: float | None, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        sliding_window([0.0, 100.0], duration=duration, shift=shift)


@pytest.mark.parametrize(
    ("intervals", "message"),
    [
        ([], "has shape"),
        ([[0, 1, 2]], r"expected \(n_segments, 2\)"),
        ([[1, 1]], "in ascending order"),
        ([[0, 3], [1, 2]], "in ascending order"),
        ([[0, np.inf]], "finite"),
    ],
)
def test_intervals_that_make_no_sense(intervals: list[list[float]], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        time_segments(hexagons([(0, 0), (1, 1)], resolution=1), intervals)
    with pytest.raises(InvalidInputError, match="empty"):
        sliding_window([], duration=1)


def test_a_segment_of_a_partition_is_a_partition_of_space() -> None:
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.random((200, 2)), columns=["x", "y"])
    points["t"] = rng.random(200)
    points[["dx", "dy", "dt"]] = [0.1, 0.1, FRAME]
    cells = squares(points[["x", "y"]], count_per_dim=[3, 2])
    segments = time_segments(cells, sliding_window(points["t"], duration=0.4, shift=0.3))
    partition = sample_nearest(points, segments)
    assert partition.is_overlapping
    for number, members in enumerate(segments.members(points["t"])):
        part = partition.segment(number)
        assert part.tessellation is cells
        pd.testing.assert_frame_equal(part.points, points.iloc[members].reset_index(drop=True))
        expected = nearest_cell(points.loc[members, ["x", "y"]], cells)
        np.testing.assert_array_equal(part.cells, expected)
        assert part.point_index is None
    for wrong in (-1, 3):
        with pytest.raises(InvalidInputError, match=f"`segment` is {wrong}, .* from 0 to 2"):
            partition.segment(wrong)
    plain = Partition(points, cells, nearest_cell(points[["x", "y"]], cells))
    with pytest.raises(InvalidInputError, match="the partition has no time segments"):
        plain.segment(0)


def test_rounding_noise_is_not_before_the_segment_that_it_is_in() -> None:
    times = np.array([0.05, 10.049999999999986, 10.05, 12.0])
    intervals = sliding_window(times, duration=5)
    begin = intervals[2, 0]
    assert begin == times[1] == intervals[1, 1]
    np.testing.assert_allclose(intervals[:, 0], [0.05, 5.05, 10.05])
