"""The `.rwa` files in folders."""

import os
from collections.abc import Iterable
from pathlib import Path

from tramway.errors import InvalidInputError


def paths_in(folder: Path) -> list[Path]:
    """List what is in a folder, and in those below; what is removed meanwhile is left out."""
    # `Path.rglob` raises FileNotFoundError then, as where a run ends and removes its directory.
    walk = os.walk(folder)
    return [Path(here, name) for here, folders, files in walk for name in (*folders, *files)]


def files_in(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """List ``.rwa`` files, those in folders among them.

    Parameters
    ----------
    paths
        Files, or folders whose ``.rwa`` files are taken, those of sub-folders, too.

    Returns
    -------
    list of Path
        In the order given, each once, those of a folder by name.

    Raises
    ------
    InvalidInputError
        If `paths` is a single path, or a folder has no such files.
    """
    if isinstance(paths, str | os.PathLike):
        raise InvalidInputError(f"`paths` is '{paths}', expected a list of paths: ['{paths}']")
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given).expanduser()
        inside = [path]
        if path.is_dir():
            inside = sorted(one for one in paths_in(path) if one.suffix == ".rwa")
        if not inside:
            raise InvalidInputError(f"'{path}' has no .rwa files: give a folder with results")
        found.update(dict.fromkeys(inside))
    return list(found)
