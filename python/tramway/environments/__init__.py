"""Where the tasks of an analysis are done: ``a.env = environments.LocalHost``."""

from .local_host import LocalHost
from .singularity_slurm import Maestro, SingularitySlurm
from .slurm import Slurm
from .slurm_over_ssh import SlurmOverSSH

__all__ = ["LocalHost", "Maestro", "SingularitySlurm", "Slurm", "SlurmOverSSH"]
