"""What a page says of one region: outlines, values, error bars, wells, priors, warnings."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data import Polygon
from tramway.errors import InvalidInputError, MissingResultError, TramwayError
from tramway.inference import Maps, find_domains, find_wells
from tramway.inference.maps import feature_of
from tramway.plotting import ShownValues, color_limits, shown_segments
from tramway.plotting.arrows import plan_arrows
from tramway.tessellation import TimeSegments
from tramway.units import DEVIATION, SPACE_COLUMNS

from .findings import cell_status_of, findings_of, fit_of
from .packing import ERROR_BITS, VALUE_BITS, pack, rounded
from .results import MapResult
from .settings import log_evidence_of, number, settings_of, trials_of
from .summary import summary_of

_FIT = "variance ratio"
_SAME = 1e-6  # steps of outlines: what is nearer differs by roundings
_OF_INTERVALS = (" low", " high")
LEAST_PROBABILITY = 0.5
"""Probability from which on a well is counted and outlined."""
_OF_DOMAINS = {  # names in a page
    "diameter": "diameter",
    "escape time": "escape",
    "escape time std": "escape_std",
    "residence time": "residence",
    "residence time std": "residence_std",
}


@lru_cache(maxsize=1024)  # a study asks thrice: for its tables, a movie, a condition
def describe(result: MapResult, *, in_file: bool = True) -> dict[str, Any]:
    """Describe one result as plain data, its arrays packed.

    Parameters
    ----------
    result
        The maps of a region.
    in_file
        Whether it is for a file: a page that asks again on this computer has the outlines of the
        cells, and needs nothing compressed.

    Returns
    -------
    dict
        For JSON: names, numbers for tables, ``features`` with units and limits of colours,
        ``wells``, ``settings``, ``findings``, and ``data``, the packed arrays of the cells. Where
        cells have no outlines, in three dimensions, ``drawn`` is False.
    """
    fit = fit_of(result)
    table = result.maps.maps if fit is None else result.maps.maps.join(fit.maps[[_FIT]])
    features, squares = _features(result, table)
    outlines = _outlines(result, table) if in_file else {}
    wells = _wells(result)
    counts = result.partition.location_count[table.index]
    names = _status_names(result)
    likely = [well for well in wells if well["probability"] >= LEAST_PROBABILITY]
    return {
        "movie": result.movie,
        "region": result.region,
        "label": result.label,
        "model": result.maps.mode,
        "box": _box(result),
        "outline": _outline(result),
        "segments": _segments(result),
        "features": features,
        "summary": _summary(result, counts) | {"wells": len(likely)},
        "deepest": {name: likely[0][name] for name in ("depth", "std")} if likely else None,
        "wells": wells,
        "settings": settings_of(result),
        "trials": trials_of(result),
        "findings": [list(finding) for finding in findings_of(result, fit)],
        "status": names,
        **({"drawn": outlines is not None} if in_file else {}),
        "data": pack(
            (outlines or {}) | _columns(result, table, names) | _values(table, features) | squares,
            compress=in_file,
        ),
    }


def describe_maps(result: MapResult) -> dict[str, Any]:
    """Describe what the maps of a result show, of cells that the page has, and nothing else.

    Returns
    -------
    dict
        ``features`` and ``data`` as of :func:`describe`, without the goodness of fit, which takes
        as long as all of these, and ``log_evidence``.
    """
    table = result.maps.maps
    features, squares = _features(result, table)
    return {
        "features": features,
        "log_evidence": log_evidence_of(result),
        "data": pack(_values(table, features) | squares, compress=False),
    }


def _features(
    result: MapResult, table: pd.DataFrame
) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """Describe the quantities that are shown, each with its columns, and limits of its colours.

    Those in the plane have ``arrows``, for each segment; where these are for several cells, the
    arrays that are given, too, tell which are in one square.
    """
    found, arrays = [], {}
    names = dict.fromkeys(feature_of(column) for column in table.columns)
    for name in names:
        if name.endswith((DEVIATION, *_OF_INTERVALS)):
            continue
        columns = [column for column in table.columns if feature_of(column) == name]
        errors = [column for column in table.columns if feature_of(column) == name + DEVIATION]
        interval = [f"{name}{end}" for end in _OF_INTERVALS if f"{name}{end}" in table]
        try:
            shown = shown_segments(Maps(table, result.maps.mode), name, result.partition)
        except (MissingResultError, InvalidInputError):
            continue
        values = [bound for each in shown for bound in _limits(each)]
        if not values:
            continue
        feature = {
            "name": name,
            "unit": result.maps.unit_of(name) or "",
            "columns": columns,
            "errors": errors,
            "interval": interval if len(interval) == 2 else [],
            "limits": [float(f"{min(values):.4g}"), float(f"{max(values):.4g}")],
        }
        if len(columns) == 2:
            feature["arrows"], squares = _arrows(result, shown)
            if squares is not None:
                arrays[f"square {name}"] = squares[table.index]
        found.append(feature)
    return found, arrays


def _limits(shown: ShownValues) -> tuple[float, ...]:
    """Limits of the colours; none if there is no value."""
    try:
        return color_limits(shown)
    except InvalidInputError:
        return ()


def _arrows(
    result: MapResult, shown: list[ShownValues]
) -> tuple[list[dict[str, float]], NDArray[np.uint16] | None]:
    """Plan the arrows of each segment: lengths, and the square of each cell that one is for.

    None if each cell has an arrow of its own.
    """
    lengths, squares, is_for_several = [], [], False
    for segment, each in enumerate(shown):
        partition = result.partition
        if isinstance(partition.tessellation, TimeSegments):
            partition = partition.segment(segment)
        is_known = np.asarray(np.isfinite(each.vectors).all(axis=1))
        plan = plan_arrows(partition, is_known)
        of_cells = np.zeros(len(is_known), dtype=np.uint16)
        own = np.arange(is_known.sum())
        of_cells[is_known] = own if plan.squares is None else plan.squares
        is_for_several |= plan.squares is not None
        squares.append(of_cells)
        lengths.append({"length": float(f"{plan.length:.4g}"), "least": plan.least})
    return lengths, np.concatenate(squares) if is_for_several else None


def _segments(result: MapResult) -> list[list[float]] | None:
    cells = result.partition.tessellation
    return cells.intervals.round(6).tolist() if isinstance(cells, TimeSegments) else None


def _columns(
    result: MapResult,
    table: pd.DataFrame,
    status_names: list[str],
) -> dict[str, NDArray[Any]]:
    status = cell_status_of(result).loc[table.index]
    code = {name: number for number, name in enumerate(status_names)}
    return {
        "cell": table.index.to_numpy(np.uint32),
        "count": result.partition.location_count[table.index].astype(np.uint32),
        "status": np.array([code[name] for name in status], dtype=np.uint8),
        "island": _islands(result)[table.index].astype(np.uint8),
    }


def _values(table: pd.DataFrame, features: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    values = [name for feature in features for name in (*feature["columns"], *feature["interval"])]
    errors = [name for feature in features for name in feature["errors"]]
    return {
        **{f"value {name}": rounded(table[name].to_numpy(), VALUE_BITS) for name in values},
        **{f"value {name}": rounded(table[name].to_numpy(), ERROR_BITS) for name in errors},
    }


def _status_names(result: MapResult) -> list[str]:
    return sorted(set(cell_status_of(result).loc[result.maps.maps.index]))


def _islands(result: MapResult) -> NDArray[np.bool_]:
    """Cells whose potential has a zero of its own."""
    partition = result.partition
    if "potential" not in result.maps:
        return np.zeros(partition.tessellation.n_cells, dtype=bool)
    shown = shown_segments(result.maps, "potential", partition)
    return np.concatenate([each.is_island for each in shown])


def _outlines(result: MapResult, table: pd.DataFrame) -> dict[str, NDArray[Any]] | None:
    """Corners of the cells in space, in 65,536ths of what they span, and which cell has which."""
    cells = result.partition.tessellation
    spatial = cells.spatial if isinstance(cells, TimeSegments) else cells
    if spatial.dim != 2:
        return None
    number = table.index.to_numpy() % spatial.n_cells
    shown, place = np.unique(number, return_inverse=True)
    try:
        polygons = spatial.polygons()
    except TramwayError:
        return None
    outlines = [np.asarray(polygons[cell]) for cell in shown]
    every: NDArray[np.float64] = np.concatenate(outlines)
    lower, extent = every.min(axis=0), np.ptp(every, axis=0)
    places = (every - lower) / np.where(extent > 0, extent, 1) * 65535
    steps = np.apply_along_axis(_rounded_alike, 0, places).astype(np.uint16)
    corners, first, corner = np.unique(steps, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # by appearance: neighbouring cells have neighbouring numbers
    number_of = np.empty(len(order), dtype=np.uint32)
    number_of[order] = np.arange(len(order))
    return {
        "origin": np.array([*lower, *extent], dtype=np.float32),
        "x": corners[order, 0],
        "y": corners[order, 1],
        "sides": np.array([len(outline) for outline in outlines], dtype=np.uint16),
        "corner": number_of[corner.ravel()],
        "place": place.astype(np.uint32),
        "segment": (table.index.to_numpy() // spatial.n_cells).astype(np.uint16),
    }


def _rounded_alike(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to whole numbers, also those halfway between two that differ by their last digits.

    Corners that neighbours share would be two otherwise, and edges between them borders.
    """
    order = np.argsort(values)
    is_other = np.diff(values[order], prepend=-np.inf) > _SAME
    rounded_values = np.empty_like(values)
    rounded_values[order] = np.round(values[order][is_other])[np.cumsum(is_other) - 1]
    return rounded_values


