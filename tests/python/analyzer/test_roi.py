"""Regions of interest, for all sources or for one."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, first, roi, spt_data, tessellers
from tramway.data import Box
from tramway.errors import FileFormatError, InvalidInputError, MissingResultError


@pytest.fixture
def a(data: Path) -> RWAnalyzer:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    return a


def test_without_definition_each_source_is_one_region(a: RWAnalyzer) -> None:
    regions = list(a.roi.as_support_regions())
    assert [region.label for region in regions] == ["full", "full"]
    assert [region.source for region in regions] == a.spt_data.filepaths
    # As in the original, all localizations: 60 tracks of 15; each has 14 translocations.
    assert [len(region.crop()) for region in regions] == [60 * 15] * 2
    a.tesseller = tessellers.Hexagons
    assert [len(a.sampler.sample(region.crop()).points) for region in regions] == [60 * 14] * 2
    assert a.spt_data[0].roi.filepath is None


@pytest.mark.parametrize("joiner", ["", "-", "_"])
def test_files_beside_the_data_have_any_joiner(a: RWAnalyzer, data: Path, joiner: str) -> None:
    (data / "b.rpt-roi.txt").rename(data / f"b.rpt{joiner}roi.txt")
    a.roi.from_ascii_files(suffix="roi")
    assert [f.roi.filepath for f in a.spt_data] == [
        str(data / "a.rpt-roi.txt"),
        str(data / f"b.rpt{joiner}roi.txt"),
    ]
    assert [region.label for region in a.spt_data[1].roi] == ["roi000", "roi001"]


def test_a_missing_file_names_the_paths_tried(a: RWAnalyzer, data: Path) -> None:
    (data / "b.rpt-roi.txt").unlink()
    a.roi.from_ascii_files()
    tried = r"b\.rptroi\.txt, .*b\.rpt-roi\.txt, .*b\.rpt_roi\.txt"
    with pytest.raises(InvalidInputError, match=tried):
        a.spt_data[1].roi.filepath  # noqa: B018
    with pytest.raises(InvalidInputError, match="no region file beside"):
        list(a.roi)
    a.roi.from_ascii_files(skip_missing=True)
    assert a.spt_data[1].roi.filepath is None
    assert [region.source for region in a.roi] == [str(data / "a.rpt.txt")] * 2


def test_a_wrong_suffix_is_an_error_where_it_is_set(a: RWAnalyzer, data: Path) -> None:
    a.roi.from_ascii_files()
    before = a.roi.definition
    told = (
        r"`suffix` is 'rio', .*looked for .*a\.rptrio\.txt, .*a\.rpt-rio\.txt, .*a\.rpt_rio\.txt; "
        r"what is there and begins like a\.rpt\.txt: a\.rpt-roi\.txt$"
    )
    for options in ({}, {"skip_missing": True}):
        with pytest.raises(InvalidInputError, match=told):
            a.roi.from_ascii_files("rio", **options)
    with pytest.raises(InvalidInputError, match="`suffix` is 'rio'"):
        a.roi.from_ascii_files(["roi", "rio"])
    with pytest.raises(InvalidInputError, match="`suffix` is 'rio'"):
        a.spt_data[0].roi.from_ascii_files("rio")
    assert a.roi.definition == before
    # Where the data are not known yet, and where each has regions of its own, it is no mistake yet.
    RWAnalyzer().roi.from_ascii_files("rio")
    for source in a.spt_data:
        source.roi.from_bounding_boxes([[(0, 0), (1, 1)]])
    a.roi.from_ascii_files("rio")


def test_a_wrong_file_is_named(a: RWAnalyzer, data: Path) -> None:
    (data / "b.rpt-roi.txt").write_text("x min\tx max\ty min\ty max\n0\t1\n")
    a.roi.from_ascii_files()
    with pytest.raises(FileFormatError, match=r"b\.rpt-roi\.txt, line 2"):
        list(a.roi)


def test_tables_have_no_file_beside_them(a: RWAnalyzer) -> None:
    a.spt_data = spt_data.from_dataframe(a.spt_data[0].dataframe)
    a.roi.from_ascii_files()
    with pytest.raises(InvalidInputError, match="dataframe 0 is no file"):
        list(a.roi)


def test_one_source_can_have_its_own(a: RWAnalyzer, data: Path) -> None:
    a.roi.from_squares(np.array([[1.0, 1.0]]), 1.0)
    a.spt_data[1].roi.from_ascii_file(data / "b.rpt-roi.txt", label="cell")
    assert [region.label for region in a.roi] == ["roi000", "cell 000", "cell 001"]
    assert a.spt_data[1].roi.filepath == str(data / "b.rpt-roi.txt")
    assert a.roi.bounding_boxes[str(data / "a.rpt.txt")] == [Box((0.5, 0.5), (1.5, 1.5))]


@pytest.mark.parametrize(
    "bb",
    [
        [(np.array([0, 1]), np.array([2, 3]))],
        [Box((0, 1), (2, 3))],
        pd.DataFrame({"y min": [1.0], "y max": [3.0], "x min": [0.0], "x max": [2.0]}),
    ],
    ids=["pairs", "boxes", "table"],
)
def test_bounding_boxes_in_any_form(a: RWAnalyzer, bb: roi.Boxes) -> None:
    a.roi = roi.from_bounding_boxes(bb)
    assert a.spt_data[0].roi.bounding_boxes == [Box((0.0, 1.0), (2.0, 3.0))]


def test_bounds_on_time() -> None:
    table = pd.DataFrame({"x min": [0], "x max": [1], "y min": [2], "y max": [3]})
    boxes = roi.from_bounding_boxes(table.assign(**{"t min": 4, "t max": 5})).definition
    assert boxes is not None
    assert boxes.boxes(None) == (Box((0, 2, 4), (1, 3, 5)),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bb", "message"),
    [
        ([], "`bb` is empty"),
        ([1.0], r"`bb\[0\]` is 1\.0, expected a pair"),
        ([((0, 0), (1, -1))], "lower bound that is not above"),
        (pd.DataFrame({"x min": [0], "x max": [1]}), "expected x max, x min, y max, y min"),
    ],
)
def test_wrong_boxes(bb: object, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        roi.from_bounding_boxes(bb)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options", [{"size": -1.0}, {"suffix": ""}, {"label": 3}, {"skip_missing": "yes"}]
)
def test_wrong_options(options: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match=f"`{next(iter(options))}` is"):
        roi.from_ascii_files(**options)  # type: ignore[arg-type]


def test_choosing_regions(a: RWAnalyzer, data: Path) -> None:
    a.roi.from_ascii_files()
    last = a.roi.as_support_regions(index=1, source=str(data / "b.rpt.txt"), return_index=True)
    assert [(i, region.label, region.source) for i, region in last] == [
        (1, "roi001", str(data / "b.rpt.txt"))
    ]
    f = a.spt_data[0]
    assert [region.label for region in f.roi.as_individual_roi({0, 1})] == ["roi000", "roi001"]
    assert [region.label for region in f.roi.as_support_regions(lambda i: i > 0)] == ["roi001"]
    assert f.roi.get_support_region(1).label == "roi001"
    assert list(f.roi.as_support_regions([2, -1, "roi"])) == []
    with pytest.raises(MissingResultError, match="has no region 2, only 0 to 1"):
        f.roi.get_support_region(2)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_regions_come_in_the_order_asked(a: RWAnalyzer, data: Path, kind: Any) -> None:
    a.roi.from_squares([[0, 0], [1, 1], [2, 2], [3, 3]], 1.0)
    found = a.spt_data[0].roi.as_individual_roi(index=kind([3, 2, 1, 0]), return_index=True)
    assert [(i, region.label) for i, region in found] == [(i, f"roi00{i}") for i in (3, 2, 1, 0)]
    paths = [str(data / "b.rpt.txt"), str(data / "a.rpt.txt")]
    everywhere = a.roi.as_individual_roi(index=kind([2, 0]), source=kind(paths))
    assert [(region.source, region.label) for region in everywhere] == [
        (path, label) for path in paths for label in ("roi002", "roi000")
    ]


def test_cropping_and_static_translocations(a: RWAnalyzer) -> None:
    a.roi.from_ascii_files()
    region = next(iter(a.roi))
    points = region.crop()
    assert points["x"].between(0, 1.5).all()
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.localization_precision"):
        region.discard_static_trajectories(points)
    a.spt_data.localization_precision = 0.05
    moving = (points["dx"] ** 2 + points["dy"] ** 2) / 2 >= 0.05**2  # the definition
    pd.testing.assert_frame_equal(
        region.discard_static_trajectories(points), points[moving].reset_index(drop=True)
    )


def test_regions_that_overlap_are_taken_together(a: RWAnalyzer, data: Path) -> None:
    boxes = [((0, 0), (1, 1)), ((2, 2), (3, 3)), ((0.9, 0.5), (1.8, 1)), ((0, 2), (0.5, 3))]
    a.roi.from_bounding_boxes(boxes, group_overlapping_roi=True)
    item = first(a.spt_data)
    regions = list(item.roi.as_support_regions())
    # As the original labels them.
    assert [region.label for region in regions] == ["roi000-002", "roi001", "roi003"]
    assert [r.label for r in item.roi.as_individual_roi()] == [f"roi00{i}" for i in range(4)]
    lower, upper = regions[0].bounding_box
    assert [*lower, *upper] == [0, 0, 1.8, 1]
    points = regions[0].crop()
    inside = [
        points["x"].between(low[0], high[0]) & points["y"].between(low[1], high[1])
        for low, high in (boxes[0], boxes[2])
    ]
    assert (inside[0] | inside[1]).all()
    assert item.roi.get_support_region(2, "").label == "roi000-002"


def test_several_collections(a: RWAnalyzer, data: Path) -> None:
    item = first(a.spt_data)
    item.roi.from_bounding_boxes([((0, 0), (1, 1))], "one")
    item.roi.add_collection("two", [((0.5, 0), (2, 1))])
    assert [region.label for region in item.roi] == ["one 000", "two 000"]
    with pytest.raises(InvalidInputError, match="another collection has"):
        item.roi.add_collection("two", [((0.5, 0), (2, 1))])
    item.roi.from_bounding_boxes([((0, 0), (1, 1))], "one", group_overlapping_roi=True)
    item.roi.add_collection("two", [((0.5, 0), (2, 1))])
    assert [region.label for region in item.roi] == ["one 000 - two 000"]


def test_regions_are_written_and_read(a: RWAnalyzer, data: Path, tmp_path: Path) -> None:
    a.roi.from_squares([[0.5, 0.5], [1.5, 1.5]], 0.8)
    item = first(a.spt_data)
    item.roi.to_ascii_file(tmp_path / "r.txt")
    boxes = item.roi.bounding_boxes
    item.roi.from_ascii_file(tmp_path / "r.txt")
    assert item.roi.bounding_boxes == boxes
