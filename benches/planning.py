"""What it takes to plan a run: processor time of the process that submits, per region.

    python benches/planning.py                         # 100 files, 100 regions of 51 rows in each
    python benches/planning.py --files 20 --regions 50 --rows 2500
    python benches/planning.py --octagons              # the same in polygons

Reads the tables, finds and recognises what is in each region, and writes a run directory, all of
whose tasks are left to do. Says how much of it is reading; files are copies of one.
"""

import argparse
import contextlib
import shutil
import tempfile
import time
import warnings
from pathlib import Path

import pandas as pd

from row_of_regions import SIDE, declared, left_of
from tramway.cli.plan_only import PlanOnly
from tramway.data import simulate
from tramway.runs import environment_override

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
        tracks.assign(n=tracks["n"] + number * len(tracks), x=tracks["x"] + left_of(number))
        for number in range(regions)
    ]
    first = folder / "movie0000.txt"
    table = pd.concat(copies)
    table.to_csv(first, sep="\t", header=False, index=False, float_format="%.4f")
    for number in range(1, count):
        shutil.copy(first, folder / f"movie{number:04d}.txt")


def seconds_per_region(
    files: int, regions: int, rows: int, *, octagons: bool
) -> tuple[float, float]:
    """Processor time to plan a region of so many rows, and how much of it is to read them."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a row of many regions is wider than a field of view
        folder = Path(name)
        write_movies(folder, files, regions, rows)
        start = time.process_time()
        for item in declared(folder, regions).spt_data:
            item.trajectories_of()
            item.release()
        reading = time.process_time() - start
        a = declared(folder, regions, octagons=octagons)
        a.logger.disabled = True
        start = time.process_time()
        with environment_override(PlanOnly()), contextlib.suppress(SystemExit):
            a.run()
        planning = time.process_time() - start
    return planning / (files * regions), reading / (files * regions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--regions", type=int, default=100, help="in each file")
    parser.add_argument("--rows", type=int, default=51, help="translocations in each region, about")
    parser.add_argument("--octagons", action="store_true", help="instead of squares")
    arguments = parser.parse_args()
    count = arguments.files * arguments.regions
    size = {"rows": arguments.rows, "octagons": arguments.octagons}
    seconds_per_region(1, 1, **size)  # what is imported meanwhile is imported once
    planning, reading = seconds_per_region(arguments.files, arguments.regions, **size)
    print(
        f"{count:,} regions of {arguments.rows} rows: {planning * 1e6:.0f} µs of processor "
        f"time each, {reading * 1e6:.0f} µs of it to read them"
    )


if __name__ == "__main__":
    main()
