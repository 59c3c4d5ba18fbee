"""What `tramway doctor` says, and when it ends with an error."""

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tramway
from tramway.cli.main import main


@pytest.fixture
def doctor() -> Callable[[], Result]:
    return lambda: CliRunner().invoke(main, ["doctor"])


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that commands are found in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def command(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def lines(result: Result) -> dict[str, str]:
    return {line[:16].strip(): line[16:] for line in result.output.splitlines() if line}


def test_it_tells_what_there_is(doctor: Callable[[], Result], bin_folder: Path) -> None:
    command(bin_folder, "mpiexec", "")
    for name in ("sbatch", "squeue", "srun"):
        command(bin_folder, name, "echo slurm 25.05.1")
    result = doctor()
    assert result.exit_code == 0, result.output
    said = lines(result)
    assert said["tramway-rs"] == f"{tramway.__version__} in {Path(tramway.__file__).parent}"
    assert f"h5py {metadata.version('h5py')}" in said["packages"]
    assert said["Slurm"] == "slurm 25.05.1"
    assert said["MPI"].endswith(f"; {bin_folder}/mpiexec")
    assert " processors usable" in said["threads"]
    assert result.output.endswith("all is well\n")


def test_a_cluster_that_is_missing_or_down_is_no_error(
    doctor: Callable[[], Result], bin_folder: Path
) -> None:
    assert "no sbatch, squeue, srun found" in lines(doctor())["Slurm"]
    for name in ("sbatch", "squeue", "srun"):
        command(bin_folder, name, "echo cannot reach the controller >&2; exit 1")
    result = doctor()
    assert lines(result)["Slurm"] == "does not work: cannot reach the controller"
    assert result.exit_code == 0


def test_the_original_in_another_place_of_the_environment_is_an_error(
    doctor: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tramway-0.7.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: tramway\nVersion: 0.7\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = doctor()
    assert result.exit_code == 1
    assert "Error: the original tramway 0.7 is installed in this environment too" in result.output
    assert "pip uninstall tramway" in result.output


def test_what_is_missing_of_the_package_is_an_error(
    doctor: Callable[[], Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"numpy": "2.0", "mpi4py": "4.1"}

    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    result = doctor()
    assert result.exit_code == 1
    assert "h5py is not installed: pip install --force-reinstall tramway-rs" in result.output
    assert lines(result)["mpi extra"] == "mpi4py 4.1"
    assert "not complete: pip install 'tramway-rs[notebook]'" in lines(result)["notebook extra"]
