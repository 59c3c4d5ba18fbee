"""What a run directory says of an analysis."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tramway.analyzer import RWAnalyzer
from tramway.pipeline import Description, Reconstruction
from tramway.runs import NewRun


def test_files_of_regions_are_found_from_any_folder(
    data: Path,
    declare: Callable[..., RWAnalyzer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(data)
    a = declare("a.rpt.txt")
    a.spt_data[0].roi.from_ascii_file("a.rpt-roi.txt")
    expected = a.spt_data[0].roi.bounding_boxes
    with NewRun(tmp_path / "run") as new:
        run = new.finish({**Description(a, []).content, "tables": {}}, None)
    monkeypatch.chdir(tmp_path)
    [item] = Reconstruction(run).analyzer_of(0).spt_data
    assert item.roi.bounding_boxes == expected
    assert len(expected) == 2
