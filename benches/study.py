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

from row_of_regions import SIDE, declared, left_of
from tramway.analyzer import environments
from tramway.data import simulate

REGIONS = 50


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
            left = left_of(region)
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
    a = declared(folder, REGIONS)
    if workers > 1:
        a.env = environments.LocalHost
        a.env.worker_count = workers
    a.run()
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
