"""Regions of interest, for all sources or for one."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, first, roi, spt_data, stages, tessellers
from tramway.data import Box, Polygon
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
    assert boxes.areas(None) == (Box((0, 2, 4), (1, 3, 5)),)  # type: ignore[arg-type]


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
    still = region.discard_static_trajectories(points, full_trajectory=True)
    assert set(still["n"]) == set(points["n"]) - set(points["n"][~moving])


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
    numbered = list(item.roi.as_individual_roi(return_index=True))
    assert [number for number, _ in numbered] == [0, 0]  # each collection has its own
    assert len(list(item.roi.as_individual_roi(index=0))) == 2


def test_regions_are_written_and_read(a: RWAnalyzer, data: Path, tmp_path: Path) -> None:
    a.roi.from_squares([[0.5, 0.5], [1.5, 1.5]], 0.8)
    item = first(a.spt_data)
    item.roi.to_ascii_file(tmp_path / "r.txt")
    boxes = item.roi.bounding_boxes
    item.roi.from_ascii_file(tmp_path / "r.txt")
    assert item.roi.bounding_boxes == boxes
    item.roi.to_ascii_file(tmp_path / "r.txt", header=False, float_format="%.1f")
    assert (tmp_path / "r.txt").read_text().startswith("0.1\t0.1\t0.9\t0.9\n")


L_SHAPE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
FAR = [(2.1, 2.1), (3, 2.1), (3, 3)]


def test_polygons_and_their_names(a: RWAnalyzer) -> None:
    a.roi.from_polygons([np.array(L_SHAPE), Polygon([[FAR]], "nucleus")])
    item = first(a.spt_data)
    assert [region.label for region in item.roi] == ["roi000", "nucleus"]
    assert item.roi.bounding_boxes == [Box((0, 0), (2, 2)), Box((2.1, 2.1), (3, 3))]
    corner, _ = item.roi
    points = corner.crop()
    assert len(points) > 100
    assert ((points["x"] <= 1) | (points["y"] <= 1)).all()
    assert not points.equals(item.roi.get_support_region(1).crop())
    a.roi = roi.from_polygons([Polygon([[FAR]], "nucleus"), L_SHAPE], label="cell 1")
    assert [region.label for region in item.roi] == ["cell 1 nucleus", "cell 1 001"]
    assert repr(a.roi) == "<ROI: 2 polygons>"


@pytest.mark.parametrize(
    ("polygons", "message"),
    [
        ([], "`polygons` is empty"),
        ([L_SHAPE, [(0, 0), (1, 1)]], r"`polygons\[1\]`: a polygon has 2 different corners"),
        ([3], r"`polygons\[0\]`: .* expected a Polygon, or its corners"),
        ([[(0, 0), (1,)]], r"`polygons\[0\]`: "),
        (["square"], r"`polygons\[0\]`: "),
    ],
)
def test_wrong_polygons(a: RWAnalyzer, polygons: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        a.roi.from_polygons(polygons)


def test_polygons_that_overlap_are_taken_together(a: RWAnalyzer) -> None:
    nook = [(1.1, 1.1), (1.9, 1.1), (1.9, 1.9)]  # within the bounds of the L, not in it
    across = [(1.5, 0.5), (2.5, 0.5), (2.5, 2.5)]
    a.roi.from_polygons([L_SHAPE, nook, across], group_overlapping_roi=True)
    item = first(a.spt_data)
    assert [region.label for region in item.roi] == ["roi000-001-002"]
    a.roi.from_polygons([L_SHAPE, nook, Polygon([[FAR]], "far")], group_overlapping_roi=True)
    assert [region.label for region in item.roi] == ["roi000", "roi001", "far"]
    a.roi.from_bounding_boxes([((1.5, 0.9), (3, 1.05))], "box", group_overlapping_roi=True)
    a.roi.add_collection("polygons", [Polygon([[L_SHAPE]], "L"), Polygon([[nook]])])
    assert [region.label for region in item.roi] == ["box 000 - polygons L", "polygons 001"]
    together = first(item.roi)
    points = together.crop()
    in_box = points["x"].between(1.5, 3) & points["y"].between(0.9, 1.05)
    in_shape = points["x"].between(0, 2) & points["y"].between(0, 2)
    in_shape &= (points["x"] <= 1) | (points["y"] <= 1)
    assert (in_box | in_shape).all()
    assert (in_box & ~in_shape).any()
    assert (in_shape & ~in_box).any()
    a.roi.from_bounding_boxes([((0, 0, 0), (3, 1, 1))], "timed", group_overlapping_roi=True)
    a.roi.add_collection("polygons", [Polygon([[L_SHAPE]])])
    with pytest.raises(InvalidInputError, match="limited in z or time, and some are not"):
        list(item.roi)


def test_regions_in_geojson_files(a: RWAnalyzer, tmp_path: Path) -> None:
    file = tmp_path / "drawn.geojson"
    a.roi.from_polygons([Polygon([[L_SHAPE], [FAR]], "cell"), L_SHAPE])
    item = first(a.spt_data)
    item.roi.to_geojson(file)
    before = [region.areas for region in item.roi]
    a.roi.from_geojson(file)
    # Labels are names: a region that had none has one now.
    assert [region.label for region in item.roi] == ["cell", "roi001"]
    geometries = [[area.geometry for area in region.areas] for region in item.roi]
    assert geometries == [[area.geometry for area in areas] for areas in before]
    a.roi = roi.from_geojson(file, label="one")
    assert [region.label for region in item.roi] == ["one cell", "one roi001"]
    with pytest.raises(InvalidInputError, match="write them by to_geojson"):
        item.roi.to_ascii_file(tmp_path / "r.txt")
    with pytest.raises(InvalidInputError, match=r"`path` is .*ends in \.geojson"):
        a.roi.from_geojson(tmp_path / "r.txt")
    with pytest.raises(InvalidInputError, match="`pixel_size`"):
        a.roi.from_geojson(file, pixel_size=-1)
    a.roi.from_geojson(file, pixel_size=0.1)
    with pytest.raises(InvalidInputError, match="leave out `pixel_size`"):
        list(item.roi)


def test_geojson_files_beside_the_data(a: RWAnalyzer, data: Path) -> None:
    text = (
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [10, 10]}, '
        '"properties": {"radius": 5}}'
    )
    (data / "a.rpt-cells.geojson").write_text(text)
    a.roi = roi.from_geojson_files("cells", pixel_size=0.1, skip_missing=True)
    [region] = a.roi
    assert region.label == "roi000"
    assert region.bounding_box == Box((0.5, 0.5), (1.5, 1.5))
    assert region._item.roi.filepath == str(data / "a.rpt-cells.geojson")
    assert first(a.spt_data) is region._item
    with pytest.raises(InvalidInputError, match="no data file has a file of regions"):
        a.roi.from_geojson_files("nothing", pixel_size=0.1)
    with pytest.raises(InvalidInputError, match=r"`extension` is '\.txt'"):
        a.roi.from_geojson_files("cells", ".txt")


def test_polygons_are_recorded(a: RWAnalyzer) -> None:
    a.spt_data.from_dataframe(first(a.spt_data).dataframe)
    a.roi.from_polygons([Polygon([[L_SHAPE], [FAR]], "cell")])
    a.tesseller = tessellers.Hexagons
    a.pipeline.append_stage(stages.tessellate())
    a.run()
    [before] = a.roi
    item = first(a.spt_data)
    a.roi.from_dedicated_rwa_records()
    [after] = item.roi
    assert after.crop().equals(before.crop())
    assert item.get_sampling("cell").data.param["roi"]["label"] == "cell"
    assert (
        before.add_metadata(item.get_sampling("cell").data).param["roi"]
        == (item.get_sampling("cell").data.param["roi"])
    )


def test_pictures_show_the_polygons(a: RWAnalyzer) -> None:
    hole = [(0.2, 0.2), (0.6, 0.2), (0.6, 0.6)]
    a.roi.from_polygons([Polygon([[L_SHAPE, hole], [FAR]], "cell")])
    axes = first(a.spt_data).mpl.plot()
    [patch] = axes.patches
    drawn = patch.get_path()
    assert len(drawn.vertices) == 7 + 4 + 4
    assert [text.get_text() for text in axes.texts] == ["cell"]
