"""The recipe of the container, as text: it names what there is."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RECIPE = (ROOT / "containers" / "tramway.def").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def section(name: str) -> str:
    """Text of a section, without comments."""
    found = re.search(rf"^%{name}\n(.*?)(?=^%|\Z)", RECIPE, re.MULTILINE | re.DOTALL)
    if found is None:
        pytest.fail(f"no section %{name}")
    return found[1]


def test_the_base_has_a_python_that_will_do() -> None:
    header = RECIPE.partition("%")[0]
    assert re.search(r"^Bootstrap: docker\nFrom: python:\{\{ python \}\}-slim$", header, re.M)
    version = re.search(r"python=(\d+)\.(\d+)$", section("arguments"), re.M)
    required = re.fullmatch(r">=(\d+)\.(\d+)", PROJECT["requires-python"])
    assert version is not None
    assert required is not None
    assert tuple(map(int, version.groups())) >= tuple(map(int, required.groups()))


def test_the_wheel_is_that_of_this_project_with_mpi() -> None:
    wheel = PROJECT["name"].replace("-", "_")
    source, target = section("files").split()
    assert source == f"dist/{wheel}-*.whl"
    assert f"{target}{wheel}-*.whl" in section("post")
    assert '"$wheel[mpi]" mpich' in section("post")
    assert "mpi" in PROJECT["optional-dependencies"]
    assert "--no-cache-dir" in section("post")


def test_what_the_batch_script_starts_is_there() -> None:
    assert "tramway-mpi" in PROJECT["scripts"]
    assert 'exec tramway "$@"' in section("runscript")
    assert "mpi4py" in section("test")
