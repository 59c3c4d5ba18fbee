"""Files that are whole, as containers go, and hold something else than programs write."""

import json
import shutil
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.io
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_damaged_files import folder, read_or_refuse
from tracking_samples import SAMPLES

Pick = Callable[[Sequence[Any]], Any]
"""Draws one of several things."""

TEXTS = ["", "nan", "-1", "1e308", "9" * 20, "inf", "x" * 300, "1,5", "\xb5", "true", "0x10"]
JSON: list[Any] = [None, True, -1, 1e300, 2**70, "", "x", [], {}, [[1]], {"a": 1}]
ARRAYS = [
    np.zeros(0),
    np.zeros((2, 0)),
    np.array(3.0),
    np.full((3, 4), np.nan),
    np.full(18, np.inf),
    np.arange(18)[::-1] - 9,
    np.array([2**63 - 1]),
    np.array([True, False]),
    np.array([b"abc"]),
    np.array([1 + 2j]),
    np.zeros((18, 1, 1)),
]


def change_xml(path: Path, pick: Pick) -> None:
    tree = ET.parse(path)
    parents = {child: parent for parent in tree.iter() for child in parent}
    element = pick(list(parents))
    kind = pick(["drop", "twice", "rename", "move", "text", "attribute", "without"])
    if kind == "drop":
        parents[element].remove(element)
    elif kind == "twice":
        parents[element].append(element)
    elif kind == "rename":
        element.tag = pick(list(parents)).tag
    elif kind == "move":
        parents[element].remove(element)
        tree.getroot().append(element)
    elif kind == "text":
        element.text = pick(TEXTS)
    elif element.attrib:
        name = pick(sorted(element.attrib))
        if kind == "attribute":
            element.attrib[name] = pick(TEXTS)
        else:
            del element.attrib[name]
    tree.write(path, encoding="utf-8", xml_declaration=True)


def change_json(value: Any, pick: Pick) -> None:
    places: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        part = todo.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part))
        places += [(part, key) for key in keys]
        todo += [part[key] for key in keys if isinstance(part[key], dict | list)]
    part, key = pick(places)
    if pick([True, False]):
        part[key] = pick(JSON)
    else:
        del part[key]


def change_hdf5(path: Path, pick: Pick) -> None:
    with h5py.File(path, "r+") as root:
        names: list[str] = []
        root.visit(names.append)
        name = pick(names)
        kind = pick(["drop", "replace", "attribute", "without", "move", "group"])
        if kind == "attribute":
            root[name].attrs[pick([*root[name].attrs, "version"])] = pick(ARRAYS[:-2])
        elif kind == "without":
            for attribute in list(root[name].attrs):
                del root[name].attrs[attribute]
        elif kind == "move":
            root.move(name, f"{name} moved")
        else:
            del root[name]
            if kind == "replace":
                root[name] = pick(ARRAYS)
            elif kind == "group":
                root.create_group(name)


def change_matlab(path: Path, pick: Pick) -> None:
    content = {k: v for k, v in scipy.io.loadmat(path).items() if not k.startswith("__")}
    places: list[tuple[Any, Any]] = [(content, name) for name in content]
    todo = list(content.values())
    while todo:
        part = todo.pop()
        if part.dtype.names:
            cells = [(part[name], at) for name in part.dtype.names for at in np.ndindex(part.shape)]
        elif part.dtype == object:
            cells = [(part, at) for at in np.ndindex(part.shape)]
        else:
            continue
        places += cells
        todo += [array[at] for array, at in cells if isinstance(array[at], np.ndarray)]
    part, key = pick(places)
    kind = pick(["replace", "text", "cells", "structure"])
    if kind == "replace":
        part[key] = pick(ARRAYS)
    elif kind == "text":
        part[key] = pick(TEXTS)
    elif kind == "cells":
        mixed = np.empty(2, object)
        mixed[:] = [np.zeros(3), "x"]
        part[key] = mixed
    else:
        part[key] = {"a": 1.0}
    scipy.io.savemat(path, content)


