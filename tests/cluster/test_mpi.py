"""Real processes of real launchers: the same maps as a plain run, whatever happens to some of them.

MPICH is that of the interpreter that runs the tests (``pip install mpich``). Where
``TRAMWAY_OPEN_MPI_PYTHON`` names another interpreter, with Open MPI beside it, that is tested as
well. What is missing is a failure where ``TRAMWAY_REQUIRE_CLUSTER`` is 1.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import tramway
from tramway.environments.worker_watch import process_state
from tramway.files import read_rwa
from tramway.runs import RunDirectory

pytestmark = pytest.mark.slow

# Where the package is, unless it is installed: then each interpreter has its own.
_FOLDER = Path(tramway.__file__).parents[1]
PACKAGES = [] if _FOLDER.name == "site-packages" else [str(_FOLDER)]
TIME_LIMIT = 300.0  # s, for anything: what takes longer hangs, however busy the machine is

ANALYSIS = """
    import os, sys
    from tramway.analyzer import *
    a = RWAnalyzer()
    a.spt_data.from_ascii_files("*.rpt.txt")
    a.spt_data.localization_precision = 0.03
    a.roi.from_ascii_files(suffix="roi")
    a.tesseller = tessellers.Hexagons
    a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer())
    a.env = environments.LocalHost
    a.env.time_limit = float(os.environ.get("TASK_TIME_LIMIT", 250))
    print("first process", os.getpid(), "arguments", sys.argv[1:], flush=True)
"""
SCRIPT = textwrap.dedent(ANALYSIS) + "print(a.run())\nprint('after the run')\n"
CONFIGURATION = """
[spt_data]
from_ascii_files = "*.rpt.txt"
localization_precision = 0.03
[roi]
from_ascii_files = "roi"
[tesseller]
from_plugin = "hexagon"
[mapper]
from_plugin = "stochastic.dv"
diffusivity_prior = 20
potential_prior = 1
"""

# Something happens in the inference of one region, or it takes its time. Python loads a module of
# this name when it starts.
FAULT = """
import os, signal, sys, threading, time
fault = os.environ.get("TEST_FAULT")
if fault:
    from tramway.pipeline import steps, worker
    if fault == "plans":
        from pathlib import Path
        from tramway.pipeline import planner
        planner.WORTH_ASKING = -1.0  # there are two movies only
        plan = worker.Worker.plan
        def noted(self, source, datafile, *more, **options):
            Path(datafile).with_suffix(".planned").write_text(os.environ["PMI_RANK"])
            return plan(self, source, datafile, *more, **options)
        worker.Worker.plan = noted
    do_step, regions = worker._do_step, set()
    def faulty(run, task, number, samplings):
        what = (task["source"], task["region"], task["steps"][number]["do"])
        if fault == "held" and task["region"]:  # each process does one region meanwhile
            regions.add((task["source"], task["region"]))
            while len(regions) > 1 and not os.path.exists("let go"):
                time.sleep(0.05)
        elif fault == "thread":
            threading.Thread(target=time.sleep, args=(900,)).start()
        elif fault == "stop" and os.environ["PMI_RANK"] == "1":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif fault == "stop":
            signal.setitimer(signal.ITIMER_REAL, 0)  # others have all the time that they need
        elif what == (0, "roi003", "infer"):
            if fault == "raise":
                work_infer = steps.InferStep.do
                def infer(*_):
                    raise RuntimeError("a bug")
                steps.InferStep.do = infer
                try:
                    return do_step(run, task, number, samplings)
                finally:
                    steps.InferStep.do = work_infer
            elif fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif fault.startswith("exit"):
                os._exit(int(fault[4:]))
            elif fault == "hang":
                while True:
                    time.sleep(0.1)
        return do_step(run, task, number, samplings)
    worker._do_step = faulty
