"""Small simulated movies on disk, and analyzers for them."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, stages, tessellers
from tramway.data import Well, simulate

SIDE = 3.0  # µm
REGIONS = "x min\tx max\ty min\ty max\n0\t1.5\t0\t3\n1.5\t3\t0\t3\n"


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
