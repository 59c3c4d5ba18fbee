"""Planned here, done in shares by whatever starts processes, and saved at the end."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tramway.cli.configuration import analyzer_of, read
from tramway.cli.main import main
from tramway.environments.slurm_job import SlurmJob
from tramway.files import read_rwa

SCRIPT = """
import sys
from pathlib import Path
from tramway.cli.configuration import analyzer_of, read
print("this script prints", sys.argv[1:])
analyzer_of(read(Path("job.toml"))).run()
print("it is not to come here")
"""


def tramway(*arguments: object, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tramway", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300)


def maps(folder: Path) -> dict[tuple[str, str], bytes]:
    """Maps of every region, to the last bit; the files are removed."""
    found = {}
    for path in sorted(folder.glob("movies/*.rwa")):
        tree = read_rwa(path)
        for label in tree:
            found[path.name, label] = tree[label]["stochastic.dv"].data.maps.to_numpy().tobytes()
        path.unlink()
    return found


@pytest.mark.slow
def test_shares_make_the_maps_of_a_plain_run(folder: Path) -> None:
    analyzer_of(read(folder / "job.toml")).run()
    expected = maps(folder)
    assert len(expected) == 4
    planned = tramway("plan", "job.toml", "--prior", "diffusivity=20", folder=folder)
    assert planned.returncode == 0, planned.stderr
    run = planned.stdout.removesuffix("\n")
    assert Path(run).parent == folder / "movies" / "tramway-runs"  # and nothing else is printed
    for shard in ("3/3", "1/3"):
        done = tramway("work", run, "--shard", shard, folder=folder.parent)
        assert done.returncode == 0, done.stderr
        counts = {"3/3": "1 of 1", "1/3": "2 of 2"}[shard]
        assert done.stdout == f"share {shard[0]} of 3: {counts} regions are over\n"
    assert "4 regions: 3 done, 0 failed, 0 under way, 1 waiting" in tramway("status", run).stdout
    # The one that never came is done by whoever saves the results.
    saved = tramway("resume", run)
    assert saved.returncode == 0, saved.stderr
    assert "2 tasks done, 6 skipped, 0 failed" in saved.stdout
    assert maps(folder) == expected


@pytest.mark.slow
def test_snakemake_does_the_workflow_of_the_docs(folder: Path) -> None:
    snakemake = os.environ.get("TRAMWAY_SNAKEMAKE")
    if snakemake is None:
        pytest.skip("TRAMWAY_SNAKEMAKE does not name a snakemake")
    page = (Path(__file__).parents[3] / "docs" / "clusters.md").read_text()
    [workflow] = re.findall("<!-- Snakefile -->\n```text\n(.*?)```", page, re.DOTALL)
    (folder / "Snakefile").write_text(workflow)
    (folder / "movies").rename(folder / "data")
    tables = (folder / "job.toml").read_text().replace("movies/", "data/")
    (folder / "analysis.toml").write_text(tables)
    (folder / "tramway").write_text(f'#!/bin/sh\nexec {sys.executable} -m tramway "$@"\n')
    (folder / "tramway").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    for told in ("7 of 7 steps", "Nothing to be done"):
        said = subprocess.run(
            [snakemake, "-c2"], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert said.returncode == 0, said.stderr
        assert told in said.stdout + said.stderr
    made = {path.name: len(read_rwa(path)) for path in folder.glob("data/*.rwa")}
    assert made == {"a.rpt.rwa": 2, "b.rpt.rwa": 2}


@pytest.mark.slow
def test_shares_are_done_as_the_nextflow_process_of_the_docs_does_them(folder: Path) -> None:
    # What Nextflow itself does with a process is not tried: it cannot be had from a registry.
    page = (Path(__file__).parents[3] / "docs" / "clusters.md").read_text()
    [script] = re.findall(
        r"^process work .*?^    script: \"(.*?)\"$", page, re.DOTALL | re.MULTILINE
    )
    (folder / "tramway").write_text(f'#!/bin/sh\nexec {sys.executable} -m tramway "$@"\n')
    (folder / "tramway").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    run = tramway("plan", "job.toml", folder=folder).stdout.removesuffix("\n")
    for i in (1, 2):
        filled = script
        for name, value in {"run_directory": run, "i": i, "n": 2}.items():
            filled = filled.replace(f"${{{name}}}", str(value))
        assert "$" not in filled
        elsewhere = folder / f"work-{i}"
        elsewhere.mkdir()
        # As `.command.sh` of Nextflow is run.
        command = ["bash", "-ue", "-c", filled]
        said = subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True
        )
        assert said.returncode == 0, said.stderr
        assert said.stdout == f"share {i} of 2: 2 of 2 regions are over\n"
    assert "0 tasks done, 8 skipped, 0 failed" in tramway("resume", run).stdout
    assert len(maps(folder)) == 4


@pytest.mark.slow
def test_a_script_is_planned_up_to_its_run(folder: Path) -> None:
    (folder / "analysis.py").write_text(SCRIPT)
    planned = tramway("plan", "analysis.py", "--mine", folder=folder)
    assert planned.returncode == 0, planned.stderr
    assert "this script prints ['--mine']" in planned.stderr
    assert "not to come here" not in planned.stdout + planned.stderr
    run = planned.stdout.strip()
    assert tramway("work", run).returncode == 0
    assert tramway("resume", run).returncode == 0
    assert len(read_rwa(folder / "movies" / "a.rpt.rwa")) == 2
    again = tramway("plan", "analysis.py", folder=folder)
    assert (again.returncode, again.stdout) == (0, "")  # nothing is left to do
    assert "not to come here" in again.stderr


@pytest.mark.slow
def test_what_fails_is_told_and_does_not_end_a_share(folder: Path) -> None:
    run = tramway("plan", "job.toml", folder=folder).stdout.strip()
    (folder / "movies" / "a.rpt.txt").write_text("no\n")
    done = tramway("work", run)
    assert done.returncode == 0
    assert "share 1 of 1: 4 of 4 regions are over\nfailed: " in done.stdout
    assert done.stdout.count("a.rpt.txt, roi00") == done.stdout.count("failed: ") == 2
    assert "2 failed" in tramway("status", run).stdout


@pytest.mark.slow
def test_what_a_cluster_is_at_work_on_is_not_planned_anew(folder: Path) -> None:
    run = tramway("plan", "job.toml", folder=folder).stdout.strip()
    SlurmJob("12", "login.cluster.org", "/scratch/run").save(Path(run))
    again = tramway("plan", "job.toml", folder=folder)
    assert again.returncode == 1
    assert "this analysis is running already" in again.stderr
    assert Path(run).exists()


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/2/3", "a/b", "-1/2", "1/0"])
def test_a_share_that_cannot_be_is_a_mistake(tmp_path: Path, shard: str) -> None:
    said = CliRunner().invoke(main, ["work", str(tmp_path), "--shard", shard])
    assert said.exit_code == 2
    assert "expected i/N with i from 1 to N, as 3/8" in said.stderr


def test_what_cannot_be_planned_or_done_is_told(tmp_path: Path) -> None:
    for arguments, code, told in (
        (["work", str(tmp_path)], 1, "is not a run directory"),
        (["plan", "no.toml"], 2, "'no.toml' does not exist"),
        (["plan", "no.py"], 2, "no such file: no.py"),
    ):
        said = CliRunner().invoke(main, arguments)
        assert said.exit_code == code
        assert told in said.stderr
        assert "Traceback" not in said.stderr
