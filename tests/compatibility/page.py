"""Writes docs/compatibility.md of the list of elements."""

import re
from collections import Counter
from pathlib import Path

from elements import elements

_INTRODUCTION = """# Scripts of TRamWAy 0.7

What its scripts, tests, notebooks and documentation use of the analyzer, element by element. Each
one is a few lines in `tests/compatibility/elements/`, which the tests run, in the original too
where it is at hand; `python tests/compatibility/page.py` writes this page. Where an element differs
on purpose, an error or a warning says what to do; results that differ are in
[differences.md](differences.md). Whole scripts, those of pipelines too, are in
`tests/compatibility/scripts/`, and say the same in both, to the precision of the solvers.
"""


def page(found):
    """The page as text."""
    groups = {}
    for element in found:
        groups.setdefault(element.group, []).append(element)
    rows = [_row(group, Counter(e.status for e in items)) for group, items in groups.items()]
    rows.append(_row("**all**", Counter(e.status for e in found)))
    parts = [
        _INTRODUCTION,
        "\n".join(["| group | works | differs | missing |", "|---|---|---|---|", *rows]),
    ]
    for group, items in groups.items():
        lines = [f"## {group[0].upper()}{group[1:]}", ""]
        for status in ("differs", "missing"):
            chosen = [e for e in items if e.status == status]
            lines += [f"- **{status}**: `{e.name}`{': ' + e.how if e.how else ''}" for e in chosen]
        works = ", ".join(f"`{e.name}`" for e in items if e.status == "works")
        lines += [f"- works: {works}"] if works else []
        parts.append("\n".join(lines))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _row(name, count):
    return f"| {name} | {count['works']} | {count['differs']} | {count['missing']} |"


def told(readme, found):
    """The README with the numbers of elements that hold."""
    count = Counter(element.status for element in found)
    numbers = f"Of {len(found)} elements of the analyzer that its scripts,\nnotebooks and "
    numbers += f"documentation use, {count['works']} work unchanged and {count['differs']} differ"
    return re.sub(r"Of \w+ elements of the analyzer.*? differ", numbers, readme, flags=re.DOTALL)


if __name__ == "__main__":
    home, found = Path(__file__).parents[2], elements()
    count = Counter(element.status for element in found)
    (home / "docs" / "compatibility.md").write_text(page(found), encoding="utf-8")
    readme = home / "README.md"
    readme.write_text(told(readme.read_text(encoding="utf-8"), found), encoding="utf-8")
    print(f"{len(found) - count['missing']} of {len(found)} elements work, or say what to do")
