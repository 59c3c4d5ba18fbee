"""What it takes to plan a run: processor time of the process that submits, alone and with workers.

    python benches/planning.py                         # 100 files, 100 regions of 51 rows in each
    python benches/planning.py --files 20 --regions 50 --rows 2500
    python benches/planning.py --kind octagons         # the same in polygons; or unions of two

Reads the tables, finds and recognises what is in each region, and writes a run directory, all of
whose tasks are left to do. Says how much of it is reading; and what is left for this process to do
where workers plan, which are this very process, in time of their own: without the messages, which
are those of the environment. Files are copies of one; each figure is the least of several.
"""

import argparse
import contextlib
import shutil
import tempfile
import time
import warnings
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from row_of_regions import SIDE, declared, left_of
from tramway import _core
from tramway.analyzer import RWAnalyzer
from tramway.cli.plan_only import PlanOnly
from tramway.data import simulate
from tramway.runs import JournalEntry, RunDirectory, Work, do_task, environment_override

STEPS = 17  # of a track
REPETITIONS = 3


class Costs(NamedTuple):
    """Seconds of processor time.

    Attributes
    ----------
    region
        Of a process that plans alone, for each region.
    reading
        How much of it is to read tables.
    source
        Of the process that submits, for each source that workers plan, beyond their messages.
    there
        Of a worker, for each of these.
    """

    region: float
    reading: float
    source: float
    there: float


class Workers(PlanOnly):
    """Plans in this process what workers are asked to plan, and measures that apart."""

    def __init__(self) -> None:
        super().__init__()
        self._work = self._telling = 0.0

    @property
    def workers_at_hand(self) -> int:
        return 1_000_000

    @property
    def times(self) -> tuple[float, float]:
        """Of the work, and of reading the journal."""
        return self._work, self._telling

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        if run.closes.any():  # no plan, but what was planned
            super().execute(run, tasks, work)
        for number in tasks:
            start = time.process_time()
            span = do_task(work, str(run.path), number)
            done = time.process_time()
            entries = run.journals.at(span)
            self._work += done - start
            self._telling += time.process_time() - done
            yield from entries


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


def costs(files: int, regions: int, rows: int, kind: str = "boxes") -> Costs:
    """Measure what it takes to plan regions of so many rows."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a row of many regions is wider than a field of view
        folder = Path(name)
        write_movies(folder, files, regions, rows)
        found = [_costs(folder, files, regions, kind) for _ in range(REPETITIONS)]
    return Costs(*map(min, zip(*found, strict=True)))


def _costs(folder: Path, files: int, regions: int, kind: str) -> Costs:
    start = time.process_time()
    for item in declared(folder, regions, kind).spt_data:
        item.trajectories_of()
        item.release()
    reading = time.process_time() - start
    here = _planned(declared(folder, regions, kind), PlanOnly())
    workers = Workers()
    threads = _core.thread_count()
    _core.set_thread_count(1)
    both = _planned(declared(folder, regions, kind), workers)
    _core.set_thread_count(threads)
    there, telling = workers.times
    count = files * regions
    first = here / files  # which is planned before workers are asked
    others = max(1, files - 1)
    share = (both - there - telling - first) / files
    return Costs(here / count, reading / count, share, there / others)


def _planned(a: RWAnalyzer, environment: PlanOnly) -> float:
    """Processor time to plan it all."""
    a.logger.disabled = True
    start = time.process_time()
    with environment_override(environment), contextlib.suppress(SystemExit):
        a.run()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--regions", type=int, default=100, help="in each file")
    parser.add_argument("--rows", type=int, default=51, help="translocations in each region, about")
    parser.add_argument("--kind", choices=("boxes", "octagons", "unions"), default="boxes")
    arguments = parser.parse_args()
    count = arguments.files * arguments.regions
    found = costs(arguments.files, arguments.regions, arguments.rows, arguments.kind)
    print(
        f"{count:,} {arguments.kind} of {arguments.rows} rows: {found.region * 1e6:.0f} µs of "
        f"processor time each, {found.reading * 1e6:.0f} µs of it to read them"
    )
    print(
        f"where workers plan, {found.source / arguments.regions * 1e6:.1f} µs each of this process "
        f"({found.source * 1e3:.2f} ms for a file), and "
        f"{found.there / arguments.regions * 1e6:.0f} µs of them"
    )


if __name__ == "__main__":
    main()