def _box(result: MapResult) -> list[float]:
    """Bounds of the cells in the plane, µm: least x and y, largest x and y."""
    cells = result.partition.tessellation
    spatial = cells.spatial if isinstance(cells, TimeSegments) else cells
    recorded = result.partition.param.get("roi", {}).get("bounding_box")
    if recorded is not None and np.isfinite(np.array(recorded)[:, :2]).all():
        lower, upper = (np.array(end, dtype=np.float64)[:2] for end in recorded)
    else:
        centers = spatial.cell_centers[:, :2]
        lower, upper = centers.min(axis=0), centers.max(axis=0)
    return [float(f"{bound:.6g}") for bound in (*lower, *upper)]


def _outline(result: MapResult) -> list[Any] | None:
    """Corners of the region where it is a polygon, µm: parts, each an outline and its holes."""
    said = result.partition.param.get("roi", {}).get("geometry")
    if said is None:
        return None
    parts = Polygon.of_text(said).parts
    return [
        [[[float(f"{c:.6g}") for c in place] for place in ring] for ring in part] for part in parts
    ]


def _summary(result: MapResult, counts: NDArray[np.int64]) -> dict[str, Any]:
    """Numbers of the table of regions."""
    return {
        "cells": len(counts),
        "translocations": int(counts.sum()),
        **summary_of(result),
        "log_evidence": log_evidence_of(result),
    }


