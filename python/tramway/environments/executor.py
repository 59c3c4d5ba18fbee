"""Whatever executor of `concurrent.futures` there is: of processes, of threads, of a cluster."""

import os
from collections.abc import Generator, Sequence
from concurrent import futures

from tramway.attributes import optional, positive_integer
from tramway.errors import InvalidInputError, RunError, TramwayError
from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work

from .dealer import Dealer


class Executor(BaseEnvironment):
    """Does the tasks in an executor of ``concurrent.futures``, whoever made it.

    That may be a pool of processes or of threads, ``mpi4py.futures.MPIPoolExecutor``, or what
    ``dask.distributed.Client.get_executor()`` gives. Its workers need this package, and see the run
    directory and the data under the same paths. Threads of one process take turns. It is its
    maker's to shut down.

    Parameters
    ----------
    executor
        Where tasks are submitted.
    worker_count
        See the attribute.

    Raises
    ------
    InvalidInputError
        If it is no executor.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from tramway.analyzer import RWAnalyzer, environments
    >>> a = RWAnalyzer()
    >>> a.env = environments.Executor(ThreadPoolExecutor(2))
    """

    saves = True

    def __init__(
        self, executor: futures.Executor | None = None, worker_count: int | None = None
    ) -> None:
        if not callable(getattr(executor, "submit", None)):
            raise InvalidInputError(
                f"`executor` is {executor!r}, expected one of concurrent.futures: a.env = "
                "environments.Executor(ProcessPoolExecutor(4))"
            )
        self._executor = executor
        self.worker_count = worker_count

    @property
    def worker_count(self) -> int | None:
        """Number of workers of the executor; None: as it says, or one per core here."""
        return self._worker_count

    @worker_count.setter
    def worker_count(self, value: int | None) -> None:
        self._worker_count: int | None = optional(positive_integer)("worker_count", value)

    @property
    def workers_at_hand(self) -> int:
        """Number of processes that do tasks."""
        return self._workers()

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks, the first ones first; yield the entries as they come.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        RunError
            If the executor fails, as a pool does of which a process has died.
        """
        dealer = Dealer(self._executor, self._workers())
        try:
            yield from dealer.execute(run, tasks, work)
        except (OSError, TramwayError):
            raise
        except Exception as error:
            raise RunError(
                f"{type(self._executor).__name__} failed: {type(error).__name__}: {error}; what is "
                "finished is kept: run again with a new executor to continue"
            ) from error

    def _workers(self) -> int:
        # The names of mpi4py and of the standard library.
        said = (getattr(self._executor, name, None) for name in ("num_workers", "_max_workers"))
        known = (count for count in (self._worker_count, *said) if isinstance(count, int))
        return max(1, next(known, None) or os.cpu_count() or 1)
