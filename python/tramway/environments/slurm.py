"""A cluster that Slurm runs, from one of its own hosts."""

import os
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from tramway.attributes import (
    flag,
    integer,
    non_negative,
    optional,
    positive,
    positive_integer,
)
from tramway.errors import InvalidInputError
from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work

from .host import Host, ThisHost
from .setting import Setting
from .slurm_job import SlurmJob
from .slurm_run import Place, RunHere, SlurmRun
from .slurm_script import BatchScript, Options, Words, one_line, options, words

_MOST_WORKERS = 16
"""Ranks that are asked for if the user does not say how many."""


class Slurm(BaseEnvironment):
    """Does the tasks in one job of Slurm's, from a host on which ``sbatch`` works.

    The job is ``srun`` of `worker_count` ranks of ``tramway-mpi``; or, where there is no MPI, an
    array of so many jobs that need not know of each other. Results come in while it runs.
    It goes on if the script that submitted it ends: running that script again re-attaches to it.

    A subclass can define `scratch`, `singularity_executable`, `singularity_options`,
    `remote_dependencies` and, as `default_container`, `container` as methods or class methods.

    Parameters
    ----------
    settings
        Values of attributes.

    Attributes
    ----------
    worker_count
        Number of ranks, or of jobs in the array; None: one per task, at most 16.
    mpi
        Whether the job is one of MPI; False: an array of ``tramway work``.
    sbatch_options
        What the job asks for, as ``{"partition": "common", "time": "2:00:00"}``: names without
        dashes; True for options without value; None leaves an option out.
    srun_options
        Options of the step that starts the ranks, as ``{"mpi": "pmi2"}``; only with `mpi`.
    job_name
        What Slurm calls the job.
    modules
        Names for ``module load``, with which the job begins: text, or a list.
    remote_dependencies
        Shell code that the job begins with: one line, or a list of lines.
    container
        Image in which the ranks run; None: no container.
    singularity_executable
        Name or path of ``singularity`` or ``apptainer``.
    singularity_options
        Options of its ``exec``: shell code, or a list of arguments.
    refresh_interval
        Seconds between two looks at the job.
    retries
        A job of which a rank or a node has died is submitted again for the tasks that are left, but
        only so often in a row if no task has ended.
    time_limit
        Most time for one task, s; None: no limit.
    scratch
        Folder for the directories of runs, which all nodes have to see; None: beside the data.
    debug
        Whether what the cluster has of the run is kept in the end.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.env = environments.Slurm
    >>> a.env.worker_count = 4
    >>> a.env.sbatch_options = {"partition": "common", "time": "2:00:00"}
    """

    saves = True

    worker_count = Setting(optional(positive_integer))
    mpi: Setting[bool] = Setting(flag, lambda: True)
    sbatch_options: Setting[Options] = Setting(options, dict)
    srun_options: Setting[Options] = Setting(options, dict)
    job_name: Setting[str] = Setting(one_line, lambda: "tramway")
    modules: Setting[Words] = Setting(words, list)
    remote_dependencies: Setting[Words] = Setting(words, list)
    container: Setting[str | None] = Setting(
        optional(one_line), argument=lambda _: "{}{}".format(*sys.version_info)
    )
    singularity_executable: Setting[str] = Setting(one_line, lambda: "singularity")
    singularity_options: Setting[Words] = Setting(words, list)
    refresh_interval: Setting[float] = Setting(positive, lambda: 20.0)
    retries: Setting[int] = Setting(
        lambda name, value: integer(name, non_negative(name, value)), lambda: 1
    )
    time_limit: Setting[float | None] = Setting(optional(positive))
    scratch: Setting[str | None] = Setting(
        optional(one_line),
        argument=lambda environment: getattr(environment, "username", None) or "$USER",
    )
    debug: Setting[bool] = Setting(flag, lambda: False)

    _elsewhere: ClassVar[Mapping[str, str]] = {
        **BaseEnvironment._elsewhere,
        "wc": "its name is `worker_count`",
        "task_count": "its name is `worker_count`",
        "interpreter": "say in `remote_dependencies` how to find tramway, or use a `container`",
        "working_directory": "it is chosen anew for each run",
        "wd": "it is chosen anew for each run",
        "ssh": "it is your own, which ~/.ssh/config sets up: set `hostname` and `username`, and "
        "`stage_data` to True where data are to be copied",
    }

    _defined_by_methods: ClassVar[Mapping[str, str]] = {
        "scratch": "scratch",
        "default_container": "container",
        "remote_dependencies": "remote_dependencies",
        "singularity_executable": "singularity_executable",
        "singularity_options": "singularity_options",
    }

    def __init__(self, **settings: Any) -> None:
        for name, value in settings.items():
            setattr(self, name, value)

    @classmethod
    def default_container(cls, python_version: str | None = None) -> str:
        """Name that the recipe ``containers/tramway.def`` gives an image: ``tramway.sif``.

        For scripts that set ``a.env.container = a.env.default_container()``. The image has to be
        built and be in the home on the cluster: nothing is downloaded.

        Parameters
        ----------
        python_version
            Accepted without effect: the recipe says which Python is in the image.
        """
        return "tramway.sif"

    def __init_subclass__(cls) -> None:
        for method, name in cls._defined_by_methods.items():
            given = cls.__dict__.get(method)
            if given is not None and not isinstance(given, Setting):
                inherited = next(vars(base)[name] for base in cls.__mro__[1:] if name in vars(base))
                setattr(cls, name, inherited.defined_by(given))

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Have the tasks done by a job; yield what became of their steps as it becomes known.

        Parameters
        ----------
        run
            The run.
        tasks
            Numbers of its tasks that are not over; the ranks find out for themselves.
        work
            Not used: ``tramway-mpi`` and ``tramway work`` know what they do.

        Raises
        ------
        InvalidInputError
            If a setting is missing, or is nothing that can be submitted; nothing was submitted.
        ClusterError
            If the cluster cannot be used.
        RunError
            If the job ended and left tasks undone.
        """
        yield from self._run(run).entries(
            tasks, lambda place, count: self._batch_script(run, place, count)
        )

    def is_running(self, run: RunDirectory) -> bool:
        """Bring in what a job of the run has done, and tell whether that job waits or runs."""
        job = SlurmJob.of(run.path)
        if job is None or job.host != self._host().name:
            return False
        return self._run(run).is_going_on(job)

    @property
    def scratch_folder(self) -> str | None:
        """Folder on this computer for the directories of runs; None: beside the data."""
        if self.scratch is None:
            return None
        return os.path.expandvars(Path(self.scratch).expanduser())

    def _run(self, run: RunDirectory) -> SlurmRun:
        return SlurmRun(
            run,
            self._place(run),
            retries=self.retries,
            refresh_interval=self.refresh_interval,
            is_kept=self.debug,
        )

    def _batch_script(self, run: RunDirectory, place: Place, task_count: int) -> BatchScript:
        """Script of a job for so many tasks."""
        if self.srun_options and not self.mpi:
            raise InvalidInputError(
                f"`srun_options` is {self.srun_options!r}, and without MPI there is no srun: leave "
                "it out, or set a.env.mpi = True"
            )
        own = options("sbatch_options", self.sbatch_options)
        of_stage = options("sbatch_options", run.description.get("sbatch_options") or {})
        return BatchScript(
            place.path,
            min(self.worker_count or _MOST_WORKERS, task_count),
            uses_mpi=self.mpi,
            job_name=self.job_name,
            sbatch_options=own | of_stage,
            srun_options=self.srun_options,
            modules=self.modules,
            preparation=self.remote_dependencies,
            command=self._command(),
            container=self.container,
            singularity_executable=self.singularity_executable,
            singularity_options=self.singularity_options,
            bound_folders=outermost(place.folders),
        )

    def _host(self) -> Host:
        """Where jobs are submitted."""
        return ThisHost()

    def _place(self, run: RunDirectory) -> Place:
        """Where a job finds the run."""
        return RunHere(run)

    def _command(self) -> Sequence[str]:
        """Command that does the tasks of a run directory."""
        # Whatever Python does the analysis here has all that the workers need, unless they are in
        # a container.
        if self.container is not None:
            return self._installed_command()
        if self.mpi:
            return (sys.executable, "-m", "tramway.cli.mpi")
        return (sys.executable, "-m", "tramway", "work")

    def _installed_command(self) -> Sequence[str]:
        """Name the command, where it is installed."""
        return ("tramway-mpi",) if self.mpi else ("tramway", "work")


def outermost(folders: Iterable[str]) -> list[str]:
    """Leave out folders that are inside of others."""
    kept: list[str] = []
    for folder in sorted(set(folders)):  # a folder comes before what is in it
        if not any(PurePosixPath(folder).is_relative_to(other) for other in kept):
            kept.append(folder)
    return kept
