"""Runs that ended early, seen and continued from outside."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tramway.cli.configuration import analyzer_of, read
from tramway.cli.main import main
from tramway.environments import Slurm
from tramway.environments.host import ThisHost
from tramway.environments.slurm_job import SlurmJob
from tramway.files import read_rwa
from tramway.pipeline.steps import InferStep, PlanStep
from tramway.runs import Journal, JournalEntry, NewRun, Part, RunDirectory, command_for


@pytest.fixture
def tramway():
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def killed(folder: Path) -> Path:
    """Directory of a run whose process was killed in its third task."""
    script = f"""
import os, signal
from pathlib import Path
from tramway.pipeline import worker
from tramway.cli.configuration import analyzer_of, read
do_step, count = worker._do_step, []
def deadly(*arguments):
    count.append(1)
    if len(count) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return do_step(*arguments)
worker._do_step = deadly
analyzer_of(read(Path({str(folder / "job.toml")!r}))).run()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    (directory,) = (folder / "movies" / "tramway-runs").glob("[!.]*")
    return directory


def maps(folder: Path) -> dict[tuple[str, str], bytes]:
    """Maps of every region, to the last bit."""
    return {
        (path.name, label): tree[label]["stochastic.dv"].data.maps.to_numpy().tobytes()
        for path in sorted(folder.glob("movies/*.rwa"))
        for tree in [read_rwa(path)]
        for label in tree
    }


@pytest.mark.slow
def test_a_killed_run_is_seen_and_continued(tramway, folder, killed, monkeypatch):
    monkeypatch.chdir(folder.parent)  # the paths of the run are not relative to that
    said = tramway("status", killed)
    assert said.exit_code == 0
    assert "4 regions: 2 done, 0 failed, 1 under way, 1 waiting" in said.stdout
    assert "roi00" in said.stdout
    assert "(which has ended)" in said.stdout
    assert f"to continue: {command_for('resume', killed)}" in said.stdout
    for inside in (folder, folder / "movies", killed.parent):
        assert tramway("status", inside).stdout == said.stdout

    resumed = tramway("resume", killed)
    assert resumed.exit_code == 0, resumed.output
    assert "3 tasks done, 5 skipped, 0 failed" in resumed.stdout
    found = maps(folder)
    assert len(found) == 4
    assert not killed.exists()
    shutil.rmtree(folder / "movies" / "tramway-runs", ignore_errors=True)
    for path in folder.glob("movies/*.rwa"):
        path.unlink()
    analyzer_of(read(folder / "job.toml")).run()
    assert maps(folder) == found


@pytest.mark.slow
def test_resuming_in_several_processes(tramway, folder, killed):
    resumed = tramway("resume", killed, "--worker-count", 2)
    assert resumed.exit_code == 0, resumed.output
    assert len(maps(folder)) == 4


@pytest.mark.slow
def test_failures_are_told_by_the_exit_code(tramway, folder, killed):
    for path in folder.glob("movies/*.txt"):
        path.write_text("no\n")
    resumed = tramway("resume", killed)
    assert resumed.exit_code == 1
    assert resumed.stderr.startswith("Error: ")


@pytest.mark.slow
def test_watching_ends_with_the_run(tramway, killed, monkeypatch):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            shutil.rmtree(killed)

    monkeypatch.setattr("tramway.cli.status.time.sleep", pause)
    said = tramway("status", killed, "--watch")
    assert said.exit_code == 0, said.output
    assert said.stdout.count("4 regions: 2 done") == 3
    assert "was removed: the run is complete" in said.stdout


@pytest.mark.slow
def test_of_a_run_that_is_complete_it_is_told_where_results_are(tramway, folder, killed):
    resumed = tramway("resume", killed)
    assert resumed.exit_code == 0
    said = tramway("status", killed)
    assert said.exit_code == 0
    where = folder / "movies"
    assert said.stdout == (
        f"{killed} was removed: the run is complete, its results are in the .rwa files beside "
        f"the data, in {where}: a.rpt.rwa, b.rpt.rwa\n"
    )
    of_folder = tramway("status", folder).stdout.splitlines()
    assert of_folder == [
        f"no run is left to do in {folder}",
        f"results: {where / 'a.rpt.rwa'}, {where / 'b.rpt.rwa'}",
        f"to look at them: tramway report '{folder}' -o report.html",
    ]
    successor = killed.with_name(f"{killed.name[:16]}-{'0' * 16}")
    successor.mkdir(parents=True)
    assert (
        f"was replaced, when it was run again, by {successor}" in tramway("status", killed).stdout
    )


@pytest.mark.parametrize(
    "path", ["nowhere", "tramway-runs/x", "data/0123456789abcdef-0123456789abcdef"]
)
def test_what_never_was_a_run_directory_is_a_mistake(tramway, tmp_path, path):
    said = tramway("status", tmp_path / path)
    assert said.exit_code == 2
    assert "there is no run directory" in said.stderr


@pytest.mark.slow
def test_a_run_that_a_cluster_has_is_left_alone(tramway, killed, monkeypatch):
    SlurmJob("12", "login.cluster.org", "/scratch/run").save(killed)
    said = tramway("resume", killed)
    assert said.exit_code == 1
    assert "job 12 on login.cluster.org was submitted for this run" in said.stderr
    SlurmJob("12", ThisHost.name, str(killed)).save(killed)
    monkeypatch.setattr(Slurm, "is_running", lambda *_: True)
    assert "end it with `scancel 12`, and resume again" in tramway("resume", killed).stderr
    monkeypatch.setattr(Slurm, "is_running", lambda *_: False)
    assert tramway("resume", killed).exit_code == 0


