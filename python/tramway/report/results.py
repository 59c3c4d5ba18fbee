"""Results to report: the maps in `.rwa` files, and what they hang below."""

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tramway.arguments import checked
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.files import Analysis, Failure, Record, failures_of, read_rwa
from tramway.files.folder import files_in
from tramway.files.rwa import leave_out_damaged
from tramway.inference import Maps
from tramway.tessellation import Partition


@dataclass(frozen=True, eq=False)
class MapResult:
    """Maps of one region, with where they come from.

    Attributes
    ----------
    path
        The ``.rwa`` file.
    movie
        Its name, without what all results have in common.
    region, label
        Labels of the sampling and of the maps.
    maps, partition
        The maps, and what they were inferred from.
    record, sampling_record
        What determined them; None where that is unknown.
    datafile
        Trajectories that it was all made of; None where the file does not say.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> from tramway.report import read_results
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "roi000").add(maps, "dv")
    >>> _ = save_rwa("cell1.rwa", tree)
    >>> result = read_results(["cell1.rwa"])[0].results[0]
    >>> result.movie, result.region, result.label, result.maps.features[:2]
    ('cell1', 'roi000', 'dv', ['diffusivity', 'potential'])
    """

    path: Path
    movie: str
    region: str
    label: str
    maps: Maps
    partition: Partition
    record: Record | None
    sampling_record: Record | None
    datafile: str | None


@dataclass(frozen=True, eq=False)
class MovieResults:
    """All maps of one ``.rwa`` file.

    Attributes
    ----------
    path, movie, datafile
        Those of each result.
    localizations
        Trajectories at the root of the file; None where it holds none.
    results
        Its maps, in the order of the file.
    problems
        What could not be read of the file, or used, one sentence each.
    failures
        Samplings and maps that a run could not make, with the reason, and samplings without maps.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> from tramway.report import read_results
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "roi000").add(maps, "dv")
    >>> other = tree.add(partition, "roi001")
    >>> _ = save_rwa("cell2.rwa", tree)
    >>> cell = read_results(["cell2.rwa"])[0]
    >>> cell.movie, len(cell.results), cell.failures[0].labels
    ('cell2', 1, ('roi001',))
    """

    path: Path
    movie: str
    datafile: str | None
    localizations: pd.DataFrame | None
    results: list[MapResult]
    problems: list[str]
    failures: list[Failure]


@checked
def read_results(paths: Iterable[str | os.PathLike[str]]) -> list[MovieResults]:
    """Read the maps of ``.rwa`` files.

    Parameters
    ----------
    paths
        Files, or folders whose ``.rwa`` files are taken, those of sub-folders, too.

    Returns
    -------
    list of MovieResults
        One per file, in the order given, those of a folder by name.

    Raises
    ------
    InvalidInputError
        If a folder has no such files, or no file holds any maps of regions.
    FileNotFoundError, FileFormatError
        If there is no such file, or it is no ``.rwa`` file.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "roi000").add(maps, "dv")
    >>> _ = save_rwa("cell3.rwa", tree)
    >>> for cell in read_results(["cell3.rwa"]):
    ...     for result in cell.results:
    ...         print(cell.movie, result.region, result.label)
    cell3 roi000 dv
    """
    files = list(dict.fromkeys(path.resolve() for path in files_in(paths)))
    if not files:
        raise InvalidInputError("no results were given, expected .rwa files or folders of them")
    common = Path(os.path.commonpath([path.parent for path in files]))
    movies = [_read(path, path.relative_to(common).with_suffix("").as_posix()) for path in files]
    if not any(movie.results for movie in movies):
        problems = "; ".join(
            text
            for movie in movies
            for text in [*movie.problems, *(f"{', '.join(f[0])}: {f[1]}" for f in movie.failures)]
        )
        raise InvalidInputError(
            f"there are no maps in {', '.join(map(str, files[:5]))}{' …' * (len(files) > 5)}: run "
            f"the inference first{f' ({problems})' * bool(problems)}"
        )
    return movies


def _read(path: Path, movie: str) -> MovieResults:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataQualityWarning)
        tree = leave_out_damaged(read_rwa(path))
    problems = [str(item.message) for item in caught]
    datafile = tree.metadata.get("datafile")
    if datafile is not None and path.with_name(Path(datafile).name).is_file():
        datafile = str(path.with_name(Path(datafile).name))  # where it is now
    root = tree._data
    results: list[MapResult] = []
    failures = failures_of(tree)
    for region in tree:
        sampling = tree[region]
        if not isinstance(sampling._data, Partition):
            problems.append(f"'{region}' is no sampling that can be shown")
            continue
        if not sampling.labels and not any(failure.labels[0] == region for failure in failures):
            failures.append(Failure((str(region),), "there are no maps of it: run the inference"))
        for label in sampling:
            node = sampling[label]
            if not isinstance(node._data, Maps) or not len(node._data):
                problems.append(f"'{label}' of '{region}' are no maps that can be shown")
                continue
            results.append(_result(path, movie, datafile, sampling, node))
    localizations = root if isinstance(root, pd.DataFrame) else None
    return MovieResults(path, movie, datafile, localizations, results, problems, failures)


def _result(
    path: Path, movie: str, datafile: str | None, sampling: Analysis, node: Analysis
) -> MapResult:
    return MapResult(
        path,
        movie,
        str(sampling.label),
        str(node.label),
        node.data,
        sampling.data,
        node.record,
        sampling.record,
        datafile,
    )
