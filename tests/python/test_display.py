"""Tables for notebooks."""

import numpy as np
import pytest

from tramway.display import html_table, short


def test_values_are_escaped() -> None:
    assert html_table([("a<b", 1)], ["x & y", ""]) == (
        "<table><tr><th>x &amp; y</th><th></th></tr>"
        '<tr><td style="text-align:left">a&lt;b</td><td style="text-align:left">1</td></tr></table>'
    )
    assert html_table([]) == "<table></table>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (-48213.730215841, "-48,214"),
        (999.96, "1000"),
        (12.3456, "12.35"),
        (0.0072964119, "0.007296"),
        (3.2e-9, "3.2e-09"),
        (1.23456e12, "1.235e+12"),
        (0.0, "0"),
        (np.float32(0.1), "0.1"),
        (np.float64("nan"), "nan"),
        (-np.inf, "-inf"),
        (1234567, "1234567"),
        (True, "True"),
        (None, "None"),
        ("1.23456789", "1.23456789"),
        ((0.123456, 3), "(0.1235, 3)"),
        ([0.123456, "a"], "[0.1235, 'a']"),
    ],
)
def test_numbers_are_written_as_a_person_would(value: object, text: str) -> None:
    assert short(value) == text
    assert f">{text.replace(chr(39), '&#x27;')}<" in html_table([(value,)])
