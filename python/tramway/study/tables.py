"""The tables of a study, and the reports of its movies and conditions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tramway.analyzer import RWAnalyzer
from tramway.files import Failure
from tramway.report import read_results, render_report
from tramway.report.region import LEAST_PROBABILITY, describe, domains_of
from tramway.report.results import MapResult
from tramway.runs import TaskRecord

from .folder import Movie

_OF_DOMAINS = (
    "diameter", "escape time", "escape time std", "residence time", "residence time std"
)  # fmt: skip
_OF_WELLS = (
    "x", "y", "depth", "depth std", "area", "probability", *_OF_DOMAINS,
    "counted residence time", "counted residence time std", "exits",
)  # fmt: skip


def mapped_regions(a: RWAnalyzer, failed: Sequence[TaskRecord]) -> dict[Path, set[str]]:
    """Labels of the regions of each movie, without those that failed.

    Of these, and of regions that are none any more, there may be maps of an earlier study.
    """
    without = {(record.source, record.region) for record in failed}
    return {
        Path(source.source): {
            region.label for region in source.roi if (source.source, region.label) not in without
        }
        for source in a.spt_data
        if (source.source, "") not in without
    }


def failures_of(failed: Sequence[TaskRecord], movies: Sequence[Movie]) -> pd.DataFrame:
    """Table of what failed."""
    of_path = {movie.path: movie for movie in movies}
    rows = []
    for record in failed:
        movie = of_path[Path(record.source)]
        where = (movie.condition, movie.cell, movie.name, record.region)
        rows.append((*where, f"{record.stage}: {record.message or record.status}"))
    columns = ["condition", "cell", "movie", "region", "reason"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:4], ignore_index=True)


def tables_of(
    movies: Sequence[Movie],
    mapped: Mapping[Path, set[str]],
    failures: pd.DataFrame,
    model: str,
    target: Path,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of regions and wells, and the report of each movie and condition.

    Parameters
    ----------
    movies
        All movies.
    mapped, failures
        Those of :func:`mapped_regions` and :func:`failures_of`.
    model
        Label of the maps.
    target
        Folder of the pages.
    """
    regions: list[dict[str, Any]] = []
    wells: list[dict[Any, Any]] = []
    for condition in dict.fromkeys(movie.condition for movie in movies):
        of_condition = [m for m in movies if m.condition == condition and mapped.get(m.path)]
        if not of_condition:
            continue
        read = read_results([movie.path.with_suffix(".rwa") for movie in of_condition])
        for movie, found in zip(of_condition, read, strict=True):
            found.results[:] = [
                result
                for result in found.results
                if result.label == model and result.region in mapped[movie.path]
            ]
            is_here = (failures["condition"] == condition) & (failures["movie"] == movie.name)
            found.failures[:] = [
                Failure((region,), reason)
                for region, reason in failures.loc[is_here, ["region", "reason"]].to_numpy()
            ]
            for result in found.results:
                place = {
                    "condition": condition,
                    "cell": movie.cell,
                    "movie": movie.name,
                    "region": result.region,
                }
                regions.append(place | _region_row(result))
                wells += [place | row for row in domains_of(result).to_dict("records")]
            page = target / condition / f"{movie.name}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            title = f"{condition}: {movie.name}"
            page.write_text(render_report([found], title=title), encoding="utf-8")
        text = render_report(read, title=condition)
        (target / f"{condition}.html").write_text(text, encoding="utf-8")
    columns = ["condition", "cell", "movie", "region", *_OF_WELLS]
    return pd.DataFrame(regions), pd.DataFrame(wells, columns=columns)


def _region_row(result: MapResult) -> dict[str, Any]:
    said, domains = describe(result), domains_of(result)
    summary = said["summary"]
    deepest: Any = {}
    if summary["wells"]:
        deepest = domains[domains["probability"] >= LEAST_PROBABILITY].iloc[0]
    return {
        "translocations": summary["translocations"],
        "cells": summary["cells"],
        "diffusivity": summary["diffusivity"],
        "diffusivity std": summary["diffusivity_std"],
        "wells": summary["wells"],
        "deepest well": deepest.get("depth", np.nan),
        "deepest well std": deepest.get("depth std", np.nan),
        **{name: deepest.get(name, np.nan) for name in _OF_DOMAINS},
        "warnings": len(said["findings"]),
    }