@lru_cache(maxsize=1024)
def domains_of(result: MapResult) -> pd.DataFrame:
    """Find the domains of a map; in three dimensions, where these have no times, its wells.

    Parameters
    ----------
    result
        The maps of a region.

    Returns
    -------
    DataFrame
        See :func:`tramway.inference.find_domains`; empty where maps have no potential.
    """
    find = find_domains if result.partition.tessellation.dim == 2 else find_wells
    try:
        return find(result.maps)
    except (TramwayError, KeyError):
        return pd.DataFrame()


def _wells(result: MapResult) -> list[dict[str, Any]]:
    cells, wells = result.partition.tessellation, domains_of(result)
    size = cells.spatial.n_cells if isinstance(cells, TimeSegments) else cells.n_cells
    if "segment" in wells:  # the page wants numbers of cells in the whole map
        shift = wells["segment"] * size
        in_map = [np.add(numbers, by) for numbers, by in zip(wells["cells"], shift, strict=True)]
        wells = wells.assign(cells=in_map, bottom=wells["bottom"] + shift)
    return [
        {
            **{n: number(row[n]) for n in (*SPACE_COLUMNS[: cells.dim], "area")},
            "depth": number(row["depth"]),
            "std": number(row["depth std"]),
            "probability": round(float(row["probability"]), 3),
            "segment": int(row["bottom"]) // size,
            "cells": [int(cell) for cell in row["cells"]],
            **{short: number(row.get(name), 4) for name, short in _OF_DOMAINS.items()},
        }
        for row in wells.to_dict("records")
    ]
