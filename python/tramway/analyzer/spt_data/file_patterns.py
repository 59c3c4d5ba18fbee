"""Files that are named one by one, or by patterns."""

import glob
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from tramway.errors import InvalidInputError

Patterns: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""Path or pattern (``*``, ``?``, ``[...]``, ``**``), or several; ``~`` is the home folder."""


def existing_file(path: str | os.PathLike[str]) -> str:
    """Path of a file that has to be there."""
    expanded = Path(path).expanduser()
    if not expanded.is_file():
        raise InvalidInputError(f"no such file: {expanded} (working directory {Path.cwd()})")
    return str(expanded)


def matching_files(
    patterns: Patterns, is_wanted: Callable[[Path], bool] = Path.is_file
) -> list[str]:
    """Files that the patterns match, each once, in alphabetical order."""
    if isinstance(patterns, str | os.PathLike):
        patterns = [patterns]
    found: set[str] = set()
    for pattern in patterns:
        expanded = Path(pattern).expanduser()
        # A name with brackets in it is a name before it is a pattern.
        is_name = is_wanted(expanded)
        names = [str(expanded)] if is_name else glob.glob(str(expanded), recursive=True)  # noqa: PTH207
        matching = [name for name in names if is_wanted(Path(name))]
        if not matching:
            raise InvalidInputError(
                f"no file matches '{os.fspath(pattern)}' (working directory {Path.cwd()})"
            )
        found.update(map(os.path.normpath, matching))
    if not found:
        raise InvalidInputError("`filepattern` is empty, expected a path, a pattern or a list")
    return sorted(found)
