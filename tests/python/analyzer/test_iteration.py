"""Short cuts to items."""

import pytest

from tramway.analyzer import first, single
from tramway.errors import InvalidInputError, MissingResultError


def test_first_and_single() -> None:
    assert first([3, 4]) == 3
    assert first(lambda start: range(start, 9), start=5) == 5
    assert single(iter("a")) == "a"
    with pytest.raises(InvalidInputError, match="several items"):
        single([3, 4])
    with pytest.raises(MissingResultError, match="empty"):
        first([])
