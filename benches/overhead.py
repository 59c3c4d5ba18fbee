"""What it costs to have a task done elsewhere: time per task, time to start, memory.

    python benches/overhead.py                          # LocalHost
    mpirun -n 2 python benches/overhead.py              # MPI
    python benches/overhead.py --tasks 1000000 --milliseconds 0

Prints one line per measurement. A task keeps its process busy for a time that is known; what a run
takes beyond that is overhead: submission, two lines of the journal, one result, and telling.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

import overhead  # workers find the work in a module of that name
from tramway.environments import LocalHost
from tramway.environments.mpi import environment
from tramway.runs import Environment, NewRun, Outcome, RunDirectory, RunState, Task

RESULT = bytes(1000)


def work(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    """Keep the processor busy for as long as the run says."""
    end = time.perf_counter() + run.description["seconds"]
    while time.perf_counter() < end:
        pass
    yield Outcome(0, run.description["seconds"], RESULT)


def new_run(path: Path, task_count: int, seconds: float) -> RunDirectory:
    """Run of that many tasks of regions of different sizes."""
    sizes = np.random.default_rng(0).lognormal(7, 1, task_count).astype(int).tolist()
    with NewRun(path) as new:
        for number, size in enumerate(sizes):
            task = {"source": 0, "region": f"roi{number:06d}", "steps": [{"do": "infer"}]}
            new.add_task({**task, "box": [[0.0, 0.0], [1.0, 1.0]], "hash": "0" * 64}, size)
        return new.finish({"seconds": seconds}, None)


def megabytes() -> float:
    """Most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, env: Environment, workers: int, task_count: int, seconds: float) -> None:
    """Run the tasks; print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        before = megabytes()
        run = new_run(Path(folder, "run"), task_count, seconds)
        state = RunState(run)
        first = None
        start = time.perf_counter()
        with closing(env.execute(run, state.unfinished(), overhead.work)) as entries:
            for entry in entries:
                if first is None:
                    first = time.perf_counter() - start
                state.update(entry)
        elapsed = time.perf_counter() - start
        assert state.counts["done"] == task_count
    assert first is not None
    ideal = task_count * seconds / workers
    print(
        f"{name}: {task_count:,} tasks of {seconds * 1e3:g} ms on {workers} workers: "
        f"{elapsed:.2f} s, {first:.2f} s of it until the first one was done; "
        + (f"{elapsed / ideal:.2f} times the ideal; " if ideal else "")
        + f"overhead per task {(elapsed * workers - task_count * seconds) / task_count * 1e3:.2f} "
        f"ms; memory of this process {megabytes():.0f} MB, {before:.0f} MB of it before",
        flush=True,
    )


def main() -> None:
    """Measure where the launcher says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--milliseconds", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    size, seconds = arguments.tasks, arguments.milliseconds / 1e3
    if not {"PMI_SIZE", "OMPI_COMM_WORLD_SIZE"} & os.environ.keys():
        measure("LocalHost", LocalHost(arguments.workers), arguments.workers, size, seconds)
        return
    from mpi4py.MPI import COMM_WORLD

    with environment(COMM_WORLD) as env:
        if env is not None:
            measure("MPI", env, env.worker_count, size, seconds)


if __name__ == "__main__":
    sys.modules.setdefault("overhead", sys.modules["__main__"])
    main()
