"""A folder of movies of several conditions: checked, mapped, reported, compared."""

import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tramway.analyzer import RWAnalyzer, environments, stages, tessellers
from tramway.analyzer.check import SourceCheck
from tramway.arguments import checked
from tramway.errors import DataQualityWarning, InsufficientDataError, InvalidInputError, RunError
from tramway.runs import RunSummary, TaskRecord

from .comparison import compare
from .dense_regions import dense_regions
from .folder import find_movies
from .page import comparison_page
from .tables import failures_of, mapped_regions, tables_of

_SQUARES = 3.0  # cells along a side of the squares that dense regions are made of

_CHOSEN = ("diffusivity_prior", "potential_prior", "noise_correction")
"""Parameters of models that the data decide."""

_BY_MOVIE = "; with `unit` 'movie' each movie counts by itself"

QUANTITIES = {
    "diffusivity": ("µm²/s", True),
    "wells": ("per region", False),
    "deepest well": ("kT", False),
    "diameter": ("µm, of the deepest well", True),
    "residence time": ("s, in the deepest well", True),
}
"""What is compared of regions: unit, and whether by its logarithm."""


@dataclass(frozen=True, eq=False)
class Study:
    """What a study found.

    Attributes
    ----------
    folder
        Where its tables and pages are.
    regions
        A row per region: ``condition``, ``cell``, ``movie``, ``region``, ``translocations``,
        ``cells``, ``diffusivity`` and ``diffusivity std`` (µm²/s), ``wells``, ``deepest well`` and
        ``deepest well std`` (kT), ``warnings``, and what that well is as a domain: ``diameter``
        (µm), ``escape time`` and ``residence time`` (s), each with its ``std``.
    wells
        A row per well: the same names, ``x``, ``y`` (µm), ``depth``, ``depth std`` (kT), ``area``
        (µm²), ``probability``, and what :func:`tramway.inference.find_domains` tells of it:
        ``diameter`` (µm), ``escape time``, ``residence time`` and ``counted residence time`` (s)
        with their ``std``, and ``exits``.
    conditions, differences
        Those of :func:`compare`, for each ``quantity``; empty where there is a single condition.
    failures
        A row per region without maps, or a movie without regions: ``condition``, ``cell``,
        ``movie``, ``region`` (empty for a movie) and the ``reason``.
    notes
        What was chosen, or left out, one sentence each.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tramway.study import run_study
    >>> for condition in ("control", "drug"):
    ...     Path("Movies", condition).mkdir(parents=True)
    ...     movie.to_csv(Path("Movies", condition, "cell1.txt"), sep=" ", index=False)
    >>> study = run_study("Movies", model="d", resolution=0.3, localization_precision=0.01)
    >>> study.regions[["condition", "movie", "region"]].to_numpy().tolist()
    [['control', 'cell1', 'roi000'], ['drug', 'cell1', 'roi000']]
    """

    folder: Path
    regions: pd.DataFrame
    wells: pd.DataFrame
    conditions: pd.DataFrame
    differences: pd.DataFrame
    failures: pd.DataFrame
    notes: list[str]


