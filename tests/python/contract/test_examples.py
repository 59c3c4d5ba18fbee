"""Examples in docstrings say what happens, and each public name has one."""

import doctest
import importlib
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

import tramway

PACKAGE = Path(tramway.__file__).parent

# All modules that have examples, of the package as it is installed.
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.fixture(scope="module")
def start() -> dict[str, Any]:
    """Names that all examples begin with, by the code that the reference shows."""
    text = (REFERENCE / "index.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    return names


@pytest.mark.filterwarnings("ignore::tramway.errors.TramwayWarning")
@pytest.mark.parametrize("name", MODULES)
def test_examples(
    name: str, start: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # they may write files
    failed, tried = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.ELLIPSIS, extraglobs=start
    )
    plt.close("all")
    assert (failed, tried > 0) == (0, True)


def test_there_are_examples() -> None:
    assert len(MODULES) >= 10


def described() -> list[tuple[str, str]]:
    """Module and name of everything that the reference has a page for."""
    found = []
    for page in sorted(REFERENCE.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for module, names in re.findall(
            r"currentmodule:: (\S+)\n\n\.\. autosummary::\n   :toctree: \w+\n\n((?:   \S+\n)+)",
            text,
        ):
            found += [(module, name) for name in names.split()]
    return found


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module, name in described()
        if module not in ("tramway.errors", "tramway.units")
        and not name.startswith("tessellers.")  # they point to functions, which have
    ],
)
def test_each_public_name_has_an_example(module: str, name: str) -> None:
    thing: Any = importlib.import_module(module)
    for part in name.split("."):
        thing = getattr(thing, part, None) or importlib.import_module(f"{module}.{part}")
    assert ">>> " in (thing.__doc__ or "")


@pytest.mark.parametrize(
    "module",
    ["data", "environments", "files", "inference", "napari", "plotting", "tessellation"],
)
def test_each_public_name_is_in_the_reference(module: str) -> None:
    names = {name for where, name in described() if where == f"tramway.{module}"}
    package = importlib.import_module(f"tramway.{module}")
    public = {name for name in package.__all__ if callable(getattr(package, name))}
    assert public == names
