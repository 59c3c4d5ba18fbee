"""The processes that `mpirun` or `srun` started, and whether they know of each other.

A program that was built for one MPI and started by the launcher of another one does not fail: each
of its processes takes itself for the only one. All of them would do the whole work, write the same
files, and end with exit code 0.
"""

import ctypes
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tramway.errors import MissingPackageError, RunError

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

_PATIENCE = 2.0  # seconds

_DELIVERY = 0.5
"""Seconds in which launchers pass on what was said; they drop the rest when all are ended."""

# Where launchers write how many processes they start, and which one this is. Slurm comes last:
# `mpirun` starts one helper per node as a step of its own, and that is not the number of processes.
_LAUNCHERS = (
    ("Open MPI's mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("MVAPICH's mpirun", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    ("mpirun", "PMI_SIZE", "PMI_RANK"),
    ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
)


@dataclass(frozen=True)
class Launch:
    """What the launcher of this process says.

    Attributes
    ----------
    launcher
        Who it is.
    variable
        Where it says so.
    size
        Number of processes that it started.
    rank
        Which of them this one is.
    """

    launcher: str
    variable: str
    size: int
    rank: int


def launch(environ: Mapping[str, str] = os.environ) -> Launch | None:
    """Tell how this process was started; None: not by a launcher of several."""
    for launcher, variable, rank in _LAUNCHERS:
        try:
            found = Launch(launcher, variable, int(environ[variable]), int(environ.get(rank, 0)))
        except (KeyError, ValueError):
            continue
        # `srun` speaks the language of MPICH's `mpirun` as well, which alone says the second.
        by_slurm = "SLURM_STEP_ID" in environ and "MPI_LOCALNRANKS" not in environ
        return replace(found, launcher="srun") if variable == "PMI_SIZE" and by_slurm else found
    return None


def check_world(size: int, library: str, environ: Mapping[str, str] = os.environ) -> None:
    """Compare the size of the world with what the launcher promised.

    Parameters
    ----------
    size
        Number of processes that know of each other, ``COMM_WORLD.size``.
    library
        Name of the MPI that the program uses, for the message.
    environ
        Environment variables, in which launchers leave their word.

    Raises
    ------
    RunError
        If there are fewer; the message says what to change.
    """
    promised = launch(environ)
    if promised is None or size >= promised.size:
        return
    if promised.launcher == "srun":
        change = (
            f"give srun the option --mpi={'pmix' if library == 'Open MPI' else 'pmi2'} (`srun "
            "--mpi=list` tells which there are), or install mpi4py with an MPI that Slurm speaks; "
            "in a container, the MPI inside counts"
        )
    else:
        change = (
            f"start it by the mpirun of {library} ({Path(sys.executable).parent} may have it), or "
            "install mpi4py for the MPI whose mpirun this is"
        )
    raise RunError(
        f"{promised.launcher} started {promised.size} processes ({promised.variable}), and each "
        f"finds itself in an MPI world of {size}: it does not speak the language of {library}, "
        f"which mpi4py uses here; {change}"
    )


def is_first_process(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is to speak for all, as the launcher says: MPI itself may not work."""
    started = launch(environ)
    return started is None or started.rank == 0


def connect() -> "Intracomm":
    """Join the other processes; return ``COMM_WORLD``.

    Raises
    ------
    MissingPackageError
        If mpi4py, or the MPI that it needs, is not installed.
    RunError
        If there are fewer processes than the launcher promised.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise MissingPackageError(
            f"mpi4py cannot be used ({error}): `pip install 'tramway-rs[mpi]'` installs it, and "
            "`pip install mpich` an MPI where the machine has none"
        ) from error
    world = MPI.COMM_WORLD
    check_world(world.size, MPI.get_vendor()[0])
    return world


def abort(code: int) -> NoReturn:
    """End all processes, this one included, with an exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    if "mpi4py.MPI" in sys.modules:
        time.sleep(_DELIVERY)
        sys.modules["mpi4py.MPI"].COMM_WORLD.Abort(code)
    os._exit(code)  # some implementations return from the former


def leave(code: int) -> NoReturn:
    """End this process with an exit code, as the others do.

    Threads that functions of the user's have left running, in tasks of this process, do not keep it
    from that for more than two seconds; those of a script do, as always.
    """
    from tramway.runs import threads_left_running

    end = time.monotonic() + _PATIENCE
    for thread in threads_left_running():
        thread.join(max(0.0, end - time.monotonic()))
    if not threads_left_running():
        sys.exit(code)
    sys.stdout.flush()
    sys.stderr.flush()
    if "mpi4py.MPI" in sys.modules:
        sys.modules["mpi4py.MPI"].Finalize()
    # C's own exit: it does not wait for threads either, but MPICH tells its launcher in there that
    # all is well, and the launcher ends all processes if one leaves without that.
    ctypes.PyDLL(None).exit(code)
    os._exit(code)
