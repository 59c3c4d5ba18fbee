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
    assert command.make_context(name, rest).params["run_directory"] == run.path


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


def test_long_lists_are_cut(tmp_path, write):
    with NewRun(tmp_path / "long") as new:
        for number in range(50):
            task = {"source": 0, "region": f"roi{number:03d}", "steps": STEPS}
            new.add_task(task, 1)
        run = new.finish({"spt_data": {"sources": [{"name": "a.txt"}]}}, None)
    journal = Journal(run)
    journal.write(
        [JournalEntry(n, 0, "failed", "elsewhere-1", 1000.0, error="oh") for n in range(50)]
    )
    said = report(run)
    assert said.count("failed: a.txt") == 20
    assert "… and 30 more" in said
    assert "50 regions: 0 done, 50 failed, 0 under way, 0 waiting" in said


def test_it_is_told_as_it_grows(run, write):
    progress = Progress(RunDirectory(run.path))
    progress.read()
    assert not progress.is_over
    for task in range(10):
        write(task, "done", 1000.0 + task)
        progress.read()
        assert progress.state.counts["done"] == task + 1
    assert progress.is_over
