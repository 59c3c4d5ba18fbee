"""What is to be done in a run, written down as tasks."""

import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway.analyzer.source import Source
from tramway.analyzer.stages import RegionStage, name_of
from tramway.runs import (
    Environment,
    NewRun,
    RunDirectory,
    inherit,
    remove_others,
    unended,
)

from .book import Book
from .job import Description
from .planned_source import PlannedSource
from .planning_run import PlanningRun
from .progress import progress
from .source_planner import SourcePlanner

if TYPE_CHECKING:
    from tramway.analyzer.analyzer import RWAnalyzer


MOST_SOURCES_KEPT = 32
"""With more sources than this, what is in files is not kept in memory as well."""

WORTH_ASKING = 0.1
"""Seconds that are to be gained before workers are asked to plan: they have to begin."""


class Planner:
    """Plans the tasks of an analysis, source by source, or has workers do so.

    Parameters
    ----------
    analyzer
        Whose data, settings and results decide.
    book
        What need not, or cannot, be done is entered there.
    environment
        Its workers may plan, and save what was made of a source.
    check_interrupt
        Is called now and then, to raise what came to nothing.

    Attributes
    ----------
    called
        Sources for which an earlier run has called a function, by number: once is enough.
    """

    def __init__(
        self,
        analyzer: "RWAnalyzer",
        book: Book,
        environment: Environment,
        check_interrupt: Callable[[], None],
    ) -> None:
        self._analyzer = analyzer
        self._environment = environment
        self._book = book
        self._check_interrupt = check_interrupt
        self.called: set[int] = set()
        self._without_precision: dict[str, None] = {}

    def new_run(
        self,
        path: Path,
        earlier: Sequence[RunDirectory],
        description: Description,
        stages: Sequence[RegionStage | Callable[..., Any]],
        sbatch_options: Mapping[str, Any],
    ) -> tuple[RunDirectory, Counter[int]]:
        """Plan all tasks, and write them down.

        Parameters
        ----------
        path
            Where run directories of the analysis are.
        earlier
            Those that this one continues and replaces.
        description
            What the run is to do.
        stages
            Those that work region by region; or one function, which works source by source.
        sbatch_options
            What they ask of a cluster.

        Returns
        -------
        RunDirectory, Counter
            The run, and the number of tasks of each source, by its number.
        """
        callables = description.pickled_callables()
        left: Counter[int] = Counter()
        with NewRun(path) as new:
            tables, files = {}, []
            workers = PlanningRun(
                path, description.content, callables, self._environment, self._book
            )
            bar = progress(
                len(self._analyzer.spt_data), "planning", self._book.logger, unit="file", after=1.0
            )
            with (
                workers,
                bar as advance,
                closing(self._planned(new, workers, stages, advance)) as sources,
            ):
                for number, planned in sources:
                    item = self._analyzer.spt_data[number]
                    new.add_tasks(planned.written_for(new.analysis))
                    left[number] = planned.task_count
                    if planned.is_in_file:
                        files.append(str(Path(item.source).absolute()))
                    elif planned.table is not None:
                        tables[number] = asdict(planned.table)
                    if planned.is_without_precision:
                        self._without_precision[item.source] = None
                    self._book.enter(item.source, planned)
            more = {
                "tables": tables,
                "files": files,
                "sbatch_options": dict(sbatch_options),
                "time_limit": self._analyzer.env.time_limit,
            }
            run = new.finish({**description.content, **more}, callables)
            inherit(run, unended(earlier))
            remove_others(path, run)
            self.called.clear()
        if self._without_precision:
            self._book.note(
                "the localization precision is not set, 0 is used, and the diffusivity is too high "
                f"by about its square over the lag: {', '.join(self._without_precision)}"
            )
        return run, left

    def _planned(
        self,
        new: NewRun,
        workers: PlanningRun,
        stages: Sequence[RegionStage | Callable[..., Any]],
        advance: Callable[[], object],
    ) -> Generator[tuple[int, PlannedSource], None, None]:
        """Plan the sources in turn; what workers plan, they plan at once.

        Calls `advance` after each.
        """
        by_region = [stage for stage in stages if isinstance(stage, RegionStage)]
        here = SourcePlanner(
            self._analyzer,
            by_region,
            workers_save=self._environment.saves,
            add_input=new.add_input,
        )
        lost = self._lost()
        is_safe = bool(by_region) and not workers.were_fatal
        waiting = self._plannable_by_workers() if is_safe else {}
        for number, item in enumerate(self._analyzer.spt_data):
            planned = workers.planned(number, new.add_input)
            if planned is not None:
                yield number, planned
                continue
            started = time.monotonic()
            was_loaded = item.is_loaded
            if by_region:
                planned = here.plan(number, item, item.filepath, lost.get(item.source, ()))
            elif number not in self.called:
                planned = here.plan_call(number, item, name_of(stages[0]))
            else:
                planned = PlannedSource()
            if len(self._analyzer.spt_data) > MOST_SOURCES_KEPT and not was_loaded:
                item.release()
            advance()
            yield number, planned
            waiting.pop(number, None)
            if waiting and self._pays(len(waiting), time.monotonic() - started):
                workers.execute(waiting, lost, self._check_interrupt, advance)
                waiting = {}

    def _plannable_by_workers(self) -> dict[int, Source]:
        """Find sources of which this process knows nothing that is not in files, by number."""
        if self._environment.workers_at_hand < 2:
            return {}
        return {
            number: item
            for number, item in enumerate(self._analyzer.spt_data)
            if item.filepath is not None and item.is_untouched
        }

    def _pays(self, count: int, seconds: float) -> bool:
        """Whether workers would plan so many sources sooner, at so many seconds for each."""
        in_turn = -(-count // max(1, self._environment.workers_at_hand))
        return (count - in_turn) * seconds > WORTH_ASKING

    def _lost(self) -> dict[str, list[str]]:
        """Find the regions where an earlier stage made nothing to go on with: labels by source."""
        lost: dict[str, list[str]] = {}
        for source, region in sorted(self._book.without_result):
            lost.setdefault(source, []).append(region)
        return lost
