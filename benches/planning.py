"""What it takes to plan a run: processor time of the process that submits, per region.

    python benches/planning.py                         # 100 files, 100 regions of 51 rows in each
    python benches/planning.py --files 20 --regions 50 --rows 2500

Reads the tables, finds and recognises what is in each region, and writes a run directory, all of
whose tasks are left to do. Says how much of it is reading; files are copies of one.
"""

import argparse
import shutil
import tempfile
import time
import warnings
from pathlib import Path

import pandas as pd

from tramway.analyzer import RWAnalyzer, stages, tessellers
from tramway.cli.plan_only import PlanOnly
from tramway.data import simulate
from tramway.runs import environment_override

SIDE = 3.0
"""Of a region, µm; the next one begins a third of it further."""

STEPS = 17  # of a track


def write_movies(folder: Path, count: int, regions: int, rows: int) -> None:
    """Write tracks in a row of regions, all of which have the same."""
    tracks = simulate(
        track_count=max(1, rows // STEPS),
        track_length=STEPS + 1,
        frame_interval=0.02,
        lower=(0.0, 0.0),
        upper=(SIDE, SIDE),
        diffusivity=0.1,
        localization_precision=0.02,
        substeps=1,
        seed=0,
    )
    copies = [
        tracks.assign(n=tracks["n"] + number * len(tracks), x=tracks["x"] + number * 4 * SIDE / 3)
        for number in range(regions)
    ]
    first = folder / "movie0000.txt"
    table = pd.concat(copies)
    table.to_csv(first, sep="\t", header=False, index=False, float_format="%.4f")
    for number in range(1, count):
        shutil.copy(first, folder / f"movie{number:04d}.txt")


def declared(folder: Path, regions: int) -> RWAnalyzer:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.txt"))
    a.spt_data.localization_precision = 0.02
    lefts = [number * 4 * SIDE / 3 for number in range(regions)]
    a.roi.from_bounding_boxes([[(left, 0.0), (left + SIDE, SIDE)] for left in lefts])
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = 0.22
    a.mapper.from_plugin("stochastic.dv")
    a.mapper.diffusivity_prior = 20.0
    a.mapper.potential_prior = 1.0
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer())
    return a


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--regions", type=int, default=100, help="in each file")
    parser.add_argument("--rows", type=int, default=51, help="translocations in each region, about")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # a row of many regions is wider than a field of view
    count = arguments.files * arguments.regions
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_movies(folder, arguments.files, arguments.regions, arguments.rows)
        start = time.process_time()
        for item in declared(folder, arguments.regions).spt_data:
            item.trajectories_of()
            item.release()
        reading = time.process_time() - start
        a = declared(folder, arguments.regions)
        a.logger.disabled = True
        start = time.process_time()
        with environment_override(PlanOnly()):
            try:
                a.run()
            except SystemExit:
                planning = time.process_time() - start
    print(
        f"{count:,} regions of {arguments.rows} rows: {planning / count * 1e6:.0f} µs of processor "
        f"time each, {reading / count * 1e6:.0f} µs of it to read them"
    )


if __name__ == "__main__":
    main()
