"""Workers that plan, and what may happen to them."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from tramway.analyzer import RWAnalyzer
from tramway.cli.main import main
from tramway.environments import LocalHost
from tramway.errors import RunError
from tramway.files import read_rwa
from tramway.pipeline import planner
from tramway.runs import JournalEntry, RunDirectory, Work

Declare = Callable[..., RWAnalyzer]

PATIENCE = 300.0  # s: what takes longer hangs, however busy the machine is

# Python loads a module of this name when it starts: workers as well.
FAULT = """
import os, signal, time
from pathlib import Path
from tramway.pipeline import planner, worker
planner.WORTH_ASKING = 0.0
plan, fault = worker.Worker.plan, os.environ["TEST_FAULT"]
def faulty(self, source, datafile, *more, **options):
    Path(datafile).with_suffix(".asked").touch()
    if Path(datafile).name == "b.rpt.txt":
        if fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "late":
            signal.raise_signal(signal.SIGALRM)  # for this task, the time limit is over
        if fault == "hang":
            time.sleep(900)
    return plan(self, source, datafile, *more, **options)
worker.Worker.plan = faulty
"""

SCRIPT = """
import logging, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it for what they put aside
from tramway.analyzer import *
a = RWAnalyzer()
a.spt_data.from_ascii_files({data!r} + "/*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Hexagons
a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
a.pipeline.append_stage(stages.tessellate_and_infer())
a.env = environments.LocalHost
a.env.worker_count = 2
a.env.time_limit = float(os.environ.get("TEST_LIMIT", 0)) or None
print(repr(a.run()))
"""


@pytest.fixture
def start(
    movies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.Popen[str]]:
    """Start the analysis of the movies in a process, and session, of its own.

    Something happens in it.
    """
    import tramway

    (tmp_path / "sitecustomize.py").write_text(FAULT)
    monkeypatch.setenv("PYTHONPATH", f"{Path(tramway.__file__).parents[1]}:{tmp_path}")

    def begin(fault: str, limit: float = 0.0) -> subprocess.Popen[str]:
        monkeypatch.setenv("TEST_FAULT", fault)
        monkeypatch.setenv("TEST_LIMIT", str(limit))
        command = [sys.executable, "-c", SCRIPT.format(data=str(movies))]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    return begin


def maps(folder: Path) -> dict[tuple[str, str], bytes]:
    """Maps of every region, to the last bit."""
    return {
        (path.name, label): tree[label]["stochastic.dv"].data.maps.to_numpy().tobytes()
        for path in sorted(folder.glob("*.rwa"))
        for tree in [read_rwa(path)]
        for label in tree
    }


@pytest.fixture
def expected(movies: Path, declare: Declare) -> dict[tuple[str, str], bytes]:
    """Maps that are made without environment."""
    declare().run()
    found = maps(movies)
    for path in movies.glob("*.rwa"):
        path.unlink()
    return found


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill the process of a script, and wait until its workers have ended as well."""
    process.kill()
    process.communicate()
    wait_for(lambda: not session(process.pid))


def session(leader: int) -> list[str]:
    """Living processes of a session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            found += [status.parent.name] if fields[3] == str(leader) and fields[0] != "Z" else []
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "limit"), [("none", 0.0), ("kill", 0.0), ("late", 3600.0)])
def test_what_workers_do_not_plan_is_planned_here(
    movies: Path,
    start: Callable[..., subprocess.Popen[str]],
    expected: dict[tuple[str, str], bytes],
    fault: str,
    limit: float,
) -> None:
    process = start(fault, limit)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert "20 tasks done, 0 skipped, 0 failed" in output
    why = {"none": None, "kill": "was killed, 2 times", "late": "the time limit of 3600 s"}[fault]
    told = re.search(r"b\.rpt\.txt is planned here: (.*)", errors)
    assert told is None if why is None else told is not None and why in told[1]
    asked = {path.name.partition(".")[0] for path in movies.glob("*.asked")}
    assert asked == set("bcde")
    assert maps(movies) == expected
    assert not (movies / "tramway-runs").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_nothing(movies: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("hang")
    wait_for(lambda: (movies / "b.rpt.asked").exists())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode in (1, -signal.SIGINT)
    assert "KeyboardInterrupt" in errors
    assert "interrupted" in errors
    assert not list((movies / "tramway-runs").glob("*/"))  # the lock may be left
    assert not list(movies.glob("*.rwa"))


@pytest.mark.slow
def test_the_process_that_was_ended_while_workers_planned_plans_by_itself(
    movies: Path,
    start: Callable[..., subprocess.Popen[str]],
    expected: dict[tuple[str, str], bytes],
) -> None:
    process = start("hang")
    wait_for(lambda: (movies / "b.rpt.asked").exists())
    kill(process)
    hidden = list((movies / "tramway-runs").glob(".*/job.json"))
    assert len(hidden) == 1
    for path in movies.glob("*.asked"):
        path.unlink()
    again = start("hang")
    output, errors = again.communicate(timeout=PATIENCE)
    assert "20 tasks done" in output, errors
    assert not list(movies.glob("*.asked"))
    assert maps(movies) == expected
    assert not (movies / "tramway-runs").exists()


def status(folder: Path) -> str:
    """Give what ``tramway status`` says of a folder, errors included."""
    return CliRunner().invoke(main, ["status", str(folder)]).output


@pytest.mark.slow
def test_status_tells_of_planning_that_was_killed(
    movies: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    process = start("hang")
    # One worker is at b.rpt.txt for good; the other one, and this process first, plan all others.
    # They may be done with these before that one begins.
    wait_for(lambda: "is known of 4 of 5 files\nunder way: " in status(movies))
    during = status(movies)
    assert during.startswith(f"{movies / 'tramway-runs'}\nplanning: ")
    assert "b.rpt.txt" in during
    assert "no process is working" not in during
    kill(process)  # its workers end by themselves
    after = status(movies).splitlines()
    assert "(which has ended)" in after[2]
    assert after[1].endswith("is known of 4 of 5 files")
    assert after[-1] == "no process is working; to continue, run the script again"
    again = start("none")
    output, errors = again.communicate(timeout=PATIENCE)
    assert "20 tasks done" in output, errors
    assert status(movies).startswith(f"no run is left to do in {movies}\n")


class Full(LocalHost):
    """Has no room for what its workers write."""

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        raise OSError(28, "No space left on device", str(run.path))
        yield


def test_a_full_disk_is_told(
    movies: Path, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "WORTH_ASKING", 0.0)
    a = declare()
    a.env = Full(2)
    with pytest.raises(RunError, match="No space left on device"):
        a.run()
    assert not list((movies / "tramway-runs").glob("*/"))  # the lock may be left


class Silent(LocalHost):
    """Does not say what came of plans, or says it of a result that is damaged."""

    damages: bool = False

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        if not run.path.name.startswith("."):
            yield from super().execute(run, tasks, work)
        elif self.damages:
            yield from list(super().execute(run, tasks, work))
            for path in run.path.glob("parts/*"):
                path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.slow
@pytest.mark.parametrize("damages", [False, True])
def test_lost_plans_are_made_here(
    movies: Path,
    declare: Declare,
    expected: dict[tuple[str, str], bytes],
    monkeypatch: pytest.MonkeyPatch,
    damages: bool,
) -> None:
    monkeypatch.setattr(planner, "WORTH_ASKING", 0.0)
    monkeypatch.setattr(Silent, "damages", damages)
    a = declare()
    a.env = Silent(2)
    assert len(a.run().done) == 20
    assert maps(movies) == expected
