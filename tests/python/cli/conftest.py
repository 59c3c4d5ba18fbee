"""A small simulated movie with its regions, and the tables that describe its analysis."""

from pathlib import Path

import pytest

from tramway.data import Well, simulate

REGIONS = "x min\tx max\ty min\ty max\n0\t1.5\t0\t3\n1.5\t3\t0\t3\n"
CONFIGURATION = """
[spt_data]
from_ascii_files = "movies/*.rpt.txt"
localization_precision = 0.02

[roi]
from_ascii_files = { suffix = "roi" }

[tesseller]
from_plugin = "hexagon"
resolution = 0.3

[mapper]
from_plugin = "stochastic.dv"
diffusivity_prior = 20
potential_prior = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder with two movies of two regions each in `movies`, and `job.toml`."""
    folder = tmp_path / "some data, n=2"
    (folder / "movies").mkdir(parents=True)
    for seed, name in enumerate(("a.rpt", "b.rpt")):
        movie = simulate(
            track_count=60,
            track_length=15,
            frame_interval=0.02,
            lower=(0, 0),
            upper=(3, 3),
            diffusivity=0.1,
            wells=[Well((1, 1), 2, 0.4)],
            localization_precision=0.02,
            seed=seed,
        )
        movie.to_csv(folder / "movies" / f"{name}.txt", sep="\t", index=False, header=False)
        (folder / "movies" / f"{name}-roi.txt").write_text(REGIONS)
    (folder / "job.toml").write_text(CONFIGURATION)
    return folder
