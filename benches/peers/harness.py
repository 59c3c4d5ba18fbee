"""One way to measure: each call in a process of its own, contenders in turn, medians and spread.

A contender is a function, in the module of a question, of the folder of prepared data. It gives
what is to be timed, a function without arguments; or two, of which the first, not timed, gives the
arguments of the second before each call, a tuple. Run as a script, this file times one of them, by
an interpreter that has the contender's packages, and prints what it found as JSON:

    PYTHON harness.py QUESTION CONTENDER DATA
"""

import contextlib
import gc
import importlib
import json
import math
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

LONG_ENOUGH = 0.2  # s of processor time; shorter calls are repeated
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Contender:
    """Who answers a question, and up to which size it is asked."""

    name: str
    function: str
    python: str | None = None  # an interpreter that has it; this one
    largest: int = sys.maxsize


@dataclass(frozen=True)
class Question:
    """What is measured; the first of the contenders is this package, others are ratios to it."""

    title: str
    text: str
    module: str
    unit: str
    contenders: list[Contender]
    columns: int = 0  # of float64 that ours is given, or gives, of each displacement; 0: of cells
    between: tuple[int, ...] = ()  # sizes beside the decades


@dataclass
class Row:
    """All runs of one contender at one size."""

    contender: Contender
    size: int
    runs: list[dict] = field(default_factory=list)

    def median(self, what: str) -> float:
        return statistics.median(run[what] for run in self.runs) if self.runs else math.nan

    def quartiles(self) -> tuple[float, float]:
        """Of the processor times of all calls, s."""
        calls = [seconds for run in self.runs for seconds in run["calls"]]
        if len(calls) < 2:
            return self.median("cpu"), self.median("cpu")
        low, _, high = statistics.quantiles(calls, n=4, method="inclusive")
        return low, high


def ratio(peer: Row, ours: Row, what: str = "cpu") -> float:
    """Median of the ratios of runs that were made one after the other."""
    pairs = [(b[what], a[what]) for a, b in zip(ours.runs, peer.runs, strict=False)]
    return statistics.median(b / a for b, a in pairs) if pairs else math.nan


def exponent(rows: list[Row], lowest: int) -> float:
    """Slope of log processor time against log size, by least squares, from a size on."""
    points = [
        (math.log(row.size), math.log(row.median("cpu")))
        for row in rows
        if row.runs and row.size >= lowest
    ]
    return (
        statistics.linear_regression(*zip(*points, strict=True)).slope if points[1:] else math.nan
    )


def measured(
    question: Question,
    size: int,
    path: Path,
    given_up: set[str],
    *,
    rounds: int,
    patience: float,
    timeout: float,
) -> list[Row]:
    """All contenders at one size, in turn: one run of each, then again.

    A contender that took longer than `patience`, s of wall, in all is not run again; who was ended
    by `timeout` is given up, at this size and at larger ones.
    """
    rows = [
        Row(contender, size)
        for contender in question.contenders
        if size <= contender.largest and contender.name not in given_up
    ]
    for _ in range(rounds):
        for row in rows:
            name = row.contender.name
            if name in given_up or sum(run["elapsed"] for run in row.runs) > patience:
                continue
            run = timed(question.module, row.contender, path, timeout)
            if run is None:
                given_up.add(name)
            else:
                row.runs.append(run)
    return rows


def timed(module: str, contender: Contender, path: Path, timeout: float) -> dict | None:
    """What one process measured; nothing if it was ended by the timeout."""
    command = [contender.python or sys.executable, "-s", "-W", "ignore", __file__]
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
    environment.pop("PYTHONPATH", None)
    start = time.perf_counter()
    with subprocess.Popen(
        [*command, module, contender.function, str(path)],
        stdout=subprocess.PIPE, env=environment, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            said, _ = process.communicate(timeout=timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)  # what it started, too
            if isinstance(error, subprocess.TimeoutExpired):
                return None
            raise
    if process.returncode:
        raise SystemExit(f"{contender.name}, {path}: exit status {process.returncode}")
    return json.loads(said.splitlines()[-1]) | {"elapsed": time.perf_counter() - start}


def memory_of_nothing(path: Path) -> float:
    """Peak memory of a process that has imported this package, MiB."""
    run = timed("data", Contender("nothing", "nothing"), path, timeout=60.0)
    return run["memory"]


def processor_time() -> float:
    """Seconds of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def end_workers() -> None:
    """End processes that a call left behind: what they used counts once they are waited for."""
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def peak_memory() -> float:
    """MiB, of this process since the peak was last forgotten, or of a process it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    status = Path("/proc/self/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return max(own, children) / 1024


def main(module: str, function: str, path: str) -> None:
    """Time the calls of one contender; the first is not counted where there are more."""
    made = getattr(importlib.import_module(module), function)(Path(path))
    arguments, work = made if isinstance(made, tuple) else (tuple, made)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory is that of the work
    walls, cpus = [], []
    while not walls or (len(walls) < 50 and sum(cpus) < LONG_ENOUGH):
        given = arguments()
        wall, cpu = time.perf_counter(), processor_time()
        found = work(*given)
        end_workers()
        cpus.append(processor_time() - cpu)
        walls.append(time.perf_counter() - wall)
    counted = slice(1, None) if len(walls) > 1 else slice(None)
    calls = cpus[counted]
    said = {
        "calls": calls,
        "cpu": statistics.median(calls),
        "wall": statistics.median(walls[counted]),
    }
    extra = found if isinstance(found, dict) else {}
    print(json.dumps(said | {"memory": peak_memory()} | extra))


if __name__ == "__main__":
    main(*sys.argv[1:])
