"""A real cluster on this computer: Slurm with two virtual nodes, an ssh server, and containers.

What is missing skips the tests that need it, with the reason. If ``TRAMWAY_REQUIRE_CLUSTER`` is
1 it fails them instead, except for Apptainer, which Debian has in its unstable branch only.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

import tramway
from tramway.data import Well, simulate

PACKAGES = str(Path(tramway.__file__).parents[1])
SCRIPTS = Path(__file__).parent
SHARED = Path(__file__).parents[3] / "shared" / "data" / "u2os"

# Python loads a module of this name when it starts, also in the ranks of a job.
FAULTS = """
import os, signal, time
from pathlib import Path
fault, place = os.environ.get("CLUSTER_FAULT"), os.environ.get("CLUSTER_FAULT_FOLDER")
if fault:
    from tramway.pipeline import worker
    do_step = worker._do_step
    def faulty(run, task, number, samplings):
        if fault == "slow":
            time.sleep(0.4)
        if fault == "held" and task["region"] == "roi003":  # all others are done meanwhile
            for _ in range(6000):
                if Path(place, "let go").exists():
                    break
                time.sleep(0.05)
        is_chosen = (task["source"], task["region"], number) == (0, "roi003", 1)
        if is_chosen and fault == "hang":
            time.sleep(600)
        if is_chosen and fault in ("kill", "kill once"):
            if fault == "kill" or not Path(place, "killed").exists():
                Path(place, "killed").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return do_step(run, task, number, samplings)
    worker._do_step = faulty
"""


def missing(reason: str) -> NoReturn:
    if os.environ.get("TRAMWAY_REQUIRE_CLUSTER") == "1":
        pytest.fail(f"{reason}, and TRAMWAY_REQUIRE_CLUSTER=1")
    pytest.skip(reason)


def need(*commands: str, package: str) -> None:
    absent = [command for command in commands if shutil.which(command) is None]
    if absent:
        missing(f"no {', '.join(absent)} here: apt-get install {package}")


def free_ports(count: int) -> int:
    """Find a row of ports that nobody listens on; return the first."""
    while True:
        sockets = []
        try:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                first = probe.getsockname()[1]
            for port in range(first, first + count):
                sockets.append(socket.socket())
                sockets[-1].bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for used in sockets:
                used.close()


def script(name: str, *arguments: object) -> None:
    subprocess.run(["bash", str(SCRIPTS / name), *map(str, arguments)], check=True, timeout=120)


@pytest.fixture(scope="session")
def cluster_folder() -> Iterator[Path]:
    """Folder of the cluster; its path is short, as paths of sockets have to be."""
    with tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def programs(cluster_folder: Path) -> Iterator[Path]:
    """Folder with programs that stand before others of their names, and modules that do so too."""
    folder = cluster_folder / "bin"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(FAULTS)
    for name, module in (("tramway-mpi", "tramway.cli.mpi"), ("tramway", "tramway")):
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        (folder / name).chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        patch.setenv("PYTHONPATH", f"{PACKAGES}:{folder}")
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        yield folder


@pytest.fixture(scope="session")
def slurm(cluster_folder: Path, programs: Path) -> Iterator[Path]:
    """Folder of a Slurm that runs, of two virtual nodes with two cores each."""
    if os.geteuid() != 0:
        missing("only root can bring up Slurm")
    need("munged", "slurmctld", "slurmd", "sbatch", package="slurm-wlm munge")
    if find_spec("mpi4py") is None:
        missing("no mpi4py here: pip install mpi4py mpich")
    folder = cluster_folder / "slurm"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        try:
            script("slurm.sh", "up", folder, free_ports(3))
            yield folder
        finally:
            script("slurm.sh", "down", folder)


@pytest.fixture(scope="session")
def ssh_config(cluster_folder: Path, slurm: Path, programs: Path) -> Iterator[Path]:
    """Configuration in which ``ssh login`` gets to this computer, by a real server."""
    need("sshd", "ssh", "ssh-keygen", package="openssh-server")
    folder = cluster_folder / "sshd"
    program, config = programs / "ssh", folder / "ssh_config"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {config} "$@"\n')
    program.chmod(0o755)
    try:
        script("sshd.sh", "up", folder, free_ports(1), f"SLURM_CONF={slurm}/slurm.conf")
        yield config
    finally:
        script("sshd.sh", "down", folder)
        program.unlink()


@dataclass(frozen=True)
class Image:
    """A container, and what `apptainer exec` needs to be told for it."""

    path: str
    options: list[str]


@pytest.fixture(scope="session")
def image(cluster_folder: Path) -> Image:
    """An image without anything in it: all that is not of the run comes from this computer."""
    if shutil.which("apptainer") is None:
        print("no Apptainer here, its tests are skipped: tests/cluster/apptainer.sh installs it")
        pytest.skip("no Apptainer here: tests/cluster/apptainer.sh installs it")
    root = cluster_folder / "image"
    for folder in ("usr", "tmp", "proc", "sys", "dev", "etc", "root", "run", "var/tmp"):
        (root / folder).mkdir(parents=True)
    for folder in ("bin", "lib", "lib64", "sbin"):
        (root / folder).symlink_to(f"usr/{folder}")
    places = {"/usr", sys.prefix, sys.base_prefix, PACKAGES, str(cluster_folder)}
    return Image(str(root), [f"--bind={place}" for place in sorted(places)])


@pytest.fixture(scope="session")
def movies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two movies with eight regions each: real ones, or simulated ones where those are absent."""
    folder = tmp_path_factory.mktemp("movies")
    if SHARED.is_dir():
        for path in SHARED.glob("*.txt"):
            shutil.copy(path, folder)
        return folder
    boxes = [f"{x}\t{x + 1.5}\t{y}\t{y + 0.75}" for x in (0, 1.5) for y in (0, 0.75, 1.5, 2.25)]
    for seed, name in enumerate(("a.rpt", "b.rpt")):
        movie = simulate(
            track_count=200,
            track_length=15,
            frame_interval=0.02,
            lower=(0, 0),
            upper=(3, 3),
            diffusivity=0.1,
            wells=[Well((1, 1), 2, 0.4)],
            localization_precision=0.03,
            seed=seed,
        )
        movie.to_csv(folder / f"{name}.txt", sep="\t", index=False, header=False)
        table = "\n".join(["x min\tx max\ty min\ty max", *boxes])
        (folder / f"{name}-roi.txt").write_text(table)
    return folder
