"""What `tramway plan` has instead of an environment."""

from collections.abc import Generator, Sequence
from pathlib import Path

from tramway.environments.slurm_job import SlurmJob
from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work


class PlanOnly(BaseEnvironment):
    """Does no task: the program ends where it would begin with them.

    Attributes
    ----------
    path
        The run directory; None: there was nothing to do.
    """

    saves = True

    def __init__(self) -> None:
        self._path: Path | None = None

    @property
    def path(self) -> Path | None:
        """The run directory; None: there was nothing to do."""
        return self._path

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Leave, with everything planned."""
        self._path = run.path
        raise SystemExit(0)

    def is_running(self, run: RunDirectory) -> bool:
        """Whether a cluster has the run: to plan anew would take it away from its workers."""
        return SlurmJob.of(run.path) is not None