"""


@dataclass
class Launcher:
    """A launcher of processes, and the interpreter of which it starts several."""

    python: str
    options: list[str] = field(default_factory=list)

    def command(self, ranks: int | None, *arguments: str) -> list[str]:
        launch = []
        if ranks is not None:
            mpirun = str(Path(self.python).parent / "mpirun")
            launch = [mpirun, *self.options, "-n", str(ranks)]
        return [*launch, self.python, "-m", "tramway.cli.mpi", *arguments]


def _missing(reason: str) -> None:
    if os.environ.get("TRAMWAY_REQUIRE_CLUSTER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _launcher(name: str) -> Launcher:
    if name == "mpich":
        python, options = sys.executable, []
    else:
        python = os.environ.get("TRAMWAY_OPEN_MPI_PYTHON", "")
        options = ["--allow-run-as-root", "--oversubscribe"]
    if not python or not (Path(python).parent / "mpirun").exists():
        _missing(f"no mpirun of {name} beside {python or '$TRAMWAY_OPEN_MPI_PYTHON'}")
    said = "from mpi4py import MPI; print(MPI.get_vendor()[0])"
    vendor = subprocess.run([python, "-c", said], capture_output=True, text=True).stdout.strip()
    if vendor.lower().replace(" ", "") != name:
        _missing(f"the MPI of {python} is {vendor or 'missing'}, not {name}")
    return Launcher(python, options)


@pytest.fixture(scope="session", params=["mpich", "openmpi"])
def launcher(request: pytest.FixtureRequest) -> Launcher:
    return _launcher(request.param)


@pytest.fixture(scope="session")
def mpich() -> Launcher:
    return _launcher("mpich")


@pytest.fixture
def folder(movies: Path, tmp_path: Path) -> Path:
    """The movies, and their analysis in all its forms; the name is not kind to careless quoting."""
    place = tmp_path / "some data, n=2"
    shutil.copytree(movies, place)
    (place / "analysis.py").write_text(SCRIPT)
    (place / "analysis.toml").write_text(CONFIGURATION)
    cells = ["%matplotlib inline", textwrap.dedent(ANALYSIS), "%time print(a.run())"]
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    content = {"cells": [{**code, "source": cell} for cell in cells], "metadata": {}}
    notebook = {**content, "nbformat": 4, "nbformat_minor": 4}
    (place / "analysis.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "sitecustomize.py").write_text(FAULT)
    return place


@dataclass(frozen=True)
class Ended:
    code: int
    output: str
    errors: str


Run = Callable[..., Ended]


def environ(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    path = os.pathsep.join([*PACKAGES, str(folder.parent / "faults")])
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", **more}


@pytest.fixture
def run(folder: Path) -> Run:
    def do(command: list[str], **more: str) -> Ended:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environ(folder, more),
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
        )
        wait_for_the_end(folder)
        return Ended(done.returncode, done.stdout, done.stderr)

    return do


@pytest.fixture
def started(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command that goes on; it is ended with the test."""
    processes = []

    def start(command: list[str], **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ(folder, more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_for(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + TIME_LIMIT
    while time.monotonic() < end:
        try:
            if happens():
                return
        except (OSError, ValueError):  # there is no run directory yet
            pass
        time.sleep(0.05)
    raise TimeoutError


def wait_for_the_end(folder: Path) -> None:
    """Wait until no process of a run is there: some launchers do not wait for those they kill."""
    files = [*folder.glob("tramway-runs/*/journal/*"), *folder.glob("tramway-runs/*/logs/*")]
    processes = {path.stem.rpartition("-")[2] for path in files}
    wait_for(lambda: all(process_state(one) in (None, "Z", "X") for one in processes))


def contents(folder: Path) -> dict[tuple[str, str], list[bytes]]:
    """Cells and maps of every region, to the last bit."""
    found = {}
    for path in folder.glob("*.rwa"):
        tree = read_rwa(path)
        for label in tree:
            sampling, maps = tree[label].data, tree[label]["stochastic.dv"].data
            found[path.name, label] = [
                sampling.points.to_numpy().tobytes(),
                sampling.cells.tobytes(),
                sampling.tessellation.cell_centers.tobytes(),
                sampling.tessellation.cell_volume.tobytes(),
                ",".join(maps.maps.columns).encode(),
                maps.maps.index.to_numpy().tobytes(),
                maps.maps.to_numpy().tobytes(),
            ]
    return found


@pytest.fixture(scope="session")
def expected(
    movies: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], list[bytes]]:
    """What the script makes without any environment."""
    folder = tmp_path_factory.mktemp("plain") / "run"
    shutil.copytree(movies, folder)
    script = "\n".join(line for line in SCRIPT.splitlines() if "a.env" not in line)
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=folder, env=environ(folder, {}), check=True, capture_output=True)
    found = contents(folder)
    assert len(found) == 16
    return found


def run_directory(folder: Path) -> Path:
    (path,) = (folder / "tramway-runs").glob("[!.]*")
    return path


def finished(folder: Path) -> int:
    """Number of steps of regions that the journals call done; saving a source is none of them."""
    run = RunDirectory(run_directory(folder))
    return sum(entry.state == "done" and not run.closes[entry.task] for entry in run.journals.new())


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_script(launcher: Launcher, run: Run, folder: Path, expected: object, ranks: int) -> None:
    ended = run(launcher.command(ranks, "analysis.py", "--option", "x y"))
    assert ended.code == 0, ended.errors
    assert ended.output.count("first process") == 1
    assert "arguments ['--option', 'x y']" in ended.output
    assert "32 tasks done, 0 skipped, 0 failed" in ended.output
    assert ended.output.endswith("after the run\n")
    assert contents(folder) == expected
    assert not (folder / "tramway-runs").exists()


def test_without_launcher(mpich: Launcher, run: Run, folder: Path, expected: object) -> None:
    ended = run(mpich.command(None, "analysis.py"))
    assert (ended.code, ended.errors.count("Traceback")) == (0, 0)
    assert contents(folder) == expected


def test_all_processes_work(
    mpich: Launcher, started: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    process = started(mpich.command(3, "analysis.py"), TEST_FAULT="held")
    wait_for(lambda: finished(folder) == 6)  # two steps of one region each
    journals = list((run_directory(folder) / "journal").iterdir())
    assert len(journals) == 3
    assert all('"done"' in path.read_text() for path in journals)
    entries = [json.loads(line) for path in journals for line in path.read_text().splitlines()]
    assert {entry["rank"] for entry in entries} == {0, 1, 2}
    logs = {path.stem for path in (run_directory(folder) / "logs").iterdir()}
    assert logs == {path.stem for path in journals}
    status = [mpich.python, "-m", "tramway", "status", str(run_directory(folder))]

    def said() -> str:
        environment = environ(folder, {})
        return subprocess.run(status, env=environment, capture_output=True, text=True).stdout

    wait_for(lambda: "16 regions: 3 done, 0 failed, 3 under way, 10 waiting" in said())
    (folder / "let go").touch()
    assert process.wait(TIME_LIMIT) == 0


@pytest.mark.parametrize("ranks", [1, 3])
def test_other_processes_plan(
    mpich: Launcher, run: Run, folder: Path, expected: object, ranks: int
) -> None:
    ended = run(mpich.command(ranks, "analysis.py"), TEST_FAULT="plans")
    assert ended.code == 0, ended.errors
    assert "32 tasks done, 0 skipped, 0 failed" in ended.output
    assert contents(folder) == expected
    planned = [path.read_text() for path in folder.glob("*.planned")]
    assert len(planned) == (1 if ranks > 1 else 0)  # the first process plans one itself
    assert not (folder / "tramway-runs").exists()


def test_the_executor_of_mpi4py(
    launcher: Launcher, run: Run, folder: Path, expected: object
) -> None:
    (folder / "pool.py").write_text(
        textwrap.dedent(ANALYSIS)
        + "from mpi4py.futures import MPIPoolExecutor\n"
        + "if __name__ == '__main__':\n"
        + "    with MPIPoolExecutor() as pool:\n"
        + "        a.env = environments.Executor(pool)\n"
        + "        print(a.run())\n"
    )
    mpirun = launcher.command(3)[: -len(launcher.command(None))]
    ended = run([*mpirun, launcher.python, "-m", "mpi4py.futures", "pool.py"])
    assert ended.code == 0, ended.errors
    assert "32 tasks done, 0 skipped, 0 failed" in ended.output
    assert contents(folder) == expected


@pytest.mark.parametrize("arguments", [["analysis.ipynb"], ["run", "analysis.toml"]])
def test_notebook_and_file(
    mpich: Launcher, run: Run, folder: Path, expected: object, arguments: list[str]
) -> None:
    ended = run(mpich.command(2, *arguments))
    assert ended.code == 0, ended.errors
    assert "32 tasks done, 0 skipped, 0 failed" in ended.output
    assert contents(folder) == expected
    again = run(mpich.command(2, *arguments))
    assert again.output.endswith("0 tasks done, 32 skipped, 0 failed\n")


def test_help_is_printed_once(launcher: Launcher, run: Run) -> None:
    ended = run(launcher.command(3, "--help"))
    assert (ended.code, ended.output.count("Usage")) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.py"], "Error: no such file: no.py"),
        (["--thread", "2", "analysis.py"], "No such option"),
        (["run", "no.toml"], "'no.toml' does not exist"),
    ],
)
def test_mistakes_are_told_once(
    mpich: Launcher, run: Run, arguments: list[str], message: str
) -> None:
    ended = run(mpich.command(2, *arguments))
    assert ended.code != 0
    assert ended.errors.count(message) == 1, ended.errors
    assert "Traceback" not in ended.errors


