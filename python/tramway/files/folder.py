"""The `.rwa` files in folders."""

import os
from collections.abc import Iterable
from pathlib import Path

from tramway.errors import InvalidInputError


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
        inside = sorted(path.rglob("*.rwa")) if path.is_dir() else [path]
        if not inside:
            raise InvalidInputError(f"'{path}' has no .rwa files: give a folder with results")
        found.update(dict.fromkeys(inside))
    return list(found)
