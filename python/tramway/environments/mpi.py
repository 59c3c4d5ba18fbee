"""The processes of `mpirun` or `srun`: the first one deals out tasks, the others do them."""

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work

from .dealer import Dealer

if TYPE_CHECKING:
    from mpi4py.MPI import Intracomm

_FIRST_WORKS_UP_TO = 8
"""Number of processes up to which the first one does tasks as well: it has little else to do."""


class MPI(BaseEnvironment):
    """Does the tasks in processes that a launcher of MPI started.

    A process that dies takes the whole job with it: that is how launchers are. What was finished is
    kept, and the same command continues.

    Parameters
    ----------
    executor
        Where tasks can be submitted; None: there is no other process.
    worker_count
        Number of processes behind it, without this one.
    thread_count
        Threads of each process.
    """

    saves = True

    def __init__(self, executor: Executor | None, worker_count: int, thread_count: int = 1) -> None:
        first_works = worker_count < _FIRST_WORKS_UP_TO
        self._dealer = Dealer(executor, worker_count + first_works, thread_count, first_works)

    @property
    def worker_count(self) -> int:
        """Number of processes that do tasks."""
        return self._dealer.worker_count

    @property
    def is_busy(self) -> bool:
        """Whether other processes are still at work."""
        return self._dealer.is_busy

    @property
    def workers_at_hand(self) -> int:
        """Number of processes that do tasks."""
        return self.worker_count

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks, the first ones first; yield the entries as they come.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        """
        yield from self._dealer.execute(run, tasks, work)


@contextmanager
def environment(world: "Intracomm", thread_count: int = 1) -> Iterator[MPI | None]:
    """Make one environment of all processes.

    Parameters
    ----------
    world
        All processes.
    thread_count
        Threads of each.

    Yields
    ------
    MPI or None
        The environment, in the first process. None in the others: they have done then what there
        was to do.
    """
    if world.size == 1:
        yield MPI(None, 0, thread_count)
        return
    from mpi4py.futures import MPICommExecutor

    executor: Executor | None
    with (
        _exit_is_failure() if world.rank > 0 else nullcontext(),
        MPICommExecutor(world, root=0) as executor,  # type: ignore[assignment]
    ):
        if executor is not None:
            yield MPI(executor, world.size - 1, thread_count)
    if world.rank > 0:
        yield None


@contextmanager
def _exit_is_failure() -> Iterator[None]:
    """Let a process that leaves in the middle of a task be missed.

    Launchers do not mind an exit code of 0, and the others would wait for ever.
    """
    here, leave = os.getpid(), os._exit

    def fail(code: int) -> None:
        leave(code or os.getpid() == here)  # forked processes end in this way

    os._exit = fail  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = leave
