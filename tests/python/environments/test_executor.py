"""Executors of `concurrent.futures`: the same bits as without, whatever becomes of them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tramway.analyzer import RWAnalyzer, environments
from tramway.cli.configuration import analyzer_of
from tramway.errors import InvalidInputError, RunError
from tramway.files import read_rwa
from tramway.runs import Environment, Outcome, RunDirectory, RunState, Task

MakeRun = Callable[..., RunDirectory]
Contents = dict[tuple[str, str], list[bytes]]


def work(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    for step in range(len(task["steps"])):
        if step not in ended:
            yield Outcome(step, 0.0, task["region"].encode())


def kills(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    if task["region"] == "roi003":
        os.kill(os.getpid(), signal.SIGKILL)
    yield from work(run, task, ended)


def contents(folder: Path) -> Contents:
    """Cells and maps of every region, to the last bit."""
    found: Contents = {}
    for path in folder.glob("*.rwa"):
        tree = read_rwa(path)
        for label in tree:
            [child] = tree[label]
            found[path.name, label] = [
                tree[label].data.cell_index.tobytes(),
                tree[label][child].data.maps.to_numpy().tobytes(),
            ]
        path.unlink()
    return found


def processes(method: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method))


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: ThreadPoolExecutor(3),
        lambda: processes("spawn"),
        lambda: processes("forkserver"),
    ],
    ids=["threads", "spawn", "forkserver"],
)
def test_the_same_bits(
    data: Path, declare: Callable[..., RWAnalyzer], make: Callable[[], Executor]
) -> None:
    declare().run()
    expected = contents(data)
    assert len(expected) == 4
    with make() as executor:
        a = declare()
        a.env = environments.Executor(executor)
        assert isinstance(a.env, Environment)
        assert len(a.run().done) == 8
        assert contents(data) == expected
        assert list(executor.map(abs, [-1])) == [1]  # it is its maker's to shut down
    assert not list(data.glob("tramway-runs"))


FORKS = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    a.env = environments.Executor(pool)
    print(a.run())
"""
DASK = """
from dask.distributed import Client
if __name__ == "__main__":
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        a.env = environments.Executor(client.get_executor(), worker_count=2)
        print(a.run())
"""


@pytest.fixture
def dask_python() -> str:
    """Interpreter of an environment with this package and Dask."""
    interpreter = os.environ.get("TRAMWAY_DASK_PYTHON")
    if interpreter is None:
        pytest.skip("TRAMWAY_DASK_PYTHON names no interpreter that has this package and Dask")
    return interpreter


@pytest.mark.slow
@pytest.mark.parametrize("how", [FORKS, DASK], ids=["fork", "dask"])
def test_a_script_with_workers_of_its_own(
    data: Path,
    tmp_path: Path,
    declare: Callable[..., RWAnalyzer],
    request: pytest.FixtureRequest,
    how: str,
) -> None:
    # In a process of its own: this one has threads.
    python = request.getfixturevalue("dask_python") if how is DASK else sys.executable
    declare().run()
    expected = contents(data)
    script = f"""
        from tramway.analyzer import *
        a = RWAnalyzer()
        a.spt_data.from_ascii_files({str(data)!r} + "/*.rpt.txt")
        a.spt_data.localization_precision = 0.02
        a.roi.from_ascii_files("roi")
        a.tesseller = tessellers.Hexagons
        a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
        a.pipeline.append_stage(stages.tessellate_and_infer())
    """
    path = tmp_path / "analysis.py"
    path.write_text(textwrap.dedent(script) + how)
    command = [python, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert said.stdout.startswith("8 tasks done, 0 skipped, 0 failed"), said.stderr
    assert contents(data) == expected


@pytest.mark.slow
def test_a_process_that_dies_costs_nobody_else_anything(make_run: MakeRun) -> None:
    run = make_run(8, 2)
    failures = []
    for _ in range(4):  # among others, as one of those under way, alone; then it is given up
        run = RunDirectory(run.path)
        state = RunState(run, run.entries())
        with processes("forkserver") as pool:
            entries = environments.Executor(pool).execute(run, state.unfinished(), kills)
            try:
                list(entries)
            except RunError as error:
                failures.append(str(error))
            else:
                break
    assert failures
    assert all("ProcessPoolExecutor failed: BrokenProcessPool" in error for error in failures)
    state = RunState(run, run.entries())
    assert state.over.all()
    assert state.counts == {"done": 14, "failed": 1, "skipped": 1}


class Lost(Executor):
    """A cluster that loses what it is given."""

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_exception(KeyError("worker-3"))
        return future


def test_an_executor_that_fails_is_told(make_run: MakeRun) -> None:
    with pytest.raises(RunError, match="Lost failed: KeyError: 'worker-3'; what is finished is"):
        list(environments.Executor(Lost()).execute(make_run(3), range(3), work))


class Deferred(Executor):
    """Does nothing until it is asked for."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> "Future[Any]":
        self.futures.append(Future())
        if len(self.futures) == 1:
            self.futures[0].set_result(function(*arguments, **options))
        return self.futures[-1]


def test_what_waits_is_cancelled_when_nobody_wants_it(make_run: MakeRun) -> None:
    executor = Deferred()
    entries = environments.Executor(executor, 2).execute(make_run(50), range(50), work)
    next(entries)
    entries.close()
    assert len(executor.futures) > 1
    assert all(future.cancelled() for future in executor.futures[1:])


@pytest.mark.parametrize("given", [None, 4, ThreadPoolExecutor])
def test_what_is_no_executor_is_refused(given: object) -> None:
    if given is ThreadPoolExecutor:
        given = 3.5
    with pytest.raises(InvalidInputError, match=r"`executor` is .*ProcessPoolExecutor\(4\)"):
        environments.Executor(given)  # type: ignore[arg-type]


def test_a_class_or_a_file_cannot_give_one() -> None:
    with pytest.raises(InvalidInputError, match="`executor` is None"):
        RWAnalyzer().env = environments.Executor
    with pytest.raises(InvalidInputError, match=r"\[environment\] `executor` is None"):
        analyzer_of({"environment": {"name": "Executor"}})


def test_how_many_workers_there_are() -> None:
    with ThreadPoolExecutor(3) as pool:
        assert environments.Executor(pool)._workers() == 3
        assert environments.Executor(pool, 5)._workers() == 5
    assert environments.Executor(Lost())._workers() == os.cpu_count()
    for value in (0, 1.5, "2"):
        with pytest.raises(InvalidInputError, match="`worker_count`"):
            environments.Executor(Lost(), value)  # type: ignore[arg-type]
