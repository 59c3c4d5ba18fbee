"""Runs a notebook, cell by cell in its folder, and prints what each leaves behind, by value.

``python tests/compatibility/notebook.py some.ipynb``, in the original and in ours: a line of JSON
for each cell of code, with its error, and the tables, arrays, cells and maps that it has made.
"""

import ast
import contextlib
import io
import json
import os
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd


def codes(path):
    """Code of each cell, without what is for the notebook alone."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines()
            yield "\n".join(re.sub(r"^(\s*)([%!].*)", r"\1pass  # \2", line) for line in lines)


def numbers(values):
    """Number of values, and their sum, by value and by rank."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    rank = np.arange(1, len(known) + 1) / max(len(known), 1)
    return [len(known), float(known.sum()), float(known @ rank)]


def seen(value):
    """What there is to compare of a value; None if nothing is."""
    if hasattr(value, "commit_as_analysis"):
        value = value.data
    if isinstance(value, bool | int | float | np.integer | np.floating):
        return [float(value)]
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "iufb":
        return numbers(value)
    if isinstance(value, pd.DataFrame):
        table = value[[name for name in value if " std" not in str(name)]]
        return {str(name): numbers(table[name]) for name in table.select_dtypes("number")}
    if hasattr(value, "features") and hasattr(value, "maps"):
        return seen(value.maps)
    if hasattr(value, "location_count") and hasattr(value, "tessellation"):
        return {"cells": numbers(value.location_count), "points": [len(value.points)]}
    return None


def run(path):
    """Run it, and print."""
    import matplotlib as mpl

    mpl.use("Agg")
    warnings.simplefilter("ignore")
    names = {"__name__": "__main__", "display": lambda *_: None}
    known = {}
    os.chdir(Path(path).parent)
    sys.path.insert(0, "")
    for number, code in enumerate(codes(Path(path).name)):
        failure = None
        try:
            tree = ast.parse(code)
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(tree, f"cell {number}", "exec"), names)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what we look for
            failure = f"{type(error).__name__}: {error}"
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        made = {}
        for name, value in list(names.items()):
            if not name.startswith("_"):
                try:
                    found = seen(value)
                except Exception as error:  # noqa: BLE001
                    found = type(error).__name__
                if found is not None and known.get(name) != found:
                    made[name] = known[name] = found
        print(json.dumps({"cell": number, "failure": failure, "made": made}), flush=True)


if __name__ == "__main__":
    run(sys.argv[1])
