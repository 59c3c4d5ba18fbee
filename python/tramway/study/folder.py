"""The movies of a study, by the folders that they are in."""

import os
from dataclasses import dataclass
from pathlib import Path

from tramway.errors import InvalidInputError

_NO_MOVIES = {".rwa", ".html", ".png", ".pdf", ".svg", ".md", ".py", ".ipynb", ".toml", ".json"}
_RUNS = "tramway-runs"


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
    """

    path: Path
    condition: str
    name: str
    cell: str


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
        Which files are movies, relative to `folder`.
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
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise InvalidInputError(f"'{root}' is no folder: give the one with a folder per condition")
    left_out = None if output is None else Path(output).expanduser().absolute()
    movies = []
    for path in sorted(root.glob(pattern)):
        parts = path.relative_to(root).parts
        if not path.is_file() or _is_something_else(path, parts, roi_suffix):
            continue
        if left_out is not None and left_out in path.absolute().parents:
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


def _is_something_else(path: Path, parts: tuple[str, ...], roi_suffix: str | None) -> bool:
    if any(part.startswith(".") or part == _RUNS for part in parts):
        return True
    if path.suffix.lower() in _NO_MOVIES:
        return True
    ends = () if roi_suffix is None else (f"-{roi_suffix}", f"_{roi_suffix}")
    return path.stem.endswith(ends)
