"""Clusters on which the ranks run in a container."""

from tramway.errors import InvalidInputError
from tramway.runs import RunDirectory

from .slurm_over_ssh import SlurmOverSSH
from .slurm_run import Place


class SingularitySlurm(SlurmOverSSH):
    """As :class:`SlurmOverSSH`, with the ranks in a container of Singularity's or Apptainer's.

    The attribute `container` has to be set: the path of an image on the cluster, relative to the
    home there. All that :class:`SlurmOverSSH` has can be set as well, or be defined by a subclass
    as methods or class methods::

        class Cluster(environments.SingularitySlurm):
            @classmethod
            def hostname(cls):
                return "login.cluster.org"

            @classmethod
            def scratch(cls, username):
                return f"/scratch/{username}"

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.env = environments.SingularitySlurm
    >>> a.env.worker_count = 4
    >>> a.env.hostname = "login.cluster.org"
    >>> a.env.container = "tramway.sif"
    """

    def _place(self, run: RunDirectory) -> Place:
        if self.container is None:
            raise InvalidInputError(
                "`container` is not set: a.env.container = 'tramway.sif', the path of an image on "
                "the cluster (containers/tramway.def is the recipe of one)"
            )
        return super()._place(run)


class Maestro(SingularitySlurm):
    """The cluster of Institut Pasteur, maestro.pasteur.fr.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.env = environments.Maestro
    >>> a.env.worker_count = 4
    >>> a.env.username = "jane"
    """

    @classmethod
    def hostname(cls) -> str:  # type: ignore[override]
        """Host on which jobs are submitted."""
        return "maestro.pasteur.fr"

    @classmethod
    def scratch(cls, username: str) -> str:  # type: ignore[override]
        """Folder that all nodes see."""
        return f"/pasteur/appa/scratch/{username}"

    @classmethod
    def singularity_executable(cls) -> str:  # type: ignore[override]
        """Command that starts containers."""
        return "apptainer"

    @classmethod
    def singularity_options(cls) -> str:  # type: ignore[override]
        """File systems that containers see."""
        return "-B /pasteur"

    @classmethod
    def remote_dependencies(cls) -> str:  # type: ignore[override]
        """Shell code that a job begins with."""
        return "module load apptainer"
