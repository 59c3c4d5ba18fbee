"""What is said of a release in several places is the same everywhere."""

import re
import tomllib
from pathlib import Path

import pytest

import tramway

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RECIPE = (ROOT / ".conda" / "recipe.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("Cargo.toml", r'^version = "(.+)"$'),
        ("CITATION.cff", r"^version: (.+)$"),
        (".conda/recipe.yaml", r'^  version: "(.+)"$'),
    ],
)
def test_version_is_the_same_everywhere(path: str, pattern: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    found = re.search(pattern, text, re.MULTILINE)
    assert found is not None
    assert found[1] == tramway.__version__


def test_the_conda_recipe_needs_what_the_wheel_needs() -> None:
    run = RECIPE.partition("  run:\n")[2].partition("  run_constraints:")[0]
    needed = {line.strip("- ").replace(" ", "") for line in run.splitlines() if line.strip()}
    wanted = {need.replace("matplotlib", "matplotlib-base") for need in PROJECT["dependencies"]}
    assert needed == wanted | {f"python{PROJECT['requires-python']}"}


def test_files_of_licences_are_there() -> None:
    for path in PROJECT["license-files"]:
        assert (ROOT / path).is_file()
        assert path in RECIPE
