"""Importing the package."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tramway


@pytest.mark.parametrize("other", ["tramway-0.7.dist-info", "tramway-0.6.9-py3.9.egg-info"])
def test_the_other_tramway_in_the_same_place_is_told(tmp_path: Path, other: str) -> None:
    assert tramway.__file__ is not None
    (tmp_path / "tramway").mkdir()
    shutil.copy(tramway.__file__, tmp_path / "tramway")
    (tmp_path / other).mkdir()
    (tmp_path / "tramway_rs-0.1.0.dist-info").mkdir()
    outcome = subprocess.run(
        [sys.executable, "-c", "import tramway"], cwd=tmp_path, capture_output=True, text=True
    )
    last = outcome.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: the distribution `tramway` is installed ({other})")
    assert "pip uninstall tramway" in last
