"""What tests of several rooms use."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings

from tramway.analyzer import RWAnalyzer, stages, tessellers
from tramway.data import Well, simulate
from tramway.runs import NewRun, RunDirectory

# How long an example takes is the business of benches: machines that run tests are busy.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

SIDE = 3.0  # µm
REGIONS = "x min\tx max\ty min\ty max\n0\t1.5\t0\t3\n1.5\t3\t0\t3\n"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository."""
    path = Path(__file__).parents[3] / "shared"
    if not path.is_dir():
        pytest.skip(f"no real data: {path} is absent")
    return path


@pytest.fixture(scope="session")
def original_python() -> str:
    """Python interpreter that has the original TRamWAy."""
    interpreter = os.environ.get("TRAMWAY_ORIGINAL_PYTHON")
    if interpreter is None:
        pytest.skip("TRAMWAY_ORIGINAL_PYTHON names no interpreter that has the original TRamWAy")
    return interpreter


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunDirectory]:
    """Make a run directory of tasks named ``roi000``, … whose sizes are their numbers."""

    def make(task_count: int, step_count: int = 1, name: str = "run") -> RunDirectory:
        with NewRun(tmp_path / name) as new:
            for number in range(task_count):
                steps = [{"do": f"step {step}"} for step in range(step_count)]
                new.add_task({"source": 0, "region": f"roi{number:03d}", "steps": steps}, number)
            return new.finish({"what": "a test"}, None)

    return make


def simulated(seed: int, track_count: int = 60) -> pd.DataFrame:
    return simulate(
        track_count=track_count,
        track_length=15,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(SIDE, SIDE),
        diffusivity=0.1,
        wells=[Well((1, 1), 2, 0.4)],
        localization_precision=0.02,
        seed=seed,
    )


@pytest.fixture
def movie() -> Callable[..., pd.DataFrame]:
    """Simulate tracks in a square with one well."""
    return simulated


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Folder with two movies of two regions each; its name is not kind to careless quoting."""
    folder = tmp_path / "some data, n=2"
    folder.mkdir()
    for seed, name in enumerate(("a.rpt", "b.rpt")):
        simulated(seed).to_csv(folder / f"{name}.txt", sep="\t", index=False, header=False)
        (folder / f"{name}-roi.txt").write_text(REGIONS)
    return folder


@pytest.fixture
def declare(data: Path) -> Callable[..., RWAnalyzer]:
    """Make the analyzer of the standard pipeline, as a new script would."""

    def make(pattern: str = "*.rpt.txt", **mapper: float) -> RWAnalyzer:
        a = RWAnalyzer()
        a.spt_data.from_ascii_files(str(data / pattern))
        a.spt_data.localization_precision = 0.02
        a.roi.from_ascii_files(suffix="roi")
        a.tesseller = tessellers.Hexagons
        a.mapper.from_plugin("stochastic.dv", **{"diffusivity_prior": 20, **mapper})
        a.mapper.potential_prior = 1
        a.pipeline.append_stage(stages.tessellate())
        a.pipeline.append_stage(stages.reload())
        a.pipeline.append_stage(stages.infer())
        return a

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with playwright.sync_playwright() as p:
        made = p.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()
