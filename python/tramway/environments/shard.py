"""A share of a run's tasks, done by this process; others, which it need not know, do the rest."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace

from tramway.errors import InvalidInputError
from tramway.runs import (
    BaseEnvironment,
    Closing,
    Journal,
    JournalEntry,
    RunDirectory,
    RunState,
    Work,
    do_task,
    unfinished_steps,
)

_DEADLY = (
    "the process that did it died, {times} times: perhaps it ran out of memory, or of the time of "
    "the job; make the region smaller"
)


class Shard(BaseEnvironment):
    """Does every so many-th task of a run, one after the other, in this process.

    Which tasks these are depends on the run alone: all shards together do every task once, however
    many of them work at a time, and on whichever computers. A shard that is started again does what
    it has left, first what no process has died of; what two have died of is given up.

    Parameters
    ----------
    number
        Which share, from 1 to `count`.
    count
        Number of shares.
    """

    def __init__(self, number: int, count: int) -> None:
        if not 1 <= number <= count:
            raise InvalidInputError(
                f"the share is {number} of {count}, expected one from 1 to {count}"
            )
        self._number = number
        self._count = count

    def share(self, run: RunDirectory) -> list[int]:
        """Tasks of the share, in the order in which they are begun."""
        found: list[int] = run.regions[self._number - 1 :: self._count].tolist()
        return found

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do those of the tasks that are in the share; yield the entries as they come.

        Raises
        ------
        OSError
            If nothing can be written into the run directory.
        """
        journal = Journal(run)
        state = RunState(run, run.entries())
        wanted = set(tasks)
        own = [task for task in self.share(run) if task in wanted and not state.over[task]]
        died = [task for task in own if task in state.running]
        journal.write(replace(state.running[task], state="interrupted") for task in died)
        state.interrupt(died)
        for task in sorted(own, key=lambda task: int(state.interruptions[task])):
            times = int(state.interruptions[task])
            if times > 1:
                left, error = state.steps_left(task), _DEADLY.format(times=times)
                end = unfinished_steps(task, left, "failed", error)
                journal.write(end)
                yield from end
                continue
            ended, limit = state.ended_steps(task), run.description.get("time_limit")
            yield from run.journals.at(do_task(work, str(run.path), task, ended, limit))
        yield from self._close(run, wanted, work)

    def _close(
        self, run: RunDirectory, tasks: Iterable[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Save the sources of which all regions are over, whichever shares did them.

        The last share to end finds all that others have left. What others are saving at the moment
        is theirs, and what was begun before is left to whoever takes results in.
        """
        state = RunState(run, run.entries())
        closing = Closing(run, state, [n for n in tasks if not state.interruptions[n]])
        limit = run.description.get("time_limit")
        for begun in closing.due():
            if begun.task not in state.running:
                yield begun
                ended = state.ended_steps(begun.task)
                yield from run.journals.at(do_task(work, str(run.path), begun.task, ended, limit))
            for entry in run.journals.new():
                state.update(entry)
