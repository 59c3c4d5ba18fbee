import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import tramway
from tramway.cli.main import main


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_version(run):
    result = run("--version")
    assert result.exit_code == 0
    assert tramway.__version__ in result.output


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands(run, option):
    result = run(option)
    assert result.exit_code == 0
    assert re.search(r"^ +demo +Simulate a movie", result.output, re.MULTILINE)
    assert run("draw", "map", option).exit_code == 0


def test_help_is_quick_because_nothing_heavy_is_loaded():
    heavy = "{'matplotlib', 'scipy', 'h5py', 'tqdm'}"
    script = f"import sys, tramway.cli.main; print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("set()\n", "")


def test_the_package_can_be_run_as_a_module():
    command = [sys.executable, "-m", "tramway", "--version"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.stdout == f"tramway, version {tramway.__version__}\n"


def test_a_picture_of_unknown_format_is_refused(run, tmp_path):
    result = run("demo", "--output", str(tmp_path / "maps.docx"))
    assert result.exit_code == 2
    assert "ends in '.docx', expected one of .png, .pdf, .svg" in " ".join(result.output.split())


def test_a_picture_in_no_directory_is_refused(run, tmp_path):
    result = run("demo", "--output", str(tmp_path / "missing" / "maps.png"))
    assert result.exit_code == 2
    assert "there is no directory" in result.output
    assert "create it first" in result.output


@pytest.mark.parametrize("seed", ["-1", "one", str(2**63)])
def test_a_seed_out_of_range_is_refused(run, seed):
    result = run("demo", "--seed", seed)
    assert result.exit_code == 2
    assert "--seed" in result.output


@pytest.mark.slow
def test_demo_prints_truth_against_estimate_and_writes_a_picture(run, tmp_path):
    picture = tmp_path / "maps of wells.png"
    result = run("demo", "--output", str(picture))
    assert result.exit_code == 0, result.output
    assert "truth" in result.output
    assert "estimate" in result.output
    line = r"^\d kT well at .* kT +\d\.\d+ +\d\.\d+ ± \d\.\d+$"
    assert len(re.findall(line, result.output, re.M)) == 3
    assert f"picture: {picture}" in result.output
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_demo_writes_to_the_current_directory_unless_told(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("demo")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "tramway-demo.png").is_file()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a full disk")
def test_demo_says_when_the_picture_cannot_be_written(run, tmp_path):
    picture = tmp_path / "maps.png"
    picture.symlink_to("/dev/full")
    result = run("demo", "--output", str(picture))
    assert result.exit_code == 1
    assert f"cannot write '{picture}': No space left on device" in result.output
