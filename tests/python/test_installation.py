"""Two distributions in one folder are told, whichever came last and whatever is imported."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tramway
from tramway._installation import problem

PACKAGE = Path(tramway.__file__).parent

# Imports every module that is named by an argument, each as if it were the first.
IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    for known in [known for known in sys.modules if known.split(".")[0] == "tramway"]:
        del sys.modules[known]
    try:
        importlib.import_module(name)
        print(name, "was imported")
    except ImportError as error:
        print(name, error)
"""


def last_line(folder: Path, code: str) -> str:
    command = [sys.executable, "-c", code]
    outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return outcome.stderr.splitlines()[-1]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that the package is installed in."""
    shutil.copytree(PACKAGE, tmp_path / "tramway", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tramway_rs-0.1.0.dist-info").mkdir()
    return tmp_path


@pytest.fixture
def mixture(site: Path) -> Path:
    """What is there after `pip install tramway==0.7`, whose packages have these names too."""
    for name in ("", "analyzer", "inference", "tessellation"):
        (site / "tramway" / name / "__init__.py").write_text('__all__ = ["core"]\n')
    (site / "tramway" / "__main__.py").write_text("")
    (site / "tramway-0.7.dist-info").mkdir()
    return site


@pytest.mark.parametrize("other", ["tramway-0.7.dist-info", "tramway-0.6.9-py3.9.egg-info"])
def test_the_other_tramway_in_the_same_place_is_told(site: Path, other: str) -> None:
    (site / other).mkdir()
    last = last_line(site, "import tramway")
    assert last.startswith(f"ImportError: the distribution `tramway` is installed ({other})")
    assert "pip uninstall tramway" in last


@pytest.mark.slow
def test_every_module_that_the_other_has_left_tells(mixture: Path) -> None:
    overwritten = {"tramway", "tramway.__main__"} | {
        f"tramway.{room}" for room in ("analyzer", "inference", "tessellation")
    }
    names = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
    }
    ours = sorted(names - overwritten)
    outcome = subprocess.run(
        [sys.executable, "-c", IMPORT_EACH, *ours, "tramway._core"],
        cwd=mixture, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = [line for line in outcome.stdout.splitlines() if "(tramway-0.7.dist-info)" in line]
    assert len(told) > 0.9 * len(ours)
    # The others need nothing of this package, or miss a name of a room that was overwritten.
    for line in set(outcome.stdout.splitlines()) - set(told):
        name, _, outcome_of_import = line.partition(" ")
        path = PACKAGE.parent / name.replace(".", "/")
        source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()
        is_alone = "from ." not in source and "from tramway" not in source
        assert is_alone or "cannot import name" in outcome_of_import, line


def test_a_package_whose_other_half_was_uninstalled_tells() -> None:
    # pip removes `__init__.py` with the other; what Python makes of the folder then has no file.
    assert (
        (problem(None, None) or "").split(": ")[0].endswith("`tramway` is that of no __init__.py")
    )
    assert problem(tramway.__file__, "tramway-rs") is None


def test_files_of_the_other_without_its_metadata_are_told(mixture: Path) -> None:
    (mixture / "tramway-0.7.dist-info").rmdir()
    last = last_line(mixture, "import tramway.errors")
    assert "has files of `tramway-rs`, but the package `tramway` is that of" in last
    assert "__init__.py: run `pip uninstall tramway`" in last


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
