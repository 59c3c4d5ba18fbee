"""Examples in docstrings say what happens."""

import doctest
import importlib
from pathlib import Path

import pytest

import tramway

PACKAGE = Path(tramway.__file__).parent

# All modules that have examples, of the package as it is installed.
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # they may write files
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert (failed, tried > 0) == (0, True)


def test_there_are_examples() -> None:
    assert len(MODULES) >= 10
