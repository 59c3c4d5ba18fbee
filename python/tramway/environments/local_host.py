"""Several processes on this computer."""

import os
from collections import deque
from collections.abc import Generator, Sequence

from tramway.attributes import StrictAttributes, integer
from tramway.errors import InvalidInputError
from tramway.tasks import Outcome, Task, Work, script_name

_KILLED = (
    "the process that did it was killed, twice: perhaps it ran out of memory; give a.env fewer "
    "workers, or make the region smaller"
)


class LocalHost(StrictAttributes):
    """Does the tasks in several processes on this computer.

    A worker process that dies costs nobody else anything: the tasks that were under way are tried
    once more, each alone, and the one that kills its process again is given up.

    Parameters
    ----------
    worker_count
        See the attribute.
    """

    def __init__(self, worker_count: int | None = None) -> None:
        self.worker_count = worker_count
        self.script = None

    @property
    def worker_count(self) -> int | None:
        """Number of processes; None: one per core; negative: that many fewer than cores."""
        return self._worker_count

    @worker_count.setter
    def worker_count(self, value: int | None) -> None:
        count = None if value is None else integer("worker_count", value)
        if count == 0:
            raise InvalidInputError(
                "`worker_count` is 0, expected the number of processes, a negative number (fewer "
                "than cores by so many), or None (one per core)"
            )
        self._worker_count = count

    @property
    def script(self) -> str | None:
        """The user's script or notebook: accepted for existing scripts, and not used."""
        return self._script

    @script.setter
    def script(self, value: str | os.PathLike[str] | None) -> None:
        self._script = script_name(value)

    def processes(self, task_count: int) -> int:
        """Tell how many processes so many tasks are worth."""
        wanted = self._worker_count
        if wanted is None or wanted < 0:
            wanted = max(1, _core_count() + (wanted or 0))
        return min(wanted, task_count)

    def execute(
        self, work: Work, context: object, tasks: Sequence[Task]
    ) -> Generator[Outcome, None, None]:
        """Do the tasks, the first ones first; yield the outcomes as they come."""
        from .worker_pool import WorkerPool

        waiting = deque(tasks)
        while waiting:
            # One under way and one ready in each process.
            size = self.processes(len(waiting))
            with WorkerPool(size, work, context, submitted_per_process=2) as pool:
                yield from pool.outcomes(waiting)
            suspects = deque(pool.interrupted_tasks)
            while suspects:
                with WorkerPool(1, work, context, submitted_per_process=1) as pool:
                    yield from pool.outcomes(suspects)
                for task in pool.interrupted_tasks:
                    yield Outcome(task.key, 0.0, error=_KILLED)


def _core_count() -> int:
    """Cores that this process may use: batch systems grant fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