@checked
def run_study(
    folder: str | os.PathLike[str],
    *,
    pattern: str = "*/**/*",
    output: str | os.PathLike[str] | None = None,
    roi_suffix: str | None = None,
    localization_precision: float | None = None,
    resolution: float | None = None,
    model: str = "stochastic.dv",
    unit: str = "cell",
    reference: str | None = None,
    worker_count: int | None = None,
    **reading: Any,
) -> Study:
    """Map all movies of a folder, report each, and compare the conditions.

    Parameters
    ----------
    folder, pattern
        Movies are ``folder/<condition>/<movie>`` or ``folder/<condition>/<cell>/<movie>``; see
        :func:`find_movies`. Maps are saved beside them.
    output
        Folder of tables and pages; ``study`` in `folder` by default.
    roi_suffix
        Regions are in files beside the movies; by default they are :func:`dense_regions`.
    localization_precision, resolution
        Of all movies, µm; by default medians of what the check of the movies found, and of files
        that say a precision for each localization, these.
    model
        Plugin name. The weights of its priors are chosen by the evidence, and the spurious drift
        of localization noise is kept out (``noise_correction='auto'``), where it has either.
    unit
        What is independent: ``cell`` (a folder below that of the condition, or else the movie) or
        ``movie``.
    reference
        Condition that the others are compared with; the first by name by default.
    worker_count
        Number of processes; without, this one does all.
    reading
        Further settings of ``a.spt_data``: ``pixel_size``, ``frame_interval``, ``coord_scale``, ….

    Returns
    -------
    Study
        Its tables are written, too: ``regions.csv``, ``wells.csv``, ``conditions.csv``,
        ``differences.csv``, ``failures.csv``; and pages ``comparison.html``, ``<condition>.html``,
        ``<condition>/<movie>.html``.

    Raises
    ------
    InvalidInputError
        If there are no movies, none can be read, or two would have their maps in one file.
    RunError
        If nothing could be mapped. What failed of a part is among the `failures`, movies that
        cannot be read with it.

    Examples
    --------
    >>> from pathlib import Path
    >>> for condition in ("control", "drug"):
    ...     for number in range(2):
    ...         folder = Path("Data", condition)
    ...         folder.mkdir(parents=True, exist_ok=True)
    ...         movie.to_csv(folder / f"cell{number}.txt", sep=" ", index=False)
    >>> study = run_study("Data", model="d", resolution=0.3, localization_precision=0.01)
    >>> diffusivity = study.differences.iloc[0]
    >>> float(diffusivity["ratio"])  # these movies are copies of one
    1.0
    >>> sorted(path.name for path in study.folder.glob("*.html"))
    ['comparison.html', 'control.html', 'drug.html']
    """
    if unit not in ("cell", "movie"):
        raise InvalidInputError(f"`unit` is {unit!r}, expected 'cell' or 'movie'")
    target = Path(folder).expanduser() / "study" if output is None else Path(output).expanduser()
    movies = find_movies(folder, pattern, roi_suffix=roi_suffix, output=target)
    names = {movie.condition for movie in movies}
    if reference is not None and reference not in names:
        raise InvalidInputError(
            f"`reference` is {reference!r}, expected a condition: {', '.join(sorted(names))}"
        )
    notes: list[str] = []
    a = RWAnalyzer()
    a.spt_data.from_files([str(movie.path) for movie in movies])
    for name, value in reading.items():
        if value is not None:
            setattr(a.spt_data, name, value)
    checks, failed = _read(a)
    _settle(a, checks, localization_precision, resolution, notes)
    failed += _define_regions(a, roi_suffix, notes)
    a.mapper.from_plugin(model)
    for name in {*_CHOSEN} & {*a.mapper.parameters}:
        setattr(a.mapper, name, "auto")
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer())
    if worker_count is not None:
        a.env = environments.LocalHost(worker_count)
    failed += _run(a)
    mapped = mapped_regions(a, failed)
    if not any(mapped.values()):
        raise RunError(f"there are no maps, as of {failed[-1]}")
    target.mkdir(parents=True, exist_ok=True)
    failures = failures_of(failed, movies)
    regions, wells = tables_of(movies, mapped, failures, model, target)
    conditions, differences = _compared(regions, unit, reference, notes)
    study = Study(target, regions, wells, conditions, differences, failures, notes)
    for name in ("regions", "wells", "conditions", "differences", "failures"):
        getattr(study, name).to_csv(target / f"{name}.csv", index=False)
    page = comparison_page(regions, conditions, differences, failures, notes, QUANTITIES, unit)
    (target / "comparison.html").write_text(page, encoding="utf-8")
    return study


def _read(a: RWAnalyzer) -> tuple[list[SourceCheck], list[TaskRecord]]:
    """Check the movies; leave out those that cannot be read, and say why."""
    found = a.spt_data.check()
    good = [item for item in found if item.error is None]
    failed = [
        TaskRecord("read", item.source, "", "failed", message=_without_name(item))
        for item in found
        if item.error is not None
    ]
    if not good:
        raise InvalidInputError(
            f"none of {len(found)} movies can be read, the first one since {failed[0].source}: "
            f"{failed[0].message}; `pattern` says which files are movies"
        )
    of_results: dict[Path, str] = {}
    for item in good:
        path = Path(item.source).with_suffix(".rwa")
        other = of_results.setdefault(path, item.source)
        if other != item.source:
            raise InvalidInputError(
                f"the maps of '{other}' and '{item.source}' would be in one file, '{path}': choose "
                "one of them by `pattern`, or rename it"
            )
    if failed:
        a.spt_data.from_files([item.source for item in good])
    return good, failed


def _without_name(item: SourceCheck) -> str:
    """Why a movie cannot be read, in a study's terms: its arguments are those of the data."""
    message = str(item.error).removeprefix(f"{item.source}: ").replace(item.source, "the file")
    return re.sub(r"a\.spt_data\.(\w+)", r"`\1`", message)


