"""What launchers promise, as seen in the variables that real ones set."""

import re
import subprocess
import sys

import pytest

from tramway.cli.mpi_world import check_world, is_first_process, launch
from tramway.errors import RunError

# Recorded from processes that each launcher started, as far as they concern it.
MPICH = {"PMI_SIZE": "4", "PMI_RANK": "1", "MPI_LOCALNRANKS": "4", "PMI_FD": "9"}
OPEN_MPI = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"}
_STEP = {"SLURM_NTASKS": "4", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4"}
SRUN = {**_STEP, "SLURM_PROCID": "1"}
SRUN_PMI2 = {**SRUN, "PMI_SIZE": "4", "PMI_RANK": "1", "PMI_FD": "13"}
# `mpirun` in a batch job starts one helper per node as a step, whose variables its processes see.
MPICH_IN_SLURM = {**SRUN, "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", **MPICH}


@pytest.mark.parametrize(
    ("environ", "launcher"),
    [
        (MPICH, "mpirun"),
        (OPEN_MPI, "Open MPI's mpirun"),
        (SRUN, "srun"),
        (SRUN_PMI2, "srun"),
        (MPICH_IN_SLURM, "mpirun"),
    ],
)
def test_launchers(environ, launcher):
    found = launch(environ)
    assert (found.launcher, found.size, found.rank) == (launcher, 4, 1)
    assert not is_first_process(environ)
    check_world(4, "MPICH", environ)


def test_without_launcher_nothing_is_promised():
    # The second is the script of a batch job itself, which `srun` did not start.
    for environ in ({}, {"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, {"PMI_SIZE": "many"}):
        assert launch(environ) is None
        assert is_first_process(environ)
        check_world(1, "MPICH", environ)


def test_one_process_is_a_world():
    check_world(1, "MPICH", {**MPICH, "PMI_SIZE": "1", "PMI_RANK": "0"})
    check_world(1, "MPICH", {**SRUN, "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"})


@pytest.mark.parametrize(
    ("environ", "library", "change"),
    [
        (SRUN, "Open MPI", r"srun started 4 processes .* --mpi=pmix"),
        (SRUN_PMI2, "Open MPI", r"srun started 4 processes .* --mpi=pmix"),
        (SRUN, "MPICH", r"srun started 4 processes .* --mpi=pmi2"),
        (MPICH, "Open MPI", r"mpirun started 4 processes .* by the mpirun of Open MPI"),
        (OPEN_MPI, "MPICH", r"Open MPI's mpirun started 4 processes .* by the mpirun of MPICH"),
    ],
)
def test_worlds_of_one_are_refused(environ, library, change):
    with pytest.raises(RunError, match=change):
        check_world(1, library, environ)


@pytest.mark.slow
def test_a_missing_mpi4py_is_told():
    script = (
        "import sys; sys.modules['mpi4py'] = None\n"
        "from tramway.cli.mpi_world import connect\n"
        "connect()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert re.search(r"MissingPackageError: mpi4py .*pip install 'tramway-rs\[mpi\]'", last)
