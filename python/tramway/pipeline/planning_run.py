"""Planning as a run of its own, of one task per source, that workers do."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tramway.analyzer.source import Source
from tramway.errors import TramwayError
from tramway.files import decode_artefact
from tramway.runs import (
    Environment,
    NewRun,
    Part,
    PlannedTask,
    RunDirectory,
    RunState,
    WrittenTasks,
    ended_in_planning,
)

from .book import Book
from .planned_source import PlannedSource
from .steps import PlanStep
from .worker import do_steps


class PlanningRun:
    """Has the workers of an environment plan the tasks of sources.

    They call what this process would, :class:`SourcePlanner`. What they cannot plan is left to this
    process, for whatever reason: a source that cannot be read, the time limit of tasks, a worker
    that died. Its directory is hidden from those that look for runs of the analysis, and removed in
    the end.

    Parameters
    ----------
    path
        Where run directories of the analysis are.
    description
        What the analysis is to do.
    callables
        Functions of the user's that it refers to.
    environment
        Whose workers plan.
    book
        Tells the log.

    Attributes
    ----------
    were_fatal
        Whether the process that planned the analysis before was ended while its workers did:
        perhaps by what so many of them take at once.
    """

    def __init__(
        self,
        path: Path,
        description: Mapping[str, Any],
        callables: bytes | None,
        environment: Environment,
        book: Book,
    ) -> None:
        self._path = path
        self._description = description
        self._callables = callables
        self._environment = environment
        self._book = book
        self._run: RunDirectory | None = None
        self._parts: dict[int, Part] = {}
        self.were_fatal = ended_in_planning(path)

    def execute(
        self,
        sources: Mapping[int, Source],
        lost: Mapping[str, Sequence[str]],
        check_interrupt: Callable[[], None],
        advance: Callable[[], object],
    ) -> None:
        """Have sources planned.

        Parameters
        ----------
        sources
            The sources, by number.
        lost
            Labels of the regions where an earlier stage made nothing to go on with, by source.
        check_interrupt
            Is called now and then, to raise what came to nothing.
        advance
            Is called after each that was planned.

        Raises
        ------
        OSError
            If nothing can be written there.
        """
        with NewRun(self._path, is_hidden=True) as new:
            tasks = (self._task_of(number, item, lost) for number, item in sources.items())
            new.add_tasks(WrittenTasks.of(new.analysis, tasks))
            no_tables: dict[str, Any] = {"tables": {}}
            self._run = run = new.finish({**self._description, **no_tables}, self._callables)
        state = RunState(run)
        entries = self._environment.execute(run, state.unfinished(), do_steps)
        with closing(entries):
            for entry in entries:
                check_interrupt()
                if not (state.update(entry) and entry.is_end):
                    continue
                number = int(run.sources[entry.task])
                if entry.part is not None:
                    self._parts[number] = entry.part
                    advance()
                else:
                    source, why = sources[number].source, entry.error
                    self._book.logger.info("%s is planned here: %s", source, why)

    def _task_of(self, number: int, item: Source, lost: Mapping[str, Sequence[str]]) -> PlannedTask:
        assert item.filepath is not None
        step = PlanStep(
            datafile=item.filepath,
            lost=lost.get(item.source, ()),
            workers_save=self._environment.saves,
        )
        task = {"source": number, "region": "", "steps": [step.as_plain()]}
        return PlannedTask(task, _size_of(item))

    def planned(self, number: int, add_input: Callable[[bytes], Part]) -> PlannedSource | None:
        """Give what was planned for a source; None if no worker has planned it.

        Parameters
        ----------
        number
            Of the source.
        add_input
            Keeps what its tasks start from, and tells where.
        """
        part = self._parts.get(number)
        if part is None or self._run is None:
            return None
        run = self._run

        def moved(part: Mapping[str, Any]) -> dict[str, Any]:
            return asdict(add_input(run.part(Part(**part))))

        try:
            planned: PlannedSource = decode_artefact(run.part(part))
        except TramwayError as error:
            self._book.logger.info("source %d is planned here: %s", number, error)
            return None
        for task, _, _ in planned.tasks:
            for step in task["steps"]:
                if step.get("input") is not None:
                    step["input"] = moved(step["input"])
        if planned.table is not None:
            planned = replace(planned, table=Part(**moved(asdict(planned.table))))
        return planned

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._run is not None:
            self._run.remove()


def _size_of(item: Source) -> int:
    """Bytes of a source, in proportion to which it takes time to plan; 0 of one that is missing."""
    try:
        return Path(item.source).stat().st_size
    except OSError:
        return 0
