"""The recipes of CONTRIBUTING.md for a model and a parameter, carried out on toys."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.attributes import positive
from tramway.inference import Maps, parameters
from tramway.inference.model import model
from tramway.inference.parameters import Parameter
from tramway.tessellation import Partition, hexagons

HOME = Path(__file__).parents[4]

# A drift of half the strength of its vector.
CORE = {
    "    Potential,\n}": "    Potential,\n    /// A toy.\n    Half,\n}",
    '("dv", Self::Potential),': '("dv", Self::Potential),\n        ("dh", Self::Half),',
    "const ALL: [(&'static str, Self); 4]": "const ALL: [(&'static str, Self); 5]",
    "Self::Drift => [Some": 'Self::Half => [Some("half_prior"), None],\nSelf::Drift => [Some',
    "Self::Drift => [1.0, 0.0],": "Self::Drift => [1.0, 0.0],\nSelf::Half => [0.5, 0.0],",
}
MODEL = '''"""A toy."""

from typing import Any

from tramway.inference.maps import Maps
from tramway.inference.model import Vector, model
from tramway.inference.parameters import OF_CELLS
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition, hexagons


@model(
    "dh",
    parameters=("diffusivity_prior", "half_prior", "smoothness", *OF_CELLS),
    likelihood="dh",
    vector=Vector("half", "µm/s"),
)
def infer_half(partition: Partition, **given: Any) -> Maps:
    """Map a toy.

    {parameters}
    """
    return maximum(partition, **given)
'''
WEIGHT = """    _weight("half_prior", f"Weight ≥ 0 of the magnitude of the toy; {_AUTO}."),
    _weight(
        "drift_prior","""


def replace(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_a_model_of_motion_is_two_files(tmp_path: Path) -> None:
    # In a copy of the project: its core is built, and the contract of models holds for the toy.
    # (Its prior has a name of its own, which is a parameter: one line of that table.)
    if shutil.which("cargo") is None or not (HOME / "Cargo.toml").exists():
        pytest.skip("a model needs a Rust toolchain and the sources")
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("rust", "python", "docs", "benches"):
        shutil.copytree(HOME / name, copy / name, ignore=shutil.ignore_patterns("*.so"))
    for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml"):
        shutil.copy(HOME / name, copy)
    shutil.copytree(HOME / "tests/python/contract", copy / "tests/python/contract")
    (copy / "tests/rust").mkdir()
    (copy / "tests/rust/main.rs").touch()

    replace(copy / "rust/inference/likelihood/model.rs", CORE)
    (copy / "python/tramway/inference/models/half.py").write_text(MODEL, encoding="utf-8")
    replace(
        copy / "python/tramway/inference/parameters.py",
        {'    _weight(\n        "drift_prior",': WEIGHT},
    )
    replace(
        copy / "docs/models.md",
        {"| `drift_prior` |": "| `half_prior` | `dh` | none: 0 |\n| `drift_prior` |"},
    )
    cargo = ["cargo", "rustc", "--release", "--locked", "--quiet", "--lib"]
    environment = os.environ | {"CARGO_TARGET_DIR": str(HOME / "target")}  # dependencies are there
    subprocess.run(
        [*cargo, "--features", "python", "--crate-type", "cdylib"],
        cwd=copy, env=environment, check=True,
    )  # fmt: skip
    shutil.copy(HOME / "target/release/libtramway.so", copy / "python/tramway/_core.abi3.so")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "dh or documentation",
         "tests/python/contract/test_models.py"],
        cwd=copy, env=os.environ | {"PYTHONPATH": str(copy / "python"), "PYTEST_ADDOPTS": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout, done.stdout


def test_a_parameter_is_a_line_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    # Signature, docstring, check and default follow.
    strength = Parameter("strength", 2.0, positive, "How strong, kT.")
    known = {**parameters.PARAMETERS, "strength": strength}
    monkeypatch.setattr("tramway.inference.model.PARAMETERS", known)

    @model("toy", parameters=("strength",))
    def infer_toy(partition: Partition, *, strength: float, **_: object) -> Maps:
        """Map a toy.

        {parameters}
        """
        return Maps(pd.DataFrame({"toy": [strength]}), "toy")

    assert "strength\n    How strong, kT." in (infer_toy.__doc__ or "")
    cells = Partition(pd.DataFrame(), hexagons([(0, 0), (1, 1)]), np.zeros(0, dtype=np.int64))
    assert infer_toy(cells, localization_precision=0.0).maps["toy"].item() == 2.0
    with pytest.raises(ValueError, match="`strength` is -1, expected a number above zero"):
        infer_toy(cells, localization_precision=0.0, strength=-1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'weakness'"):
        infer_toy(cells, localization_precision=0.0, weakness=1)
