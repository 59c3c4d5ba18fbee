import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.data import Box, Polygon, read_geojson, write_geojson
from tramway.errors import FileFormatError, InvalidInputError

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[2, 2], [2, 4], [4, 4], [4, 2], [2, 2]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "regions.geojson"


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def write(file: Path, *features: Any, **more: Any) -> Path:
    content = {"type": "FeatureCollection", "features": features, **more}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_all_kinds_of_regions_in_pixels(file: Path) -> None:
    far = [[20, 0], [30, 0], [20, 10], [20, 0]]
    write(
        file,
        feature("Polygon", [SQUARE, HOLE], name="nucleus", objectType="annotation"),
        feature("MultiPolygon", [[SQUARE], [far]]),
        feature("Point", [5, 5], radius=2, name="spot"),
    )
    nucleus, both, spot = read_geojson(file, pixel_size=0.5)
    assert [region.name for region in (nucleus, both, spot)] == ["nucleus", None, "spot"]
    assert nucleus.upper == (5, 5)
    assert nucleus.contains(np.array([[0.5, 0.5], [1.5, 1.5]])).tolist() == [True, False]
    assert (len(both.parts), both.upper) == (2, (15, 5))
    assert spot.contains(np.array([[2.5, 3.4], [3.4, 3.4]])).tolist() == [True, False]
    x, y = np.array(spot.parts[0][0]).T
    area = 0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    assert area == pytest.approx(np.pi, rel=5e-4)  # of a disc of 1 µm


def test_one_feature_and_a_list_of_them(file: Path) -> None:
    one = feature("Polygon", [SQUARE])
    for content in (one, [one]):  # a list is what QuPath writes without a collection
        file.write_text("\ufeff" + json.dumps(content), encoding="utf-8")
        assert [region.upper for region in read_geojson(file, 1)] == [(10, 10)]
    assert read_geojson(write(file), 1) == []


def test_the_unit_is_asked_for_unless_the_file_says_it(file: Path) -> None:
    write(file, feature("Polygon", [SQUARE]))
    with pytest.raises(InvalidInputError, match="pass `pixel_size`, the size of a pixel in µm"):
        read_geojson(file)
    with pytest.raises(InvalidInputError, match="`pixel_size` is -1"):
        read_geojson(file, -1)
    write(file, feature("Polygon", [SQUARE]), unit="µm")
    assert read_geojson(file)[0].upper == (10, 10)
    with pytest.raises(InvalidInputError, match="leave out `pixel_size`"):
        read_geojson(file, 0.1)
    with pytest.raises(FileFormatError, match="the unit is 'nm', expected µm"):
        read_geojson(write(file, unit="nm"))


def test_what_is_written_is_read(file: Path) -> None:
    regions = [
        Polygon([[SQUARE, HOLE]], "nucleus"),
        Polygon([[SQUARE], [np.array(HOLE) + 20.1]]),  # type: ignore[list-item]
    ]
    write_geojson(file, regions)
    assert read_geojson(file) == regions
    write_geojson(file, [Box((0, 0), (1 / 3, 1))], ["left"])
    [left] = read_geojson(file)
    assert (left.name, left.lower, left.upper) == ("left", (0, 0), (1 / 3, 1))
    with pytest.raises(InvalidInputError, match="limited in z or time"):
        write_geojson(file, [Box((0, 0, 0), (1, 1, 1))])
    with pytest.raises(InvalidInputError, match="`names` are 0, expected one for each of 1"):
        write_geojson(file, [Box((0, 0), (1, 1))], [])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (feature("LineString", SQUARE, name="axon"), r"feature 2 \('axon'\): .*'LineString'"),
        (feature("MultiPoint", SQUARE), "feature 2: its geometry is 'MultiPoint'"),
        (feature("Point", [1, 2]), "`radius` among its properties is None"),
        (feature("Point", [1, 2], radius=-1), "`radius` among its properties is -1"),
        (feature("Polygon", [[[0, 0], [1, 1], [2, 2], [0, 0]]]), "all on one straight line"),
        (feature("Polygon", SQUARE), "a corner is 0, expected two numbers"),
        (feature("Polygon", [[[0, 0, 5]]]), r"a corner is \[0, 0, 5\]"),
        (feature("Polygon", [[["0", True]]]), r"a corner is \['0', True\]"),
        (feature("Polygon", []), "no outline"),
        (feature("Polygon", None), "among its coordinates is 'None'"),
        (feature("Polygon", [[[0, 0], [10**400, 0], [0, 1]]]), "feature 2: "),
        (feature("Polygon", [SQUARE], name="first"), "feature 1 has the same name"),
        (feature("Polygon", [SQUARE], name="a/b"), "without a slash"),
        ({"type": "Feature", "geometry": None}, "its geometry is 'None'"),
        ({"type": "Polygon"}, "expected a Feature"),
        (7, "feature 2: 7, expected a Feature"),
    ],
)
def test_errors_name_file_and_feature(file: Path, wrong: Any, message: str) -> None:
    write(file, feature("Polygon", [SQUARE], name="first"), wrong)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_geojson(file, 1)
    assert f"{file}, feature 2" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"a": NaN}', b"3", b'{"type": "Topology"}'],
    ids=["empty", "cut", "deep", "binary", "nan", "number", "topojson"],
)
def test_other_files(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"regions\.geojson is"):
        read_geojson(file, 1)


def test_folders_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=str(tmp_path)):
        read_geojson(tmp_path, 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "name"]),
            inner | st.sampled_from(["Feature", "FeatureCollection", "Polygon", "Point"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(content=json_values)
def test_any_json_is_read_or_refused(tmp_path_factory: Any, content: Any) -> None:
    file = tmp_path_factory.mktemp("any") / "any.geojson"
    file.write_text(json.dumps(content), encoding="utf-8")
    with suppress(FileFormatError):
        read_geojson(file, 1)