def test_the_script_decides_the_exit_code(mpich: Launcher, run: Run, folder: Path) -> None:
    (folder / "leaves.py").write_text("import sys; sys.exit(7)")
    assert run(mpich.command(2, "leaves.py")).code == 7


def test_an_exception_ends_all_processes(launcher: Launcher, run: Run, folder: Path) -> None:
    (folder / "fails.py").write_text("print('begins')\n1 / 0")
    ended = run(launcher.command(2, "fails.py"))
    assert (ended.code, ended.output) == (1, "begins\n")
    assert 'fails.py", line 2, in <module>' in ended.errors
    assert ended.errors.count("ZeroDivisionError") == 1


def test_worlds_of_one_are_refused(mpich: Launcher, run: Run, folder: Path) -> None:
    # What the launcher of another MPI leaves behind.
    ended = run(mpich.command(None, "analysis.py"), OMPI_COMM_WORLD_SIZE="4")
    assert ended.code == 1
    assert "started 4 processes" in ended.errors
    assert not list(folder.glob("*.rwa"))


@pytest.mark.parametrize("fault", ["kill", "exit0"])
def test_a_dead_process_ends_the_job_and_costs_its_task_only(
    launcher: Launcher, run: Run, folder: Path, expected: object, fault: str
) -> None:
    ended = run(launcher.command(4, "analysis.py"), TEST_FAULT=fault)
    assert ended.code != 0
    before = finished(folder)
    assert "after the run" not in ended.output
    again = run(launcher.command(2, "analysis.py"))
    assert again.code == 0, again.errors
    assert contents(folder) == expected
    # Nothing is done twice.
    assert f"{before} steps were finished" in again.errors
    assert f"{32 - before} tasks done, {before} skipped, 0 failed" in again.output