def change_archive(path: Path, pick: Pick) -> None:
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    if pick([True, True, False]):
        manifest = json.loads(content["manifest.json"])
        change_json(manifest, pick)
        content["manifest.json"] = json.dumps(manifest).encode()
    else:
        name = pick(list(content))
        content[pick(["other", name])] = content.pop(name)[: pick([0, 7, None])]
    with zipfile.ZipFile(path, "w") as archive:
        for name, values in content.items():
            archive.writestr(name, values)


def change_zarr(path: Path, pick: Pick) -> None:
    import zarr

    root = zarr.open_group(str(path), mode="r+")
    if pick([True, False]):
        attributes = dict(root.attrs)
        change_json(attributes, pick)
        root.attrs.put(attributes)
        return
    members = root.members(max_depth=None)
    names = sorted(name for name, item in members if isinstance(item, zarr.Array))
    name = pick(names)
    shutil.rmtree(path / name)
    if pick([True, False]):
        values = pick([array for array in ARRAYS if array.dtype.kind in "fi" and array.size])
        root.create_array(name, data=values)


def change_parquet(path: Path, pick: Pick) -> None:
    table = pd.read_parquet(path)
    name = pick(list(table))
    kind = pick(["drop", "rename", "empty", "replace"])
    if kind == "drop":
        table = table.drop(columns=name)
    elif kind == "rename":
        table = table.rename(columns={name: pick(TEXTS)})
    elif kind == "empty":
        table = table.iloc[:0]
    else:
        value = pick([None, "x", b"x", np.nan, -1, 2**62, [1, 2], True, pd.Timestamp(0)])
        table[name] = pd.Series([value] * len(table))
    table.to_parquet(path)


def change_text(path: Path, pick: Pick) -> None:
    lines = path.read_text(encoding="latin-1").splitlines()  # which leaves every byte
    mark = max("\t;, ", key=lines[-1].count)
    rows = [line.split(mark) for line in lines]
    row = pick(rows)
    kind = pick(["field", "column", "swap", "twice", "row", "drop row", "more"])
    if kind == "field":
        row[pick(range(len(row)))] = pick(TEXTS)
    elif kind in ("column", "swap", "twice"):
        first, second = pick(range(len(rows[-1]))), pick(range(len(rows[-1])))
        for fields in rows:
            if kind == "column":
                del fields[first : first + 1]
            elif kind == "twice":
                fields.append(fields[min(first, len(fields) - 1)])
            elif max(first, second) < len(fields):
                fields[first], fields[second] = fields[second], fields[first]
    elif kind == "row":
        rows.insert(pick(range(len(rows))), row)
    elif kind == "drop row":
        rows.remove(row)
    else:
        row.append(pick(TEXTS))
    path.write_text("\n".join(mark.join(fields) for fields in rows), encoding="latin-1")


def change_of(path: Path) -> Callable[[Path, Pick], None]:
    """How files like this one are changed."""
    if path.is_dir():
        return change_zarr
    if h5py.is_hdf5(path):
        return change_hdf5
    by_suffix = {".mat": change_matlab, ".parquet": change_parquet, ".xml": change_xml}
    return by_suffix.get(path.suffix, change_archive if zipfile.is_zipfile(path) else change_text)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_changed_structure(name: str) -> None:
    needed = {"geff": "zarr", "parquet": "pyarrow"}.get(name)
    for package in ("trackpy", *([needed] if needed else [])):
        pytest.importorskip(package)

    @given(st.data())
    @settings(max_examples=40, derandomize=True)
    def check(data: st.DataObject) -> None:
        def pick(things: Sequence[Any]) -> Any:
            assume(things)  # of the first change, nothing may be left
            return things[data.draw(st.integers(0, len(things) - 1))]

        with folder() as home:
            path = SAMPLES[name].write(home)
            change = change_of(path)
            # What is left of an archive may have no second thing to change.
            for _ in range(1 if change is change_archive else pick([1, 2])):
                change(path, pick)
            read_or_refuse(path, name)
            read_or_refuse(path, None)

    check()