def _settle(
    a: RWAnalyzer,
    found: list[SourceCheck],
    precision: float | None,
    resolution: float | None,
    notes: list[str],
) -> None:
    """Choose what was not given, the same for all movies, so that maps compare."""
    odd = [item for item in found if not item.is_plausible]
    if odd:
        notes.append(
            f"the units of {len(odd)} of {len(found)} movies look wrong, and all numbers with "
            f"them, as of {odd[0].source}: {odd[0].units}; give `coord_scale`, which is 0.001 "
            "for nm, or `time_scale`"
        )
    qualities = [item.quality for item in found if item.quality is not None]
    if precision is None and all(item.has_own_precision for item in found):
        notes.append("localization precisions are those of the files, one for each localization")
    elif precision is None:
        values = [q.precision for q in qualities if q.precision is not None]
        precision = float(f"{np.median(values):.3g}") if values else 0.0
        limits = sum(q.precision_is_limit for q in qualities)
        notes.append(
            f"localization precision {precision:g} µm: the median of what successive steps say of "
            f"{len(values)} movies{f', an upper limit in {limits}' * bool(limits)}"
        )
    if precision is not None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DataQualityWarning)
            a.spt_data.localization_precision = precision
        notes += [str(each.message) for each in caught]
    if resolution is None:
        sizes = [q.cell_size for q in qualities if q.cell_size is not None]
        if not sizes:
            raise InvalidInputError("the movies have too few steps to choose cells: `resolution`")
        resolution = float(f"{np.median(sizes):.3g}")
        notes.append(f"cells {resolution:g} µm apart: the median of what suits the movies")
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = resolution


def _define_regions(a: RWAnalyzer, roi_suffix: str | None, notes: list[str]) -> list[TaskRecord]:
    """Say where the regions are; return what movies have none, and why."""
    if roi_suffix is not None:
        a.roi.from_ascii_files(suffix=roi_suffix)
        return []
    movies = len(a.spt_data)
    boxes, failed = {}, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)  # given by the check
        for source in a.spt_data:
            try:
                boxes[source.source] = dense_regions(
                    source.dataframe, _SQUARES * a.tesseller.resolution
                )
            except InsufficientDataError as error:
                failed.append(
                    TaskRecord("regions", source.source, "", "failed", message=str(error))
                )
    if not boxes:
        raise InsufficientDataError(f"no movie has a region to map; {failed[0]}")
    if failed:
        a.spt_data.from_files([*boxes])
    for source in a.spt_data:
        source.roi.from_bounding_boxes(boxes[source.source])
    notes.append(f"{sum(map(len, boxes.values()))} dense regions were found in {movies} movies")
    return failed


def _run(a: RWAnalyzer) -> list[TaskRecord]:
    """Make the maps; return what failed, if there is something to show besides."""
    try:
        a.run()
    except RunError as error:
        summary = error.summary
        if not isinstance(summary, RunSummary) or not (summary.done or summary.skipped):
            raise
        return summary.failed
    return []


def _compared(
    regions: pd.DataFrame, unit: str, reference: str | None, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    empty = pd.DataFrame({"quantity": []})
    known = regions["condition"].unique()
    if len(known) == 1:
        notes.append(
            f"nothing was compared: all movies are of the condition {known[0]!r}; to compare, give "
            "the folder that has a folder of movies for each condition"
        )
        return empty, empty
    units, movies = (regions.groupby("condition")[name].nunique() for name in (unit, "movie"))
    single = ", ".join(map(str, units.index[units == 1]))
    if single:
        more = _BY_MOVIE * bool(((units == 1) & (movies > 1)).any())
        notes.append(
            f"there is one {unit} of {single}: how far {unit}s differ is not known, so that there "
            f"are neither intervals nor p values{more}"
        )
    conditions: list[pd.DataFrame] = []
    differences: list[pd.DataFrame] = []
    for quantity, (_, logarithmic) in QUANTITIES.items():
        try:
            means, found = compare(
                regions, quantity, unit=unit, reference=reference, logarithmic=logarithmic
            )
        except InvalidInputError as error:
            notes.append(f"{quantity} was not compared: {error}")
            continue
        for table, tables in ((means, conditions), (found, differences)):
            table.insert(0, "quantity", quantity)
            tables.append(table)
    return (
        pd.concat(conditions, ignore_index=True) if conditions else empty,
        pd.concat(differences, ignore_index=True) if differences else empty,
    )