@pytest.mark.parametrize("victim", ["first", "other"])
def test_a_process_killed_from_outside(
    launcher: Launcher,
    started: Callable[..., subprocess.Popen[str]],
    run: Run,
    folder: Path,
    expected: object,
    victim: str,
) -> None:
    process = started(launcher.command(3, "analysis.py"), TEST_FAULT="held")
    assert process.stdout is not None
    first = int(process.stdout.readline().split()[2])
    wait_for(lambda: finished(folder) == 6)  # each process is at its second region
    workers = [
        int(p.stem.rpartition("-")[2]) for p in (run_directory(folder) / "journal").iterdir()
    ]
    killed = first if victim == "first" else next(pid for pid in workers if pid != first)
    os.kill(killed, signal.SIGKILL)
    process.communicate(timeout=TIME_LIMIT)
    assert process.returncode != 0
    wait_for_the_end(folder)
    before = finished(folder)
    again = run(launcher.command(2, "analysis.py"))
    assert again.code == 0, again.errors
    assert f"{before} steps were finished" in again.errors
    assert contents(folder) == expected


def test_a_task_that_raises_fails_alone(
    mpich: Launcher, run: Run, folder: Path, expected: dict[tuple[str, str], object]
) -> None:
    ended = run(mpich.command(2, "analysis.py"), TEST_FAULT="raise")
    assert ended.code == 1
    assert "1 of 32 tasks failed" in ended.errors
    assert "unexpected RuntimeError: a bug" in ended.errors
    again = run(mpich.command(2, "analysis.py"))
    assert "1 tasks done, 31 skipped, 0 failed" in again.output
    assert contents(folder) == expected


