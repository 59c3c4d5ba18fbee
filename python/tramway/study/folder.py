"""The movies of a study, by the folders that they are in."""

import os
from dataclasses import dataclass
from pathlib import Path

from tramway.analyzer.source.tracking_file import is_zarr
from tramway.arguments import checked
from tramway.errors import InvalidInputError

_NO_MOVIES = {
    *(".rwa", ".html", ".pdf", ".svg", ".md", ".py", ".ipynb", ".toml", ".json", ".ini", ".log"),
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".nd2", ".czi", ".lif", ".avi", ".mp4"),
    *(".doc", ".docx", ".xlsx", ".pptx", ".db", ".roi", ".zip"),
}
"""Suffixes of what lies beside movies, images that they were tracked in among them."""

_RUNS = "tramway-runs"
_OF_STUDY = ("comparison.html", "regions.csv")


@dataclass(frozen=True)
class Movie:
    """A movie of a study.

    Attributes
    ----------
    path
        Its file of trajectories.
    condition
        Name of the folder in the folder of the study.
    name
        Its path within the folder of the condition, without the last suffix.
    cell
        The folder that it is in, below that of the condition; its own name where there is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> Movie(Path("Data/drug/cell 3/a.rpt.txt"), "drug", "cell 3/a.rpt", "cell 3").condition
    'drug'
    """

    path: Path
    condition: str
    name: str
    cell: str


@checked
def find_movies(
    folder: str | os.PathLike[str],
    pattern: str = "*/**/*",
    *,
    roi_suffix: str | None = None,
    output: str | os.PathLike[str] | None = None,
) -> list[Movie]:
    """Find the movies in ``folder/<condition>/…``.

    Parameters
    ----------
    folder
        Folder of the study, with a folder for each condition.
    pattern
        Which files are movies, relative to `folder`. Images, documents, pages and results are none,
        unless the pattern ends like them, as ``*/*.json``; nor is what is in a folder that a study
        wrote.
    roi_suffix
        Files of regions, ``cell.rpt-<suffix>.txt``, which are no movies.
    output
        Folder that is left out.

    Returns
    -------
    list of Movie
        By condition and name.

    Raises
    ------
    InvalidInputError
        If there are none, or files that match lie in no folder of a condition.

    Examples
    --------
    >>> from pathlib import Path
    >>> for condition in ("control", "drug"):
    ...     folder = Path("Data", condition, "cell 1")
    ...     folder.mkdir(parents=True)
    ...     movie.to_csv(folder / "movie.txt", sep=" ", index=False)
    >>> [(each.condition, each.cell, each.name) for each in find_movies("Data")]
    [('control', 'cell 1', 'cell 1/movie'), ('drug', 'cell 1', 'cell 1/movie')]
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise InvalidInputError(f"'{root}' is no folder: give the one with a folder per condition")
    left_out = None if output is None else Path(output).expanduser().absolute()
    movies: list[Movie] = []
    for path in sorted(root.glob(pattern)):
        parts = path.relative_to(root).parts
        if not (path.is_file() or is_zarr(path)) or _is_hidden(parts):
            continue
        if path.suffix.lower() in _NO_MOVIES and not pattern.endswith(path.suffix):
            continue
        if roi_suffix is not None and path.stem.endswith((f"-{roi_suffix}", f"_{roi_suffix}")):
            continue
        if any(above == left_out or _is_other(above) for above in path.absolute().parents):
            continue
        if len(parts) < 2:
            raise InvalidInputError(
                f"'{path}' is in no folder of a condition: expected {root}/<condition>/<movie>"
            )
        name = Path(*parts[1:]).with_suffix("").as_posix()
        movies.append(Movie(path, parts[0], name, parts[1] if len(parts) > 2 else name))
    if not movies:
        raise InvalidInputError(
            f"no movies match '{pattern}' in '{root}', expected <condition>/<movie>"
        )
    return movies


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith((".", "~$")) or part == _RUNS for part in parts)


def _is_other(folder: Path) -> bool:
    """Whether a folder is what a study wrote, or a single movie."""
    return is_zarr(folder) or all((folder / name).is_file() for name in _OF_STUDY)
