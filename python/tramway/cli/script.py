"""A user's script or notebook, executed as `python` would."""

import runpy
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tramway.errors import InvalidInputError

KINDS = (".py", ".ipynb")
"""How names of scripts and notebooks end."""


def execute(path: Path, arguments: Sequence[str] = ()) -> int:
    """Execute a script or a notebook, all of it; return its exit code.

    It finds what it would find under ``python SCRIPT``: ``__name__`` is ``"__main__"``,
    ``sys.argv`` and ``sys.path[0]`` are its own, the working directory is that of the caller. As in
    Jupyter, a notebook has no ``__file__``.

    Parameters
    ----------
    path
        The file.
    arguments
        What follows the name of the script in ``sys.argv``.

    Returns
    -------
    int
        0; what the script gave to ``sys.exit``; or 1 if it ended with an exception, whose traceback
        was printed then.

    Raises
    ------
    InvalidInputError
        If the file is neither, or not there.
    MissingPackageError
        If a notebook cannot be read for want of a package.
    """
    if path.suffix not in KINDS:
        raise InvalidInputError(f"`{path}` ends in '{path.suffix}', expected .py or .ipynb")
    if not path.is_file():
        raise InvalidInputError(f"no such file: {path} (working directory {Path.cwd()})")
    if path.suffix == ".ipynb":
        from . import notebook

        cells = notebook.read(path)  # before anything is executed
    with _as_main(path, arguments):
        try:
            if path.suffix == ".ipynb":
                notebook.execute(cells)
            else:
                runpy.run_path(str(path), run_name="__main__")
        except SystemExit as end:
            return _exit_code(end)
        except BaseException as error:  # noqa: BLE001 - whatever ends a script ends it here
            _report(error)
            return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


@contextmanager
def _as_main(path: Path, arguments: Sequence[str]) -> Iterator[None]:
    before = sys.argv, sys.path[:]
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.absolute().parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = before


def _exit_code(end: SystemExit) -> int:
    """Do what the interpreter does with the argument of ``sys.exit``."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1


def _report(error: BaseException) -> None:
    """Print the traceback, from the user's own lines on."""
    trace = error.__traceback__
    ours = {__file__, runpy.__file__, str(Path(__file__).with_name("notebook.py"))}
    while trace is not None and (
        trace.tb_frame.f_code.co_filename in ours
        or trace.tb_frame.f_code.co_filename.startswith("<frozen runpy")
    ):
        trace = trace.tb_next
    sys.stdout.flush()
    traceback.print_exception(type(error), error, trace)
