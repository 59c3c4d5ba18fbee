"""Whole scripts in the style of the original's documentation, run twice in the same folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE / "scripts").glob("*.py"))

WRITE_FILES = "names = {}; exec(open(%r).read(), names); names['write_files']()"

NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")

NOT_COMPARED = (
    # A search that stops at another lattice: docs/differences.md.
    r"Hexagons None|plugin hexagon"
    # Random, by another generator.
    r"|GWR about|KMeans about"
)


def said_by(python: str, script: Path, folder: Path) -> list[str]:
    """What the script prints the second time; it must not fail."""
    shutil.copy(script, folder)
    subprocess.run([sys.executable, "-c", WRITE_FILES % str(HERE / "given.py")], cwd=folder)
    for _ in range(2):
        done = subprocess.run([python, script.name], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_says_the_same_in_both(script: Path, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    ours = said_by(sys.executable, script, tmp_path / "ours")
    assert ours
    python = os.environ.get("TRAMWAY_ORIGINAL_PYTHON")
    if not python:
        pytest.skip("TRAMWAY_ORIGINAL_PYTHON names no interpreter that has the original")
    (tmp_path / "theirs").mkdir()
    theirs = said_by(python, script, tmp_path / "theirs")
    assert len(ours) == len(theirs)
    for our_line, their_line in zip(ours, theirs, strict=True):
        if re.match(NOT_COMPARED, our_line):
            continue
        assert NUMBER.sub("_", our_line) == NUMBER.sub("_", their_line)
        found, expected = ([float(n) for n in NUMBER.findall(s)] for s in (our_line, their_line))
        # Their solver stops at a relative change of 1e-5 or so of the objective; where a cell of
        # two displacements has no diffusivity at all, some way off zero.
        assert found == pytest.approx(expected, rel=1e-3, abs=1e-3), our_line
