"""Where the tasks of an analysis are done: ``a.env = environments.LocalHost``."""

from typing import NoReturn

from tramway.runs import Environment as Environment

from .executor import Executor
from .local_host import LocalHost
from .singularity_slurm import Maestro, SingularitySlurm
from .slurm import Slurm
from .slurm_over_ssh import SlurmOverSSH

__all__ = ["Executor", "LocalHost", "Maestro", "SingularitySlurm", "Slurm", "SlurmOverSSH"]


def __getattr__(name: str) -> NoReturn:
    hint = ""
    if name in ("GPULab", "Tars"):
        hint = (
            ": subclass environments.SingularitySlurm, with the hostname and scratch of a cluster"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")