@pytest.mark.parametrize(
    ("command", "message"),
    [("status", "there are no runs and no results in"), ("resume", "is not a run directory")],
)
def test_what_is_no_run_directory_is_refused(tramway, tmp_path, command, message):
    said = tramway(command, tmp_path)
    assert said.exit_code == 1
    assert message in said.stderr
    assert tramway(command, tmp_path / "no").exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.fixture
def run(tmp_path) -> RunDirectory:
    """Run of one region, which a worker has begun."""
    with NewRun(tmp_path / "run") as new:
        step = InferStep(sampling="roi", maps="dv", localization_precision=0.0, exposure_time=0.0)
        new.add_task({"source": 0, "region": "roi000", "steps": [step.as_plain()]}, 10)
        run = new.finish({"spt_data": {"sources": [{"name": "a.txt"}]}}, None)
    Journal(run).write([JournalEntry(0, 0, "running", "elsewhere-1", 1.0)])
    return run


@pytest.mark.parametrize("command", ["status", "resume"])
@pytest.mark.parametrize("name", ["", "job.json"])
def test_a_run_of_somebody_elses_is_refused(tramway, run, command, name):
    path = run.path / name
    path.chmod(path.stat().st_mode | 0o022)
    said = tramway(command, run.path)
    assert (said.exit_code, said.stdout) == (1, "")
    assert f"Error: {path} is not used: others may write it" in said.stderr


@pytest.mark.parametrize("command", ["status", "resume"])
@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 2}', '{"format": [], "x": 1}', "\xff"])
def test_a_hostile_description_is_refused(tramway, run, command, content):
    (run.path / "job.json").write_text(content, encoding="latin-1")
    said = tramway(command, run.path)
    assert (said.exit_code, said.stdout) == (1, "")
    assert "Error: " in said.stderr
    assert isinstance(said.exception, SystemExit)


def test_of_runs_in_a_folder_a_damaged_one_hides_no_other(tramway, run, tmp_path):
    runs = tmp_path / "tramway-runs"
    runs.mkdir()
    whole, damaged = (runs / f"{digit * 16}-{digit * 16}" for digit in "01")
    shutil.copytree(run.path, damaged)
    run.path.rename(whole)
    (damaged / "job.json").write_text("{}")
    said = tramway("status", tmp_path)
    assert said.exit_code == 0
    assert f"{whole}\n1 regions: 0 done" in said.stdout
    assert f"{damaged.name} was made by tramway None" in said.stdout


def test_a_run_that_is_removed_while_folders_are_listed_is_none(
    tramway, run, tmp_path, monkeypatch
):
    path = tmp_path / "tramway-runs" / f"{'0' * 16}-{'0' * 16}"
    path.parent.mkdir()
    run.path.rename(path)
    (tmp_path / "a.rwa").touch()
    listing = os.scandir

    def removed_meanwhile(folder):
        if str(folder) == str(path):
            shutil.rmtree(path, ignore_errors=True)
        return listing(folder)

    monkeypatch.setattr(os, "scandir", removed_meanwhile)
    said = tramway("status", tmp_path)
    assert (said.exit_code, said.exception) == (0, None)
    assert said.stdout.startswith(f"no run is left to do in {tmp_path}\n")


def test_a_run_that_is_removed_before_it_is_read_is_complete(tramway, run, tmp_path, monkeypatch):
    path = tmp_path / "tramway-runs" / f"{'0' * 16}-{'0' * 16}"
    path.parent.mkdir()
    run.path.rename(path)

    def removed_meanwhile(path):
        (path / "job.json").unlink(missing_ok=True)  # it takes a moment
        return RunDirectory(path)

    monkeypatch.setattr("tramway.runs.RunDirectory", removed_meanwhile)
    monkeypatch.setattr("tramway.cli.status.time.sleep", lambda _: shutil.rmtree(path))
    said = tramway("status", tmp_path)
    assert (said.exit_code, said.exception) == (0, None)
    assert "was removed: the run is complete" in said.stdout


def test_planning_is_told(tramway, tmp_path):
    runs = tmp_path / "tramway-runs"
    names = [{"name": f"{letter}.txt"} for letter in "abcd"]
    with NewRun(runs / ("0" * 16)):  # the run itself, in the making
        said = tramway("status", tmp_path)
        assert said.exit_code == 0
        assert said.stdout == (
            f"{runs}\nplanning: the process that runs it looks at the files, or has ended\n"
        )
        with NewRun(runs / ("0" * 16), is_hidden=True) as new:
            for source in (1, 2, 3):  # the first is planned before workers are asked
                step = PlanStep(datafile="", lost=[], workers_save=True)
                new.add_task({"source": source, "region": "", "steps": [step.as_plain()]}, 10)
            run = new.finish({"spt_data": {"sources": names}}, None)
        written = [
            JournalEntry(0, 0, "running", "elsewhere-1", 1.0),
            JournalEntry(0, 0, "done", "elsewhere-1", 2.0, part=Part("parts/x", 0, 1, 0)),
            JournalEntry(1, 0, "running", "elsewhere-1", 3.0),
        ]
        Journal(run).write(written)
        said = tramway("status", tmp_path).stdout.splitlines()
        assert said[:2] == [
            str(runs),
            "planning: what is to be done in each region is known of 2 of 4 files",
        ]
        assert said[2].startswith("under way: c.txt, plan, for ")
        assert len(said) == 3


def test_a_damaged_task_is_told(tramway, run):
    content = (run.path / "tasks.jsonl").read_bytes()
    (run.path / "tasks.jsonl").write_bytes(content.replace(b"roi000", b"roi\xff00"))
    said = tramway("status", run.path)
    assert said.exit_code == 1
    assert "tasks.jsonl is damaged, task 0 is not as it was written: run again" in said.stderr
