"""Attributes that refuse unknown names, and checks of values."""

import copy
import pickle

import numpy as np
import pytest

from tramway import attributes
from tramway.attributes import StrictAttributes
from tramway.errors import InvalidInputError, UnknownAttributeError


class Lamp(StrictAttributes):
    _elsewhere = {"colour": "lamps are white"}  # noqa: RUF012

    def __init__(self) -> None:
        self._power = 1.0

    @property
    def power(self) -> float:
        return self._power

    @power.setter
    def power(self, value: float) -> None:
        self._power = value

    @property
    def is_on(self) -> bool:
        return self._power > 0

    def switch(self) -> None: ...


def test_known_names_can_be_set_and_read() -> None:
    lamp = Lamp()
    lamp.power = 2.0
    assert lamp.power == 2.0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("powr", r"did you mean `power`\?\); valid names: power"),
        ("is_on", "valid names: power"),
        ("switch", r"is a method: call it, switch\(\.\.\.\)"),
        ("colour", "lamps are white"),
    ],
)
def test_other_names_cannot_be_set(name: str, message: str) -> None:
    with pytest.raises(UnknownAttributeError, match=message):
        setattr(Lamp(), name, 1)


def test_unknown_names_cannot_be_read() -> None:
    with pytest.raises(UnknownAttributeError, match="valid names: is_on, power, switch"):
        Lamp().brightness  # noqa: B018
    assert not hasattr(Lamp(), "brightness")


def test_copies_and_pickles() -> None:
    lamp = Lamp()
    lamp.power = 3.0
    assert copy.deepcopy(lamp).power == pickle.loads(pickle.dumps(lamp)).power == 3.0


@pytest.mark.parametrize(
    ("check", "good", "expected"),
    [
        (attributes.positive, np.float32(2), 2.0),
        (attributes.non_negative, 0, 0.0),
        (attributes.integer, np.int64(-3), -3),
        (attributes.positive_integer, 5.0, 5),
        (attributes.flag, np.True_, True),
        (attributes.text, "roi", "roi"),
        (attributes.coordinates, np.array([1, 2]), [1.0, 2.0]),
        (attributes.optional(attributes.positive), None, None),
    ],
)
def test_checks_return_plain_values(check, good, expected) -> None:
    value = check("x", good)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (attributes.positive, 0),
        (attributes.positive, "2"),
        (attributes.positive, np.nan),
        (attributes.positive, True),
        (attributes.non_negative, -1e-9),
        (attributes.non_negative, np.inf),
        (attributes.integer, 1.5),
        (attributes.positive_integer, 0),
        (attributes.flag, 1),
        (attributes.text, ""),
        (attributes.coordinates, [1.0]),
        (attributes.coordinates, ["a", "b"]),
    ],
)
def test_checks_name_what_they_refuse(check, bad) -> None:
    with pytest.raises(InvalidInputError, match=r"`prior` is .*expected"):
        check("prior", bad)


def test_multiples_are_positive_numbers() -> None:
    assert attributes.multiple("speed", "2x", "a speed") == attributes.multiple("speed", "2", "")
    for bad in ("x", "fast", "nanx", "infx", "0x", "-2x", ""):
        with pytest.raises(InvalidInputError, match=rf"`speed` is '{bad}', expected a speed"):
            attributes.multiple("speed", bad, "a speed")
