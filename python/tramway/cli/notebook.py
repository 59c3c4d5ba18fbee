"""Notebooks, executed cell by cell without Jupyter.

IPython translates what is not Python in the cells: ``%magic`` and ``!command`` become calls of
``get_ipython()``. Here these leave a note and do nothing else, except for the magics that time or
silence some Python, which is executed.
"""

import linecache
import sys
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tramway.errors import FileFormatError, MissingPackageError

_AROUND_PYTHON = ("time", "capture")  # magics that do what follows them


@dataclass(frozen=True)
class Cell:
    """A cell of code.

    Attributes
    ----------
    name
        What tracebacks call it.
    code
        What there is to execute.
    """

    name: str
    code: CodeType


def read(path: Path) -> list[Cell]:
    """Read the cells of code.

    Raises
    ------
    FileFormatError
        If the file is no notebook, or a cell is no Python; the message names the cell.
    MissingPackageError
        If nbformat or IPython is not installed.
    """
    try:
        import IPython.core.inputtransformer2  # noqa: F401 - needed later
        import nbformat
    except ImportError as error:
        raise MissingPackageError(
            f"notebooks need nbformat and IPython ({error}): pip install 'tramway-rs[notebook]', "
            f"or make a script of it where Jupyter is: jupyter nbconvert --to script '{path}'"
        ) from error
    try:
        content = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise FileFormatError(f"{path} cannot be read as a notebook: {error}") from error
    sources = [cell.source for cell in content.cells if cell.cell_type == "code"]
    return [
        _compiled(f"{path}, cell {number}", source)
        for number, source in enumerate(sources, start=1)
        if source.strip()
    ]


def _compiled(name: str, source: str) -> Cell:
    from IPython.core.inputtransformer2 import TransformerManager

    source = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        return Cell(name, compile(source, name, "exec"))
    except SyntaxError as error:
        raise FileFormatError(f"{name}, line {error.lineno}: {error.msg}") from error


def execute(cells: list[Cell]) -> None:
    """Execute the cells in order, in one namespace."""
    main = ModuleType("__main__")
    before = sys.modules["__main__"]
    sys.modules["__main__"] = main  # where functions of the notebook say that they are
    magics = _Magics(main.__dict__)
    main.__dict__["get_ipython"] = lambda: magics
    try:
        for cell in cells:
            magics.cell = cell.name
            exec(cell.code, main.__dict__)
    finally:
        sys.modules["__main__"] = before


class _Magics:
    """What stands for IPython in the cells."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.cell = ""
        self._namespace = namespace

    def run_line_magic(self, name: str, line: str, **_: Any) -> None:
        if name in _AROUND_PYTHON and line.strip():
            self._execute(line)
        else:
            self._note(f"%{name} {line}")

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in _AROUND_PYTHON:
            self._execute(cell)
        else:
            self._note(f"%%{name} {line}")

    def system(self, command: str) -> None:
        self._note(f"!{command}")

    def getoutput(self, command: str) -> list[str]:
        self._note(f"!{command}")
        return []

    def _execute(self, source: str) -> None:
        exec(_compiled(f"{self.cell}, magic", source).code, self._namespace)

    def _note(self, what: str) -> None:
        print(f"note: {self.cell}: not done outside of Jupyter: {what.strip()}", file=sys.stderr)
