import json
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.data import (
    Box,
    Croppable,
    Polygon,
    as_polygon,
    overlap,
    translocations,
    translocations_of_union,
    union,
)
from tramway.data.polygon import text_of_union
from tramway.errors import InvalidInputError

L_SHAPE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]


def inside(polygon: Polygon, *points: tuple[float, float]) -> list[bool]:
    return polygon.contains(np.array(points, dtype=np.float64)).tolist()


def in_fractions(ring: list[tuple[float, float]], point: tuple[float, float]) -> bool:
    """Whether a point is in a closed line or on it, by the even-odd rule, in rational numbers."""
    x, y = map(Fraction, point)
    is_odd = False
    for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]):
        (x0, y0), (x1, y1) = (map(Fraction, end) for end in ((x0, y0), (x1, y1)))
        turn = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
        if turn == 0 and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1):
            return True
        if (y0 <= y) != (y1 <= y):
            is_odd ^= x < x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return is_odd


def test_borders_belong_to_a_polygon_and_what_is_cut_out_does_not() -> None:
    shape = Polygon([[L_SHAPE]])
    assert inside(shape, (0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (-0.1, 0)) == [
        True,
        True,
        False,
        False,
    ]
    assert inside(shape, *L_SHAPE, (1.5, 1), (1, 1.5), (0, 1)) == [True] * 9


def test_holes_and_parts() -> None:
    square = [(0, 0), (4, 0), (4, 4), (0, 4)]
    hole = [(1, 1), (1, 3), (3, 3), (3, 1)]
    far = [(10, 0), (11, 0), (10, 1)]
    both = Polygon([[square, hole], [far]])
    assert inside(both, (0.5, 2), (2, 2), (1, 2), (10.2, 0.2)) == [True, False, True, True]
    assert (both.lower, both.upper) == ((0, 0), (11, 4))
    # The sense of rotation says nothing.
    assert inside(Polygon([[square[::-1], hole[::-1]]]), (0.5, 2), (2, 2)) == [True, False]


def test_a_line_that_crosses_itself_goes_by_the_even_odd_rule() -> None:
    angles = np.arange(5) * 4 * np.pi / 5
    star = Polygon([[np.stack([np.cos(angles), np.sin(angles)], axis=1).tolist()]])
    assert inside(star, (0, 0), (0.9, 0)) == [False, True]


def test_no_rounding_moves_a_point_across_a_side() -> None:
    # 0.1 * k and 0.3 * k are on one line only where floating-point numbers happen to be.
    triangle = [(0.1, 0.3), (1.7, 5.1), (-3.0, 5.1)]
    polygon = Polygon([[triangle]])
    steps = np.linspace(0, 1, 201)[:, None]
    near = (1 - steps) * triangle[0] + steps * triangle[1]
    places = np.concatenate([near, np.nextafter(near, 9), np.nextafter(near, -9)])
    expected = [in_fractions(triangle, tuple(place)) for place in places]
    assert 100 < sum(expected) < 500  # rounded to either side of it
    assert polygon.contains(places).tolist() == expected


coordinates = st.sampled_from(
    [0.0, 0.1, 0.2, 0.3, 0.7, 1.0, 1e-9, 3.3, -2.0, 1e200, -1.7e308, 5e-324]
)
corners = st.tuples(coordinates, coordinates)


@given(st.lists(corners, min_size=3, max_size=8), st.lists(corners, min_size=1, max_size=20))
def test_it_is_what_rational_numbers_say(
    ring: list[tuple[float, float]], points: list[tuple[float, float]]
) -> None:
    try:
        polygon = Polygon([[ring]])
    except InvalidInputError:
        return
    shape = list(polygon.parts[0][0])
    assert inside(polygon, *points) == [in_fractions(shape, point) for point in points]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "no outline"),
        ([[]], "no outline"),
        ([[[(0, 0), (1, 1)]]], "2 different corners"),
        ([[[(0, 0), (1, 1), (3, 3), (0, 0)]]], "3 different corners, all on one straight line"),
        ([[[(0, 0)] * 4]], "1 different corners"),
        ([[[]]], "0 different corners"),
        ([[[(0, 0), (1, np.nan), (0, 1)]]], "not finite"),
        ([[[(0, 0), (1, np.inf), (0, 1)]]], "not finite"),
        ([[(0, 0), (1, 0), (0, 1)]], "no lists of outlines"),
        (3, "no lists of outlines"),
        ([[[("a", 0), (1, 0), (0, 1)]]], "no lists of outlines"),
    ],
)
def test_wrong_polygons(parts: object, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Polygon(parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\nb", "x" * 201, 3])
def test_names_are_labels(name: object) -> None:
    with pytest.raises(InvalidInputError, match="the name of a polygon"):
        Polygon([[L_SHAPE]], name)  # type: ignore[arg-type]


def test_polygons_are_values() -> None:
    one = Polygon([[L_SHAPE]], "nucleus")
    assert one == Polygon([[[*L_SHAPE, L_SHAPE[0]]]], "nucleus")
    assert hash(one) == hash(Polygon([[np.array(L_SHAPE)]], "nucleus"))  # type: ignore[list-item]
    assert Polygon.of_text(one.text, "nucleus") == one
    two = union([one, Box((5, 5), (6, 6))])
    assert two.geometry["type"] == "MultiPolygon"
    assert [json.loads(polygon.text) for polygon in (one, two)] == [one.geometry, two.geometry]
    assert Polygon.of_text(two.text) == two
    assert text_of_union([one, Box((5, 5), (6, 6))]) == two.text


def test_boxes_as_polygons() -> None:
    assert inside(as_polygon(Box((0, 0), (2, 1))), (2, 1), (2.1, 1)) == [True, False]
    with pytest.raises(InvalidInputError, match="limited in z or time"):
        as_polygon(Box((0, 0, 0), (1, 1, 1)))
    with pytest.raises(InvalidInputError, match="not finite"):
        as_polygon(Box((0, 0), (1, np.inf)))


@pytest.mark.parametrize(
    ("other", "is_common"),
    [
        ([(2, 1), (3, 1), (3, 2)], True),  # a corner of both
        ([(1.2, 1.2), (2, 1.2), (2, 2)], False),  # where the L has nothing
        ([(-1, 0.4), (3, 0.4), (3, 0.6), (-1, 0.6)], True),  # sides cross, no corner is inside
        ([(0.1, 0.1), (0.2, 0.1), (0.1, 0.2)], True),  # within
        ([(-9, -9), (9, -9), (9, 9), (-9, 9)], True),  # around
        ([(5, 5), (6, 5), (5, 6)], False),
    ],
)
def test_overlap(other: list[tuple[float, float]], is_common: bool) -> None:
    one, two = Polygon([[L_SHAPE]]), Polygon([[other]])
    assert overlap(one, two) is overlap(two, one) is is_common


def test_what_is_in_a_hole_does_not_overlap() -> None:
    ring = Polygon([[[(0, 0), (4, 0), (4, 4), (0, 4)], [(1, 1), (3, 1), (3, 3), (1, 3)]]])
    assert not overlap(ring, as_polygon(Box((1.5, 1.5), (2.5, 2.5))))
    assert overlap(ring, as_polygon(Box((1, 1.5), (2.5, 2.5))))


@pytest.fixture
def tracks() -> pd.DataFrame:
    random = np.random.default_rng(5)
    steps = random.normal(scale=0.2, size=(30, 40, 2))
    places = (random.uniform(0, 3, size=(30, 1, 2)) + np.cumsum(steps, axis=1)).reshape(-1, 2)
    number, frame = np.divmod(np.arange(len(places)), 40)
    return pd.DataFrame({"n": number, "x": places[:, 0], "y": places[:, 1], "t": 0.05 * frame})


def test_a_rectangle_crops_as_a_box_does(tracks: pd.DataFrame) -> None:
    box = Box((0.5, 0.7), (2.25, 1.5))
    expected = translocations(tracks, box.lower, box.upper)
    assert len(expected) > 50
    polygon = as_polygon(box)
    pd.testing.assert_frame_equal(translocations_of_union(tracks, [polygon]), expected)
    cut = Croppable(tracks)
    pd.testing.assert_frame_equal(cut.translocations([polygon]), expected)
    pd.testing.assert_frame_equal(pd.DataFrame(cut.columns([polygon])), expected)


def test_parts_crop_as_boxes_together_do(tracks: pd.DataFrame) -> None:
    boxes = [Box((0, 0), (1, 1)), Box((1.5, 0.5), (2.5, 3))]
    expected = translocations_of_union(tracks, boxes)
    pd.testing.assert_frame_equal(translocations_of_union(tracks, [union(boxes)]), expected)


def test_polygons_are_of_the_plane(tracks: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="trajectories have z"):
        translocations_of_union(tracks.assign(z=0.0), [Polygon([[L_SHAPE]])])
