"""What one task does, in whatever process it is done."""

import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway.data import Croppable
from tramway.errors import DataQualityWarning, RunError
from tramway.files import decode_artefact, encode_result
from tramway.runs import (
    Journal,
    MadeBefore,
    Outcome,
    Part,
    RunDirectory,
    Task,
    TimeLimitReached,
)

from .explanation import explain, messages
from .job import Reconstruction
from .planned_source import PlannedSource
from .records import Provenance
from .saving import Made, put_into_tree
from .source_planner import SourcePlanner
from .steps import GatherStep, RegionStep, step_of

if TYPE_CHECKING:
    from tramway.analyzer import RWAnalyzer
    from tramway.analyzer.source import Source

_TABLES_KEPT = 2  # per process: tasks of one source follow each other


class Worker:
    """Does tasks of one run.

    Parameters
    ----------
    run
        The run.

    Attributes
    ----------
    tesseller, time, sampler, mapper
        Settings of the run, as those of the analyzer.
    trajectories
        Gives those of a source, by its number.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._described = Reconstruction(run)
        self.tesseller = self._described.plugin("tesseller")
        self.time = self._described.plugin("time")
        self.sampler = self._described.plugin("sampler")
        self.mapper = self._described.plugin("mapper")
        self.trajectories = lru_cache(maxsize=_TABLES_KEPT)(self._read)

    def _read(self, source: int) -> Croppable:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataQualityWarning)  # given where it was planned
            return Croppable(self._described.trajectories(source))

    def source(self, number: int) -> "Source":
        """Source of that number."""
        return self._described.source(number)

    def artefact(self, part: Mapping[str, Any]) -> Any:
        """Artefact that was there before the run."""
        return decode_artefact(self._run.part(Part(**part)))

    def call(self, source: int) -> tuple[Callable[..., Any], "RWAnalyzer"]:
        """Give the function that the run calls, and an analyzer of one source for it."""
        return self._described.call(source)

    def plan(
        self, source: int, datafile: str, lost: Collection[str], *, workers_save: bool
    ) -> PlannedSource:
        """Plan the tasks of a source.

        Parameters
        ----------
        source
            Its number.
        datafile
            Path of the source, as the script gives it.
        lost
            Labels of the regions where an earlier stage made nothing to go on with.
        workers_save
            Whether workers save what is made of it.

        Returns
        -------
        PlannedSource
            Its tasks are written down, unless they start from inputs, which are to be moved yet.

        Raises
        ------
        RunError
            If nothing can be planned: the process that submits has to see that by itself, and tell
            it with the paths that the script gives.
        """
        analyzer = self._described.analyzer_of(source)
        [item] = analyzer.spt_data
        stages = self._described.stages
        keep = Journal(self._run).store
        planner = SourcePlanner(analyzer, stages, workers_save=workers_save, add_input=keep)
        planned = planner.plan(source, item, datafile, lost)
        item.release()
        for remark in planned.remarks:
            if remark.status == "failed" and not remark.region:
                raise RunError(remark.message)
        planned.name_source(datafile, instead_of=item.source)
        if not any(step["input"] for task in planned.tasks for step in task.task["steps"]):
            planned.written = planned.written_for(self._run.description["analysis"])
            planned.tasks = []
        return planned

    def save(
        self, source: int, made: Iterable[MadeBefore], datafile: str
    ) -> tuple[list[tuple[int, int, str]], list[str]]:
        """Put what was made of a source into its ``.rwa`` file, with what is there.

        Parameters
        ----------
        source
            Its number.
        made
            Where the results are.
        datafile
            Path of the source, as the file is to name it.

        Returns
        -------
        list of (int, int, str)
            What was refused: task, step, and why.
        list of str
            What of the file was replaced or renamed.

        Raises
        ------
        RunError
            If another analysis has made something of the same labels since this was planned: the
            script of one of them may be over, and its job is not to have the last word.
        """
        analyzer = self._described.analyzer_of(source)
        [item] = analyzer.spt_data
        item.forget_tree()  # as an attempt that failed has left it
        task_of = lru_cache(maxsize=1)(self._run.task)  # its steps follow each other
        results = [
            Made(self._run, number, task_of(number), step, part) for number, step, part in made
        ]
        steps = (step_of(one.task, one.step) for one in results)
        overtaken = [
            ", ".join(step.labels)
            for step in steps
            if isinstance(step, RegionStep) and step.is_overtaken(item.analyses)
        ]
        if overtaken:
            raise RunError(
                f"another analysis has made {'; '.join(overtaken)} since this one was planned: to "
                "have the results of this one instead, run it again"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataQualityWarning)  # given where it was planned
            refused = put_into_tree(Provenance(analyzer), item, results)
            notes = item.save(datafile)
        item.forget_tree()
        return [(*place, message) for place, message in refused.items()], notes


_workers: dict[Path, Worker] = {}


def worker_of(run: RunDirectory) -> Worker:
    """Worker of a run in this process; it has read what tasks of the run have in common."""
    if run.path not in _workers:
        _workers.clear()  # one run at a time
        _workers[run.path] = Worker(run)
    return _workers[run.path]


def do_steps(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    """Do the steps of a task that are left; what goes wrong is told by the outcome."""
    samplings: dict[str, Any] = {}
    lost: set[str] = set()
    for number in range(len(task["steps"])):
        step = step_of(task, number)
        result = ended.get(number)
        if number in ended:
            is_lost = result is None
            if step.makes_sampling and result is not None:
                is_list = isinstance(step, GatherStep)
                samplings[step.sampling] = result if is_list else decode_artefact(result)
        elif step.sampling in lost:
            yield Outcome(
                number, 0.0, error=f"there is no sampling {step.sampling!r}", is_skipped=True
            )
            continue
        else:
            outcome = _do_step(run, task, number, samplings)
            is_lost = outcome.error is not None
            yield outcome
        if step.makes_sampling and is_lost:
            lost.add(step.sampling)


def _do_step(run: RunDirectory, task: Task, number: int, samplings: dict[str, Any]) -> Outcome:
    started = time.perf_counter()
    result: bytes | None = None
    notes: list[str] = []
    error = where = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made, notes = step_of(task, number).do(worker_of(run), task, samplings)
            result = encode_result(made)
        except (KeyboardInterrupt, TimeLimitReached):
            raise
        except BaseException as problem:  # noqa: BLE001 - a panic of the core is not an Exception
            error, where = explain(problem)
    notes += messages(caught)
    seconds = time.perf_counter() - started
    return Outcome(number, seconds, result, tuple(dict.fromkeys(notes)), error, where)
