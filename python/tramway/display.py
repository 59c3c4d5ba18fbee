"""How objects are shown in notebooks."""

from collections.abc import Iterable, Sequence
from html import escape
from numbers import Real

import numpy as np


def html_table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """Write rows of plain values as a table.

    Parameters
    ----------
    rows
        Values of each row, written as :func:`short` does; their texts are escaped.
    header
        Titles of the columns; none if empty.
    """
    titles = "".join(f"<th>{escape(title)}</th>" for title in header)
    lines = [f"<tr>{titles}</tr>"] if header else []
    for row in rows:
        cells = "".join(f'<td style="text-align:left">{escape(short(value))}</td>' for value in row)
        lines.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def short(value: object) -> str:
    """Write a value as a person would: of a computed number the digits that tell something.

    Parameters
    ----------
    value
        Anything. Numbers with decimals have four significant digits, all those before the point
        up to a thousand millions, and no exponent there; the numbers in tuples and lists likewise.
        Integers, texts and all else are as they are.

    Examples
    --------
    >>> short(-12345.678901), short(0.30000000000000004), short(2.718281828e-7), short(12345)
    ('-12,346', '0.3', '2.718e-07', '12345')
    """
    if type(value) in (tuple, list):
        items = ", ".join(short(item) if isinstance(item, Real) else repr(item) for item in value)  # type: ignore[attr-defined]
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    if not isinstance(value, float | np.floating):
        return str(value)
    number = float(value)
    return f"{number:,.0f}" if 1e3 <= abs(number) < 1e9 else f"{number:.4g}"
