"""What a study takes from tables to saved maps: time, processor time and memory.

    python benches/study.py                       # 20 files, 50 regions of 200 cells in each
    python benches/study.py --files 4 --workers 2
    python benches/study.py --writing             # no maps are made, but written, by two processes

Simulates tracks of 2,500 localizations for each region, has a run tessellate all regions and infer
the maps of DV, saved beside the tables; then runs the same again, which has nothing left to do. A
process of its own does each; processor time and memory are of that process, not of its workers.

What writing takes is from the maps, which are those of one region for all, to the ``.rwa`` file:
results are put together and stored, journals written and read, and each source is saved as
it is complete. Two processes do half of the files each, at the same time; tables are read before.
"""

import argparse
import contextlib
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from row_of_regions import SIDE, declared, left_of
from tramway import _core
from tramway.analyzer import environments
from tramway.cli.plan_only import PlanOnly
from tramway.data import simulate
from tramway.files import encode_result
from tramway.pipeline.steps import step_of
from tramway.pipeline.worker import do_steps, worker_of
from tramway.runs import (
    Closing,
    JournalEntry,
    Outcome,
    RunDirectory,
    RunState,
    Task,
    Work,
    do_task,
    environment_override,
)

REGIONS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1, help="more than 1: LocalHost")
    parser.add_argument("--writing", action="store_true", help="measure that alone")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only and arguments.writing:
        write(Path(arguments.only))
        return
    if arguments.only:
        run(Path(arguments.only), arguments.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(f"{arguments.files * REGIONS} regions in {arguments.files} files", flush=True)
        if arguments.writing:
            print_writing(Path(folder), arguments.files)
            return
        for number in range(arguments.files):
            write_movie(Path(folder, f"movie{number:02}.txt"), number)
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


def print_writing(folder: Path, files: int) -> None:
    """Have two processes write at the same time; print what each found, and the sum."""
    halves = [folder / name for name in ("one", "other")]
    for half in halves:
        half.mkdir()
    for number in range(files):
        write_movie(halves[number % 2] / f"movie{number:02}.txt", number)
    command = [sys.executable, __file__, "--writing", "--only"]
    begun = [
        subprocess.Popen([*command, str(half)], stdout=subprocess.PIPE, text=True)
        for half in halves
    ]
    rate = 0.0
    for process in begun:
        said = process.communicate()[0]
        assert process.returncode == 0
        regions, wall, results, saving = map(float, said.split())
        rate += regions / wall
        print(
            f"{results / regions * 1e3:.2f} ms of processor time for the results of a region, and "
            f"{saving / regions * 1e3:.2f} ms to save it"
        )
    print(f"{rate:.0f} regions/s over two cores")


class Writing(PlanOnly):
    """Writes what was made of one region as that of all, in this process.

    Attributes
    ----------
    seconds
        It took; then processor time for results, and to save them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}
        self._seconds = [0.0, 0.0, 0.0]

    @property
    def seconds(self) -> list[float]:
        return self._seconds

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        _core.set_thread_count(1)  # as a worker, and so the next line
        gc.freeze()
        self._make(run, run.task(tasks[0]))
        state = RunState(run)
        closing = Closing(run, state, tasks)
        for source in range(len(run.closes)):
            of_source = [n for n in tasks if run.sources[n] == source and not run.closes[n]]
            if of_source:
                worker_of(run).trajectories(source)
                yield from self._write(run, state, closing, of_source)

    def _make(self, run: RunDirectory, task: Task) -> None:
        samplings: dict[str, Any] = {}
        for number in range(len(task["steps"])):
            step = step_of(task, number)
            self._made[step.kind], _ = step.do(worker_of(run), task, samplings)

    def _write(
        self, run: RunDirectory, state: RunState, closing: Closing, tasks: Sequence[int]
    ) -> Generator[JournalEntry, None, None]:
        start, begun = time.perf_counter(), time.process_time()
        entries = []
        due = None
        for number in tasks:
            for entry in run.journals.at(do_task(self._as_made, str(run.path), number)):
                state.update(entry)
                entries.append(entry)
            due = closing.after(number)
        written = time.process_time()
        assert due is not None
        span = do_task(do_steps, str(run.path), due.task, {0: due.part})
        saved = time.process_time()
        took = time.perf_counter() - start, written - begun, saved - written
        self._seconds = [sum(both) for both in zip(self._seconds, took, strict=True)]
        yield from (*entries, due, *run.journals.at(span))

    def _as_made(
        self, run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]
    ) -> Iterator[Outcome]:
        for number in range(len(task["steps"])):
            yield Outcome(number, 0.0, encode_result(self._made[step_of(task, number).kind]))


def write(folder: Path) -> None:
    """Print the number of regions, and the seconds that writing them took."""
    environment = Writing()
    a = declared(folder, REGIONS)
    with warnings.catch_warnings(), environment_override(environment):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(sys.stderr):
            summary = a.run()
    assert not summary.failed
    saved = len(list(folder.glob("*.rwa")))
    assert saved == len(list(folder.glob("*.txt")))
    print(saved * REGIONS, *environment.seconds)


if __name__ == "__main__":
    main()
