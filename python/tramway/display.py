"""How objects are shown in notebooks."""

from collections.abc import Iterable, Sequence
from html import escape


def html_table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """Write rows of plain values as a table.

    Parameters
    ----------
    rows
        Values of each row; their texts are escaped.
    header
        Titles of the columns; none if empty.
    """
    titles = "".join(f"<th>{escape(title)}</th>" for title in header)
    lines = [f"<tr>{titles}</tr>"] if header else []
    for row in rows:
        cells = "".join(f'<td style="text-align:left">{escape(str(value))}</td>' for value in row)
        lines.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"
