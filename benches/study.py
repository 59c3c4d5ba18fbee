"""What a study takes from tables to saved maps: time, processor time and memory.

    python benches/study.py                       # 20 files, 50 regions of 200 cells in each
    python benches/study.py --files 4 --workers 2

Simulates tracks of 2,500 localizations for each region, has a run tessellate all regions and infer
the maps of DV, saved beside the tables; then runs the same again, which has nothing left to do. A
process of its own does each; processor time and memory are of that process, not of its workers.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tramway.analyzer import RWAnalyzer, environments, stages, tessellers
from tramway.data import simulate

REGIONS = 50
SIDE = 3.0
"""Of a region, µm; the next one begins a third of it further."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1, help="more than 1: LocalHost")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        run(Path(arguments.only), arguments.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.files):
            write_movie(Path(folder, f"movie{number:02}.txt"), number)
        print(f"{arguments.files * REGIONS} regions in {arguments.files} files")
        for what in ("study", "again"):
            print(f"{what:6} {measured(folder, arguments.workers)}", flush=True)


def write_movie(path: Path, number: int) -> None:
    """Write tracks in a row of regions, side by side."""
    with path.open("w") as file:
        for region in range(REGIONS):
            left = region * 4 * SIDE / 3
            tracks = simulate(
                track_count=125,
                track_length=21,
                frame_interval=0.02,
                lower=(left, 0.0),
                upper=(left + SIDE, SIDE),
                diffusivity=0.1,
                localization_precision=0.02,
                substeps=1,
                seed=number * REGIONS + region,
            )
            tracks["n"] += region * 125
            tracks.to_csv(file, sep="\t", header=False, index=False, float_format="%.4f")


def measured(folder: str, workers: int) -> str:
    """Have a process do the study, with all that it starts; say what it took."""
    command = [sys.executable, __file__, "--only", folder, "--workers", str(workers)]
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - start, os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    return f"{wall:6.1f} s, {spent:6.1f} s of processor time, {done.stdout.strip()}"


def run(folder: Path, workers: int) -> None:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.txt"))
    a.spt_data.localization_precision = 0.02
    lefts = [region * 4 * SIDE / 3 for region in range(REGIONS)]
    a.roi.from_bounding_boxes([[(left, 0.0), (left + SIDE, SIDE)] for left in lefts])
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = 0.22
    a.mapper.from_plugin("stochastic.dv")
    a.mapper.diffusivity_prior = 20.0
    a.mapper.potential_prior = 1.0
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer())
    if workers > 1:
        a.env = environments.LocalHost
        a.env.worker_count = workers
    a.run()
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
