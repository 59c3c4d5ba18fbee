"""What the journals of a run tell; entries are written here as workers would."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from tramway.cli.main import main
from tramway.cli.progress import Progress
from tramway.pipeline.steps import InferStep
from tramway.runs import Journal, JournalEntry, NewRun, RunDirectory, command_for

HOST = socket.gethostname()
STEPS = [
    InferStep(sampling="roi", maps="dv", localization_precision=0.02, exposure_time=0.0).as_plain()
]


@pytest.fixture
def run(tmp_path) -> RunDirectory:
    """Run of ten regions of 100 to 1000 translocations, at a path that needs quotes."""
    with NewRun(tmp_path / "it's a run") as new:
        for number in range(10):
            task = {"source": 0, "region": f"roi{number:03d}", "steps": STEPS}
            new.add_task(task, 100 * (10 - number))
        return new.finish({"spt_data": {"sources": [{"name": "a.txt"}]}}, None)


@pytest.fixture
def write(run) -> Callable[..., None]:
    def write_entry(task, state, time, worker="elsewhere-1", **more):
        part = Journal(run).store(b"x") if state == "done" else None
        entry = JournalEntry(task, 0, state, worker, time, part=part, **more)
        Journal(run).write([entry])

    return write_entry


def report(run: RunDirectory) -> str:
    progress = Progress(RunDirectory(run.path))
    progress.read()
    return progress.report()


def test_nothing_yet(run):
    said = report(run).splitlines()
    assert said == [
        f"{run.path}",
        "10 regions: 0 done, 0 failed, 0 under way, 10 waiting",
        f"no process is working; to continue: {command_for('resume', run.path)}",
    ]


@pytest.mark.parametrize("verb", ["status", "resume"])
def test_commands_that_are_told_can_be_typed(run, verb):
    program, *arguments = shlex.split(command_for(verb, run.path))
    assert program == "tramway"
    name, command, rest = main.resolve_command(click.Context(main), arguments)
    assert name == verb
    assert run.path in command.make_context(name, rest).params.values()


def test_counts_and_pace(run, write):
    # One region of 1000, 900, 800 and 700 translocations every ten seconds: 2400 in the 30 s since
    # the first was done; 2100 are left.
    for task in range(4):
        write(task, "running", 1000.0 + 10 * task)
        write(task, "done", 1010.0 + 10 * task)
    write(4, "running", 1045.0)
    said = report(run)
    assert "10 regions: 4 done, 0 failed, 1 under way, 5 waiting" in said
    assert "0.1 regions per second, about 0:00:26 left" in said


def test_failures_and_what_is_under_way(run, write):
    write(0, "running", 1000.0)
    write(0, "failed", 1001.0, error="too few translocations")
    write(1, "running", 1000.0)
    write(1, "timed out", 1003.0, error="it took too long")
    write(2, "running", 1004.0, worker=f"{HOST}-{os.getpid()}")
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
    ).stdout.strip()
    write(3, "running", 1004.0, worker=f"{HOST}-{gone}")
    write(4, "running", 1004.0, worker="some-host-7")
    said = report(run)
    assert "10 regions: 0 done, 2 failed, 3 under way, 5 waiting" in said
    assert "failed: a.txt, roi000, infer: too few translocations" in said
    assert "timed out: a.txt, roi001, infer: it took too long" in said
    lines = {line.split(", ")[1]: line for line in said.splitlines() if "under way: " in line}
    assert lines["roi002"].endswith(f"on {HOST}-{os.getpid()}")
    assert lines["roi003"].endswith(f"on {HOST}-{gone} (which has ended)")
    assert lines["roi004"].endswith("on some-host-7")


def test_the_end(run, write):
    for task in range(10):
        write(task, "running", 1000.0 + task)
        write(task, "done", 1000.5 + task)
    said = report(run).splitlines()
    assert said[1:] == [
        "10 regions: 10 done, 0 failed, 0 under way, 0 waiting",
        f"results that are not in .rwa files yet: {command_for('resume', run.path)}",
    ]


def test_files_of_results_are_named_in_the_end(tmp_path):
    names = [tmp_path / "a.rpt.txt", tmp_path / "b.rpt.txt"]
    with NewRun(tmp_path / "run") as new:
        new.add_task({"source": 0, "region": "roi000", "steps": STEPS}, 1)
        sources = [{"name": str(name)} for name in names]
        run = new.finish({"spt_data": {"sources": sources}}, None)
    (tmp_path / "a.rpt.rwa").touch()
    journal = Journal(run)
    part = journal.store(b"x")
    journal.write([JournalEntry(0, 0, "done", "elsewhere-1", 1.0, part=part)])
    assert f"\nresults: {tmp_path / 'a.rpt.rwa'}\nresults that are not" in report(run)


def test_nothing_to_do_is_no_success(tmp_path):
    with NewRun(tmp_path / "none") as new:
        run = new.finish({"spt_data": {"sources": [{"name": "a.txt"}]}}, None)
    assert report(run).splitlines() == [
        f"{run.path}",
        f"no source could be read, or had regions; to see why: {command_for('resume', run.path)}",
    ]


def test_long_lists_are_cut(tmp_path, write):
    with NewRun(tmp_path / "long") as new:
        for number in range(50):
            task = {"source": 0, "region": f"roi{number:03d}", "steps": STEPS}
            new.add_task(task, 1)
        run = new.finish({"spt_data": {"sources": [{"name": "a.txt"}]}}, None)
    journal = Journal(run)
    reasons = [f"no {letter}" for letter in "abcdefghijklmnopqrstuvwxy"]
    journal.write(
        [JournalEntry(n, 0, "failed", "a-1", 1000.0, error=reasons[n % 25]) for n in range(50)]
    )
    said = report(run).splitlines()
    assert said[1] == "50 regions: 0 done, 50 failed, 0 under way, 0 waiting"
    assert len(said) == 2 + 20 + 2  # the last of which tell of more, and what to do
    assert said[-2] == "… and 5 more"


def test_failures_of_a_kind_are_told_once(run, write):
    for task, error in enumerate(["3 cells", "17 cells", "no room", "4 cells", "0 cells"]):
        write(task, "failed", 1000.0, error=error)
    said = [line for line in report(run).splitlines() if line.startswith("failed")]
    names = [f"a.txt, roi{number:03d}, infer" for number in range(4)]
    assert said == [
        f"failed: 4 regions: 3 cells: {names[0]}; {names[1]}; {names[3]}; … and 1 more",
        f"failed: {names[2]}: no room",
    ]


def test_what_to_do_where_all_that_worked_has_ended(run, write):
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
    ).stdout.strip()
    write(0, "running", 1004.0, worker=f"{HOST}-{gone}")
    assert "no process is working; to continue: " in report(run)
    write(1, "running", 1004.0, worker="some-host-7")  # of which nothing is known
    assert "no process" not in report(run)


@pytest.mark.skipif(sys.platform != "linux", reason="states of processes are told by Linux")
def test_a_worker_that_has_ended_and_whose_parent_has_not_asked_is_no_more(run, write):
    with subprocess.Popen([sys.executable, "-c", ""]) as worker:
        os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
        write(0, "running", 1004.0, worker=f"{HOST}-{worker.pid}")
        said = report(run)
    assert "(which has ended)" in said
    assert "no process is working; to continue: " in said


def test_what_to_do_where_some_failed(run, write):
    for task in range(10):
        write(task, "failed" if task == 3 else "done", 1000.0, error="oh" if task == 3 else None)
    last = report(run).splitlines()[-1]
    assert last == (
        f"to try again what failed, and save the rest: {command_for('resume', run.path)}"
    )


def test_it_is_told_as_it_grows(run, write):
    progress = Progress(RunDirectory(run.path))
    progress.read()
    assert not progress.is_over
    for task in range(10):
        write(task, "done", 1000.0 + task)
        progress.read()
        assert progress.state.counts["done"] == task + 1
    assert progress.is_over
