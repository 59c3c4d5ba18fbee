"""Tables for notebooks."""

from tramway.display import html_table


def test_values_are_escaped() -> None:
    assert html_table([("a<b", 1)], ["x & y", ""]) == (
        "<table><tr><th>x &amp; y</th><th></th></tr>"
        '<tr><td style="text-align:left">a&lt;b</td><td style="text-align:left">1</td></tr></table>'
    )
    assert html_table([]) == "<table></table>"
