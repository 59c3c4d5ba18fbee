"""The script that makes results again, from the records of what they were made of."""

import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tramway.data import Box, Polygon, as_polygon
from tramway.files import Record

from .results import MapResult, MovieResults

_ONCE = 88  # columns of a line of the script


def script_of(movies: Sequence[MovieResults]) -> str:
    """Write the script that makes the results again.

    Results of the same cells, model and noise are one analysis in it. Run where the data are, it
    finds that all results are there, made of the same data with the same settings; elsewhere, or
    after the ``.rwa`` files were taken away, it makes them again, bit by bit.

    Parameters
    ----------
    movies
        The results.

    Returns
    -------
    str
        Python; comments for results that have no record (made by hand, or by the original), or
        whose functions are the user's own.
    """
    groups: dict[str, list[MapResult]] = {}
    settings: dict[str, dict[str, Any]] = {}
    without = []
    for result in (result for movie in movies for result in movie.results):
        said = _settings(result)
        if said is None:
            without.append(f"{result.movie}, {result.region}, {result.label}")
            continue
        key = Record(said, "").as_json()
        settings[key] = said
        groups.setdefault(key, []).append(result)
    parts = ["from tramway.analyzer import *"]
    parts += [_analysis(settings[key], results) for key, results in groups.items()]
    if without:
        names = "; ".join(without)
        parts.append(_comment(f"No record says how these were made: {names}"))
    return "\n\n".join(parts) + "\n"


def _settings(result: MapResult) -> dict[str, Any] | None:
    """Give what all regions of an analysis have in common; None if it is not known."""
    if result.record is None or result.sampling_record is None or result.datafile is None:
        return None
    sampling, maps = result.sampling_record.parameters, result.record.parameters
    if "mapper" not in maps or "tesseller" not in sampling or "region" not in sampling:
        return None
    return {
        "tesseller": sampling["tesseller"],
        "sampler": sampling.get("sampler"),
        "time": sampling.get("time"),
        "discarded": sampling.get("discarded_below") is not None,
        "mapper": maps["mapper"],
        "localization_precision": maps.get("localization_precision"),
        "exposure_time": maps.get("exposure_time"),
        "labels": [_label_of(result.region)[0]],
        "own label": result.label if result.label != maps["mapper"].get("plugin") else None,
    }


def _analysis(said: Mapping[str, Any], results: Sequence[MapResult]) -> str:
    regions = _regions(results)
    given = [area for areas in regions.values() for area in areas or ()]
    has_polygons = any(isinstance(area, Polygon) for area in given)
    if given:
        lines = [
            *(["from tramway.data import Polygon", ""] if has_polygons else []),
            f"regions = {{  # µm{'' if has_polygons else ': lower and upper corner'}",
            *(f"    {file!r}: {_list(areas, 4)}," for file, areas in regions.items()),
            "}",
            "",
            "a = RWAnalyzer()",
            "a.spt_data.from_files(list(regions))",
        ]
    else:
        lines = ["a = RWAnalyzer()", f"a.spt_data.from_files({_list(list(regions), 0)})"]
    precision = said["localization_precision"]
    if precision:
        unit = "  # µm" if not isinstance(precision, str) else ""
        if precision != "column":
            lines.append(f"a.spt_data.localization_precision = {precision!r}{unit}")
    if said["exposure_time"]:
        lines.append(f"a.spt_data.exposure_time = {said['exposure_time']!r}  # s")
    if has_polygons:
        lines += ["", "for f in a.spt_data:", "    f.roi.from_polygons(regions[f.source])"]
    elif given:
        prefix = said["labels"][0]
        label = f", label={prefix!r}" if prefix is not None else ""
        lines += [
            "",
            "for f in a.spt_data:",
            f"    f.roi.from_bounding_boxes(regions[f.source]{label})",
        ]
    lines.append("")
    for name in ("tesseller", "time", "sampler", "mapper"):
        plugin = said[name]
        if plugin is not None and not (name == "sampler" and _is_default(plugin)):
            lines += _plugin(name, plugin)
    static = "discard_static_trajectories=True" if said["discarded"] else ""
    label = f"map_label={said['own label']!r}" if said["own label"] is not None else ""
    lines += [
        "",
        f"a.pipeline.append_stage(stages.tessellate({static}))",
        f"a.pipeline.append_stage(stages.infer({label}))",
        "a.run()",
    ]
    return "\n".join(lines)


def _regions(results: Iterable[MapResult]) -> dict[str, list[Any] | None]:
    """Regions of each file, in the order of their numbers; None: all of it.

    They are bounds; polygons, named as the regions are, where there are any in the file.
    """
    found: dict[str, dict[str, Any]] = {}
    for result in results:
        assert result.sampling_record is not None
        assert result.datafile is not None
        said = result.sampling_record.parameters["region"]
        areas = found.setdefault(result.datafile, {})
        if "geometry" in said:
            label = said["label"]
            areas[label] = Polygon.of_text(said["geometry"], label)
        elif said["bounding_box"] is not None:
            areas[said["label"]] = tuple(tuple(end) for end in said["bounding_box"])
    return {file: _alike(areas) if areas else None for file, areas in found.items()}


def _alike(areas: Mapping[str, Any]) -> list[Any]:
    """Take all for polygons where some are; otherwise, each box once."""
    if not any(isinstance(area, Polygon) for area in areas.values()):
        return list(dict.fromkeys(areas.values()))
    return [
        area if isinstance(area, Polygon) else Polygon(as_polygon(Box(*area)).parts, label)
        for label, area in areas.items()
    ]


def _label_of(region: str) -> tuple[str | None, str]:
    """Tell what the label of a region begins with, where that was given; and the rest."""
    prefix, space, number = region.rpartition(" ")
    return (prefix, number) if space else (None, region)


def _is_default(plugin: Mapping[str, Any]) -> bool:
    return plugin == {"plugin": "voronoi", "min_location_count": 0}


def _plugin(name: str, plugin: Mapping[str, Any]) -> list[str]:
    if "plugin" not in plugin or not isinstance(plugin["plugin"], str):
        return [_comment(f"a.{name}: a function of your own, set it here: {plugin}")]
    values = {k: v for k, v in plugin.items() if k != "plugin" and v is not None}
    if name == "mapper":
        values = {k: v for k, v in values.items() if v is not False}
    given = "".join(f", {key}={value!r}" for key, value in values.items())
    line = f"a.{name}.from_plugin({plugin['plugin']!r}{given})"
    if len(line) <= _ONCE:
        return [line]
    inner = "".join(f"    {key}={value!r},\n" for key, value in values.items())
    return [f"a.{name}.from_plugin(\n    {plugin['plugin']!r},\n{inner})"]


def _list(values: Sequence[Any] | None, indent: int) -> str:
    """Write a list, an item a line where there are several, within lines so far to the right."""
    if values is None or len(values) == 1:
        return repr(values)
    items = "".join(f"{' ' * indent}    {value!r},\n" for value in values)
    return f"[\n{items}{' ' * indent}]"


def _comment(text: str) -> str:
    return textwrap.fill(text, _ONCE, initial_indent="# ", subsequent_indent="# ")


def command_of(movies: Sequence[MovieResults]) -> str:
    """Write the command that makes the page again."""
    here = os.path.commonpath([movie.path.parent for movie in movies])
    return f"tramway report '{here}'" if len(movies) > 1 else f"tramway report '{movies[0].path}'"
