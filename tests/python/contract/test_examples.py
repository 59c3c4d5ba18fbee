"""Examples in docstrings say what happens, and each public name has one."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

import tramway
import tramway.analyzer
import tramway.errors

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


def found(module: str, name: str) -> Any:
    """Whatever has this name, in a module below that one where there are points in it."""
    thing: Any = importlib.import_module(module)
    for part in name.split("."):
        if not hasattr(thing, part):
            importlib.import_module(f"{thing.__name__}.{part}")
        thing = getattr(thing, part)
    return thing


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module, name in described()
        if callable(found(module, name))
        and module != "tramway.errors"  # these are caught, as the example of the module does
        and not name.startswith("tessellers.")  # they point to functions, which have
    ],
)
def test_each_public_name_has_an_example(module: str, name: str) -> None:
    assert ">>> " in (found(module, name).__doc__ or "")


def test_the_errors_have_an_example() -> None:
    assert ">>> " in (tramway.errors.__doc__ or "")


# Packages and modules of `tramway` whose names are not for scripts: what is behind the commands and
# behind `run()`, of which users see what the page of environments has; and old names of the
# original, over others (docs/compatibility.md).
INTERNAL = {"arguments", "attributes", "cli", "display", "pipeline", "runs"}
OLD = {"core", "feature", "helper", "plot"}
PUBLIC = sorted(
    module.name
    for module in pkgutil.iter_modules(tramway.__path__)
    if not module.name.startswith("_") and module.name not in INTERNAL | OLD
)
# Modules that `from tramway.analyzer import *` gives: their functions are what scripts call.
ANALYZER = sorted(
    name for name in tramway.analyzer.__all__ if inspect.ismodule(getattr(tramway.analyzer, name))
)


def public_names(module: Any) -> dict[str, Any]:
    """Functions and classes that a module offers: its `__all__`, or what it defines."""
    names = getattr(module, "__all__", None) or [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__
    ]
    return {name: getattr(module, name) for name in names if callable(getattr(module, name))}


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_is_in_the_reference(name: str) -> None:
    documented = [found(module, one) for module, one in described()]
    public = public_names(importlib.import_module(f"tramway.{name}"))
    missing = [one for one, thing in public.items() if thing not in documented]
    assert (missing, public != {}) == ([], True)


@pytest.mark.parametrize("name", ANALYZER)
def test_each_function_that_scripts_assign_from_is_in_the_reference(name: str) -> None:
    documented = [found(module, one) for module, one in described()]
    public = public_names(importlib.import_module(found("tramway.analyzer", name).__name__))
    functions = {
        one: thing
        for one, thing in public.items()
        if inspect.isfunction(thing) and (one.startswith("from_") or name == "stages")
    }
    assert [one for one, thing in functions.items() if thing not in documented] == []
