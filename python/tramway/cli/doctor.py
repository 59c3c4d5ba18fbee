"""What the package has to work with on this computer: ``tramway doctor``."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click

import tramway
from tramway import _core

_DISTRIBUTION = "tramway-rs"
_FOR_DEVELOPERS = ("docs", "lint", "test")
_SLURM = ("sbatch", "squeue", "srun")
_PATIENCE = 10.0  # s; a batch system that is down does not answer at all


@click.command()
def doctor() -> None:
    """Tell what is installed, and what the package has to work with here.

    Ends with an error if something is wrong that other commands would fail of.
    """
    problems = list(_problems())
    for name, found in (*_installation(), *_surroundings()):
        click.echo(f"{name:16}{found}")
    click.echo()
    if problems:
        raise click.ClickException("; ".join(problems))
    click.echo("all is well")


def _installation() -> Iterator[tuple[str, str]]:
    yield "tramway-rs", f"{tramway.__version__} in {Path(tramway.__file__).parent}"
    yield "Python", f"{platform.python_version()}, {platform.platform()}"
    needs = _needs()
    yield "packages", ", ".join(f"{name} {_version(name)}" for name in needs.pop(None, []))
    for extra, names in needs.items():
        have = [f"{name} {_version(name)}" for name in names if _version(name) is not None]
        if len(have) < len(names):
            have.append(f"not complete: pip install '{_DISTRIBUTION}[{extra}]'")
        yield f"{extra} extra", ", ".join(have)


def _needs() -> dict[str | None, list[str]]:
    """Tell what packages the metadata name: under None those needed always, others by extra."""
    needs: dict[str | None, list[str]] = {}
    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # run from its sources
        requirements = []
    for requirement in requirements:
        name = re.match(r"[\w.-]+", requirement)
        extra = re.search(r"extra == ['\"](.+)['\"]", requirement)
        key = extra[1] if extra else None
        if name and key not in _FOR_DEVELOPERS:
            needs.setdefault(key, []).append(name[0])
    return needs


def _surroundings() -> Iterator[tuple[str, str]]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield "threads", f"{_core.thread_count()} used, {usable} of {os.cpu_count()} processors usable"
    yield "MPI", _mpi()
    yield "Slurm", _slurm()


def _mpi() -> str:
    launcher = shutil.which("mpiexec") or shutil.which("mpirun")
    started = launcher or "no mpiexec found"
    if _version("mpi4py") is None:
        return f"no mpi4py; {started}"
    # In another process: an MPI that is not the one that mpi4py was built for can end it.
    code = "from mpi4py import MPI; print(MPI.Get_library_version().splitlines()[0])"
    return f"{_answer([sys.executable, '-c', code])}; {started}"


def _slurm() -> str:
    missing = [name for name in _SLURM if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)} found: jobs can be sent by SlurmOverSSH"
    return _answer(["sbatch", "--version"])


def _answer(command: list[str]) -> str:
    """First line that a command says, or why it does not."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} has not answered for {_PATIENCE:.0f} s"
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    said = (done.stdout or done.stderr).strip().splitlines() or ["nothing"]
    if done.returncode != 0:
        return f"does not work: {said[-1] if done.stdout == '' else said[0]}"
    return said[0].rstrip("\0")


def _problems() -> Iterator[str]:
    """Say what other commands would fail of, as clauses."""
    for name in _needs().get(None, []):
        if _version(name) is None:
            yield f"{name} is not installed: pip install --force-reinstall tramway-rs"
    # In the same folder they are a mixture, which no module of ours can be imported from.
    others = {
        found.version
        for found in metadata.distributions(name="tramway")
        if found.metadata["Name"] == "tramway"
    }
    if others:
        yield (
            f"the original tramway {', '.join(sorted(others))} is installed in this environment "
            "too: pip uninstall tramway, then pip install --force-reinstall tramway-rs"
        )
    missing = [str(file) for file in _files() if not Path(str(file.locate())).exists()]
    if missing:
        yield (
            f"{len(missing)} files of the package are missing, such as {missing[0]}: "
            "pip install --force-reinstall tramway-rs"
        )


def _files() -> list[metadata.PackagePath]:
    try:
        return metadata.files(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
