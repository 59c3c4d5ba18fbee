"""Which way imports point: each room may use those listed for it, and itself."""

import ast
from pathlib import Path

import pytest

import tramway

PACKAGE = Path(tramway.__file__).parent

_CHECK = {"_installation"}
_DATA = {"errors", "units", "display", "arguments", "_core"}
_TESSELLATION = _DATA | {"data"}
_INFERENCE = _TESSELLATION | {"tessellation"}
_FILES = _INFERENCE | {"inference"}
ALLOWED = {
    "_installation": set(),
    "__init__": {"_core"} | _CHECK,
    "__main__": {"cli"},
    "errors": _CHECK,
    "units": _CHECK,
    "display": set(),
    "attributes": {"errors"},
    "arguments": {"errors"},
    "runs": {"errors", "attributes", "display", "_core", "__init__"},
    "data": _DATA,
    "tessellation": _TESSELLATION | {"attributes"},
    "inference": _INFERENCE | {"attributes"},
    "files": _FILES,
    "plotting": _FILES | {"files", "attributes"},
    "napari": _FILES | {"files", "plotting"},
    "report": _FILES | {"files", "plotting", "__init__"},
    "analyzer": _FILES | {"files", "plotting", "runs", "attributes"},
    "study": _FILES | {"files", "plotting", "report", "analyzer", "runs", "environments"},
    # What scripts of the original import, thin over ours.
    "core": _FILES | {"files", "attributes"},
    "feature": _FILES | {"attributes"},
    "helper": _FILES | {"files", "plotting", "analyzer", "attributes", "core"},
    "plot": _FILES | {"files", "plotting"},
    "pipeline": _FILES | {"files", "analyzer", "runs", "attributes"},
    "environments": {"errors", "runs", "attributes", "_core"},
    "cli": _FILES
    | {"files", "plotting", "report", "study", "analyzer"}
    | {"pipeline", "runs", "attributes", "environments"}
    | {"core", "helper"}
    | _CHECK,
}
EXCEPTIONS = {
    # The one file that hands out `environments` beside the analyzer, as users write it.
    Path("analyzer/__init__.py"): {"environments"},
    Path("analyzer/env/environments.py"): {"environments"},
    # The one that has what is declared carried out, when that is asked for.
    Path("analyzer/pipeline.py"): {"pipeline"},
}

FILES = sorted(path for path in PACKAGE.rglob("*.py"))


def imported_rooms(path: Path) -> set[str]:
    """Rooms of the package that a file imports from, wherever in the file it does."""
    here = path.relative_to(PACKAGE).parent.parts
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = (node.module or "").split(".") if node.module else []
            if node.level:
                base = ["tramway", *here[: len(here) - node.level + 1], *base]
            names = [[*base, alias.name] for alias in node.names]
        else:
            continue
        rooms |= {name[1] for name in names if name[0] == "tramway" and len(name) > 1}
    return rooms - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    room = relative.with_suffix("").parts[0]
    allowed = ALLOWED[room] | {room} | EXCEPTIONS.get(relative, set())
    assert imported_rooms(path) <= allowed
