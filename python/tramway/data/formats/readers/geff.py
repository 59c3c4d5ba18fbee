"""GEFF: tracks as a graph of localizations, in a folder of Zarr."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.branches import Paths, cut_into_paths
from tramway.data.formats.file_start import FileStart
from tramway.data.formats.linking import optional_package
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.units import length_unit, time_unit
from tramway.errors import FileFormatError


def _recognises(start: FileStart) -> bool:
    return start.is_folder and bool(_graphs(start))


def _graphs(start: FileStart) -> list[Path]:
    """Folders of the graphs in a folder: itself, or those that are beside images and the like."""
    if _is_graph(start):
        return [start.path]
    if not any((start.path / name).is_file() for name in (".zgroup", "zarr.json")):
        return []
    inside = sorted(path for path in start.path.iterdir() if path.is_dir())
    return [path for path in inside if _is_graph(FileStart(path))]


def _is_graph(start: FileStart) -> bool:
    return isinstance(start.json, dict) and bool({"geff", "geff_version"} & start.json.keys())


def _read(path: Path) -> Localizations:
    zarr = optional_package("zarr", "geff")
    graphs = _graphs(FileStart(path))
    if len(graphs) != 1:
        inside = ", ".join(graph.name for graph in graphs) or "none"
        raise FileFormatError(f"{path}: graphs {inside}, expected one: name its folder")
    path = graphs[0]
    root = zarr.open_group(str(path), mode="r")
    said = dict(root.attrs)
    said = said.get("geff", said)  # versions before 0.3 say it with nothing around
    axes = said.get("axes") if isinstance(said, dict) else None
    if not axes and said.get("axis_names"):
        axes = _axes_of_position(root, said)
    if not axes:
        raise FileFormatError(f"{path}: no axes in its metadata: nothing says what is a position")
    space = {axis["name"]: axis for axis in axes if _type(axis) == "space"}
    times = [axis for axis in axes if _type(axis) == "time"]
    if len(times) != 1 or len(space) not in (2, 3):
        raise FileFormatError(
            f"{path}: {len(space)} axes of space and {len(times)} of time, expected 2 or 3, and 1"
        )
    names = _axis_names(list(space))
    time = _property(root, times[0], path) * _scale(times[0])
    paths = _paths(root, time, path)
    columns = {
        name: _property(root, axis, path) * _scale(axis)
        for name, axis in zip(names, space.values(), strict=True)
    }
    unit = time_unit(times[0].get("scaled_unit") or times[0].get("unit"))
    units = {
        name: length_unit(axis.get("scaled_unit") or axis.get("unit"))
        for name, axis in zip(names, space.values(), strict=True)
    }
    read = Localizations(
        columns | {"n": paths.number},
        length_unit=units["x"],
        other_units={name: unit for name, unit in units.items() if unit and unit != units["x"]},
        time_unit=unit,
        problems=paths.problem(),
    )
    # Without a unit, times are numbers of frames if they are whole.
    is_frame = unit == "frame" or (unit is None and (time == np.trunc(time)).all())
    read.columns["frame" if is_frame else "t"] = time
    return read


def _paths(root: Any, time: NDArray[np.float64], path: Path) -> Paths:
    """Cut the edges of the graph into tracks."""
    ids = np.asarray(root["nodes/ids"][:]).astype(np.int64)
    has_edges = "edges" in root and "ids" in root["edges"]
    edges = np.asarray(root["edges/ids"][:] if has_edges else ()).astype(np.int64).reshape(-1, 2)
    order = np.argsort(ids, kind="stable")
    rank = order[np.searchsorted(ids[order], edges).clip(max=len(ids) - 1)]
    if (ids[rank] != edges).any():
        raise FileFormatError(f"{path}: an edge leads to a node that is not there")
    del ids, edges, order  # half of what this takes
    return cut_into_paths(rank[:, 0], rank[:, 1], time, len(time))


def _axes_of_position(root: Any, said: dict[str, Any]) -> list[dict[str, Any]]:
    """Axes of versions before 0.3, which have all coordinates, times too, in one property."""
    names = said["axis_names"]
    units = said.get("axis_units") or [None] * len(names)
    place = next(
        f"nodes/attrs/{name}"
        for name in (said.get("position_attr"), "position")
        if name and f"nodes/attrs/{name}" in root
    )
    return [
        {"name": name, "unit": unit, "place": place, "rank": rank}
        for rank, (name, unit) in enumerate(zip(names, units, strict=True))
    ]


def _type(axis: dict[str, Any]) -> str | None:
    """Type of an axis, which need not be said: then by its name."""
    if axis.get("type") is not None:
        return str(axis["type"])
    name = str(axis["name"]).lower()
    return (
        "time" if name in ("t", "time", "frame") else "space" if name in ("x", "y", "z") else None
    )


def _scale(axis: dict[str, Any]) -> float:
    """Scale to the unit after it; without that, values stay in the unit before."""
    return float(axis["scale"]) if axis.get("scale") and axis.get("scaled_unit") else 1.0


def _axis_names(names: list[str]) -> list[str]:
    """Give x, y, z for the names of axes that end so; else in their order, the last one x."""
    letters = [name.lower()[-1:] for name in names]
    if sorted(letters) in (["x", "y"], ["x", "y", "z"]):
        return letters
    return list("zyx")[-len(names) :]


def _property(root: Any, axis: dict[str, Any], path: Path) -> Any:
    name, rank = axis["name"], axis.get("rank")
    group = root[axis.get("place", f"nodes/props/{name}")]
    values = np.asarray(group["values"][:] if rank is None else group["values"][:, rank])
    if values.ndim != 1:
        raise FileFormatError(f"{path}: {name} has shape {values.shape}, expected one per node")
    values = values.astype(np.float64)
    if "missing" in group:
        values = np.where(np.asarray(group["missing"][:]).astype(bool), np.nan, values)
    return values


READER = Reader("geff", "GEFF, graph of tracks (Zarr)", _recognises, _read)
