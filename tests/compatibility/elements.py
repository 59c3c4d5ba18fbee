"""What scripts of TRamWAy 0.7 use, element by element: reads the list, and tries it.

``python tests/compatibility/elements.py`` tries each element in the interpreter that runs it, the
original's as well as ours, and prints a line of JSON for each. It needs nothing but the package.

The list is in ``elements/``: a line ``# %% name`` begins an element; below it are lines of a
script, which hold if they raise nothing. ``#: differs HOW`` before them says that we do otherwise
on purpose, ``#: says REGEX`` that they end in such an error or warning, ``#: missing`` that it does
not work yet. Names that the lines use and do not define are those of `Given`.
"""

import json
import os
import re
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Element:
    """One thing that scripts use."""

    group: str
    name: str
    code: str
    status: str = "works"
    how: str = ""
    says: str = ""


def elements():
    """All of the list, in its order."""
    found = []
    for path in sorted((HERE / "elements").glob("*.txt")):
        _, *parts = re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found += [_element(path.stem.partition("-")[2].replace("-", " "), part) for part in parts]
    return found


def _element(group, text):
    name, *lines = text.strip().splitlines()
    said = dict(
        re.fullmatch(r"#: (\w+) ?(.*)", line).groups() for line in lines if line[:2] == "#:"
    )
    status = next((word for word in ("missing", "differs") if word in said), "works")
    code = "\n".join(line for line in lines if line[:2] != "#:")
    return Element(group, name, code, status, said.get(status, ""), said.get("says", ""))


def failure(element):
    """What is wrong when the lines of an element are run; None if nothing is."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = Path.cwd()
        os.chdir(folder)
        try:
            exec("import matplotlib; matplotlib.use('Agg')", {})
            exec(compile(element.code, element.name, "exec"), *_names())
            message = None
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
            message = f"{type(error).__name__}: {error}"
        finally:
            os.chdir(before)
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
    if not element.says:
        return message
    seen = [message or "", *(f"{one.category.__name__}: {one.message}" for one in caught)]
    if any(re.search(element.says, text) for text in seen):
        return None
    return f"no '{element.says}' in {seen}"


def _names():
    names = {}
    exec((HERE / "given.py").read_text(encoding="utf-8"), names)
    return names, names["Given"]()


if __name__ == "__main__":
    chosen = sys.argv[1:]
    for element in elements():
        if not chosen or any(part in element.name for part in chosen):
            print(json.dumps({"name": element.name, "failure": failure(element)}), flush=True)
