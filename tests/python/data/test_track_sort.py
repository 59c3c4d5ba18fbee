"""Rows that are sorted by track on the disk."""

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tramway.data import track_sort


@pytest.mark.parametrize("rows", [1, 7, 100_000])
def test_blocks_are_whole_tracks_in_order(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_sort, "_ROWS", rows)
    rng = np.random.default_rng(2)
    number = np.concatenate([rng.integers(-5, 40, 500), np.full(60, 7)])
    table = {"n": number, "x": rng.random(560), "frame": np.arange(560)}
    ends = [0, 3, 3, 200, 410, 560]
    pieces = [{name: values[a:b] for name, values in table.items()} for a, b in pairwise(ends)]
    blocks = list(track_sort.sorted_by_track(pieces))
    tracks = [set(block["n"]) for block in blocks]
    assert sum(map(len, tracks)) == len(set(number))  # no track is in two
    assert len(blocks) > 1 or rows > 560
    order = np.argsort(number, kind="stable")
    for name, values in table.items():
        joined = np.concatenate([block[name] for block in blocks])
        np.testing.assert_array_equal(joined, values[order])
        assert joined.dtype == (np.int64 if name == "n" else np.float64)


def test_nothing_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert list(track_sort.sorted_by_track([])) == []
    blocks = track_sort.sorted_by_track([{"n": np.array([2, 1]), "x": np.zeros(2)}])
    next(blocks)
    assert len(list(tmp_path.iterdir())) == 1
    blocks.close()  # whoever reads them may stop before the end
    assert list(tmp_path.iterdir()) == []