def test_a_task_that_never_ends(
    mpich: Launcher, run: Run, folder: Path, expected: dict[tuple[str, str], object]
) -> None:
    ended = run(mpich.command(2, "analysis.py"), TEST_FAULT="hang", TASK_TIME_LIMIT="5")
    assert ended.code == 1
    assert "longer than the time limit of 5 s" in ended.errors
    assert run(mpich.command(2, "analysis.py")).code == 0
    assert contents(folder) == expected


def test_a_process_that_is_stopped_is_ended_by_the_time_limit(
    mpich: Launcher, run: Run, folder: Path, expected: dict[tuple[str, str], object]
) -> None:
    ended = run(mpich.command(3, "analysis.py"), TEST_FAULT="stop", TASK_TIME_LIMIT="5")
    assert ended.code == 1, ended.errors
    assert re.search("1 of .* tasks failed", ended.errors)
    assert "longer than the time limit of 5 s" in ended.errors
    assert len(contents(folder)) == 15
    assert run(mpich.command(2, "analysis.py")).code == 0
    assert contents(folder) == expected


def test_threads_that_are_left_running_are_not_waited_for(
    launcher: Launcher, run: Run, folder: Path, expected: dict[tuple[str, str], object]
) -> None:
    ended = run(launcher.command(3, "analysis.py"), TEST_FAULT="thread")
    assert ended.code == 0, ended.errors
    assert ended.output.endswith("after the run\n")
    assert contents(folder) == expected


def test_run_directory(mpich: Launcher, run: Run, folder: Path, expected: object) -> None:
    assert run(mpich.command(3, "analysis.py"), TEST_FAULT="kill").code != 0
    directory = run_directory(folder)
    ended = run(mpich.command(2, str(directory)))
    assert ended.code == 0, ended.errors
    assert "16 regions: 16 done, 0 failed, 0 under way, 0 waiting" in ended.output
    resumed = run([mpich.python, "-m", "tramway", "resume", str(directory)])
    assert resumed.code == 0, resumed.errors
    assert "0 tasks done, 32 skipped, 0 failed" in resumed.output
    assert contents(folder) == expected
    assert not directory.exists()


@pytest.mark.parametrize("what", ["script", "run directory"])
def test_a_task_that_kills_each_time_is_given_up(
    mpich: Launcher, run: Run, folder: Path, expected: dict[tuple[str, str], object], what: str
) -> None:
    # First among others, then as one of those that were under way, then alone.
    assert run(mpich.command(3, "analysis.py"), TEST_FAULT="kill").code != 0
    again = "analysis.py" if what == "script" else str(run_directory(folder))
    for _ in range(3):
        ended = run(mpich.command(3, again), TEST_FAULT="kill")
        if "the process that did it died" in ended.output + ended.errors:
            break
    assert ended.code == 1
    if what == "script":
        assert re.search("1 of .* tasks failed", ended.errors)
    else:
        assert "16 regions: 15 done, 1 failed" in ended.output
    # It was not the task, somebody else took all the memory; now there is enough.
    assert run(mpich.command(2, "analysis.py")).code == 0
    assert contents(folder) == expected
