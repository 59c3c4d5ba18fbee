"""Where scripts of the original look for environments: those of :mod:`tramway.environments`."""

from tramway.environments import (
    Environment,
    LocalHost,
    Maestro,
    SingularitySlurm,
    Slurm,
    SlurmOverSSH,
)

__all__ = ["Environment", "LocalHost", "Maestro", "SingularitySlurm", "Slurm", "SlurmOverSSH"]
