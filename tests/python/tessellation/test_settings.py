"""Types of settings and their checks."""

from typing import Any, Literal

import pytest

from tramway.errors import InvalidInputError
from tramway.tessellation import settings


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (settings.Number, {-1: -1.0}, ["x", True, float("nan"), None]),
        (settings.Positive, {2: 2.0}, [0, "x"]),
        (settings.Positive | None, {2: 2.0, None: None}, [0]),
        (settings.NonNegative, {0: 0.0}, [-1]),
        (settings.Whole, {0: 0, 3.0: 3}, [0.5, -1, True]),
        (settings.Count, {3: 3}, [0]),
        (settings.Corner, {(0, 1): [0.0, 1.0]}, [(0,), 3, "x"]),
        (settings.Counts, {(2, 3.0): [2, 3]}, [(0, 1)]),
        (settings.Points, {((0, 1), (2, 3)): [[0.0, 1.0], [2.0, 3.0]]}, [[0, 1], "x"]),
        (Literal["box", "hull"], {"box": "box"}, ["circle", 3, None]),
    ],
)
def test_values(kind: Any, good: dict[Any, Any], bad: list[Any]) -> None:
    check = settings.check_of(kind)
    for value, expected in good.items():
        found = check("it", value)
        assert found == expected
        assert type(found) is type(expected)
    for value in bad:
        with pytest.raises(InvalidInputError, match="`it`"):
            check("it", value)


def test_a_type_without_check_is_refused() -> None:
    with pytest.raises(TypeError, match="says not how it is checked"):
        settings.check_of(float)
