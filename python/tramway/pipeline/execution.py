"""One run of a pipeline: tasks go out, and come back as results."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway.analyzer.stages import (
    Appended,
    Infer,
    RegionStage,
    Reload,
    Tessellate,
    name_of,
)
from tramway.errors import InvalidInputError, RunError, TramwayError, UntrustedFileError
from tramway.runs import (
    Environment,
    InProcess,
    RunDirectory,
    RunState,
    RunSummary,
    TaskRecord,
    command_for,
    directories_of,
    overriding_environment,
    path_of,
    remove_hidden,
    run_lock,
    unfinished_steps,
)

from .book import Book
from .explanation import explain
from .interrupts import one_interrupt
from .job import Description
from .planner import Planner
from .progress import progress
from .results import Results
from .steps import has_own_labels, target_of
from .worker import do_steps

if TYPE_CHECKING:
    from tramway.analyzer.analyzer import RWAnalyzer

_LOST = "the environment did not say what came of it"


class Run:
    """Executes the stages of a pipeline.

    Stages that work region by region, one after the other, are one distribution of tasks: what a
    stage needs of the one before it is there as soon as that has done the same region.

    Parameters
    ----------
    analyzer
        What to run. Its analysis trees are updated as results come in.
    resume
        Whether to join the same run where it goes on elsewhere.
    """

    def __init__(self, analyzer: "RWAnalyzer", *, resume: bool = False) -> None:
        self._analyzer = analyzer
        self._environment: Environment = overriding_environment() or analyzer.env
        self._resume = resume
        self._logger = analyzer.logger
        self._book = Book(analyzer.logger)
        self._planner = Planner(
            analyzer, self._book, self._environment, lambda: self._check_interrupt()
        )
        self._results = Results(analyzer, self._book, keeps_trees=not self._environment.saves)
        self._step_count = 0

    def execute(self, stages: Sequence[Appended]) -> RunSummary:
        """Run the stages.

        Raises
        ------
        InvalidInputError
            If something is not set that a stage needs; nothing was done then.
        RunError
            In the end, if a task failed; the message lists every one. All others are saved.
        """
        self._check(stages)
        with one_interrupt() as self._check_interrupt:
            try:
                for group in _grouped(stages):
                    self._do(group)
            except KeyboardInterrupt as interrupt:
                self._results.save()
                finished = len(self._book.summary.done) + len(self._book.summary.skipped)
                self._logger.warning(
                    "interrupted: %d of %d steps finished and saved; run again to continue",
                    finished,
                    self._step_count,
                )
                raise interrupt.with_traceback(None) from None  # where it came is no matter
            finally:
                self._results.save()
                self._book.tell_repeated()
        return self._conclude()

    def _do(self, group: Sequence[Appended]) -> None:
        """Run stages that are distributed together, or one that is not."""
        first = group[0]
        if isinstance(first.stage, RegionStage):
            self._distribute(group)
        elif first.is_for_sources and self._can_send_sources():
            self._carry_out([first.stage], first.sbatch_options)
        else:
            first.stage(self._analyzer.pipeline)

    def _can_send_sources(self) -> bool:
        has_files = all(item.filepath is not None for item in self._analyzer.spt_data)
        return has_files and not isinstance(self._environment, InProcess)

    def _conclude(self) -> RunSummary:
        for source, message in self._results.save_errors.items():
            self._book.record(TaskRecord("save", source, "", "failed", message=message))
        summary = self._book.summary
        failed = summary.failed
        if failed:
            listed = "\n".join(f"- {record}" for record in failed)
            some_are_done = len(failed) < len(summary.records)
            others = ", the results of the others are there" if some_are_done else ""
            kept = "\nwhat could not be saved is kept in the run directory: run again to save it"
            unsaved = kept if self._results.save_errors else ""
            raise RunError(
                f"{len(failed)} of {len(summary.records)} tasks failed{others}:\n{listed}{unsaved}",
                summary,
            )
        return summary

    def _check(self, stages: Sequence[Appended]) -> None:
        """Refuse what can be known to fail before anything is computed."""
        analyzer = self._analyzer
        if not stages:
            raise InvalidInputError(
                "the pipeline has no stage: a.pipeline.append_stage(stages.tessellate())"
            )
        data = analyzer.spt_data
        if not data.initialized:
            raise InvalidInputError("there are no data: a.spt_data.from_ascii_files('*.txt')")
        distributed = _parts(stages)
        if any(isinstance(stage, Tessellate) for stage in distributed):
            analyzer.tesseller.plugin  # noqa: B018 - raises if none is chosen
        if any(isinstance(stage, Infer) for stage in distributed):
            analyzer.mapper.plugin  # noqa: B018
        if distributed and all(item.roi.left_out for item in data):
            raise InvalidInputError("no source has a file of regions beside it: nothing to do")
        files = Counter(item.rwa_file for item in data)
        shared = [str(path) for path, count in files.items() if path is not None and count > 1]
        if shared:
            raise InvalidInputError(
                f"several sources would be saved in the same file, {', '.join(shared)}: rename "
                "one, their names differ in the extension only"
            )

        self._check_labels(distributed)

    def _check_labels(self, stages: Sequence[RegionStage]) -> None:
        """Refuse labels that several regions of a source would share: one would replace another."""
        labelled = [stage for stage in stages if has_own_labels(stage)]
        if not labelled:
            return
        for item in self._analyzer.spt_data:
            for stage in labelled:
                shared = []
                with suppress(Exception):  # told where it is planned
                    labels = [target_of(stage, self._analyzer, region.label) for region in item.roi]
                    shared = [(label, n) for label, n in Counter(labels).items() if n > 1]
                if shared:
                    target, count = shared[0]
                    raise InvalidInputError(
                        f"{stage.name}: the label {' / '.join(target)} would be that of {count} "
                        f"regions of {item.source}: give a function that makes a label of each "
                        "region's label"
                    )

    # one distribution of tasks

    def _distribute(self, group: Sequence[Appended]) -> None:
        """Carry out stages that work region by region."""
        pipeline = self._analyzer.pipeline
        reloads = [item.stage for item in group if isinstance(item.stage, Reload)]
        for reload in reloads:  # before anything is planned on what others have made
            replace(reload, skip_missing=True)(pipeline)
        self._carry_out(_parts(group), group[0].sbatch_options)
        for reload in reloads:
            reload(pipeline)

    def _carry_out(
        self,
        stages: Sequence[RegionStage | Callable[..., Any]],
        sbatch_options: Mapping[str, Any],
    ) -> None:
        """Plan the tasks of some stages, have them done, and take in their results."""
        started = time.monotonic()
        description = Description(self._analyzer, stages)
        names = ", ".join(map(name_of, stages))
        with _what_is_finished_is_kept(), run_lock(path := self._path(description)):
            earlier = self._earlier(path)
            run = self._rejoin(earlier, names)
            if run is None:
                run, left = self._planned(path, earlier, description, stages, sbatch_options)
                self._logger.info("stages ready: %s, %d tasks", names, len(run.regions))
                if run.task_count:
                    self._logger.info("run directory: %s", run.path)
                    self._execute(run, RunState(run, run.entries()), left, names)
            if self._results.save_errors or self._book.summary.failed:
                self._logger.info("what became of each task stays in %s", run.path)
            else:
                run.remove()
            remove_hidden(path)  # whose logs workers have closed by now
        self._logger.info("stages done: %s, in %.1f s", names, time.monotonic() - started)

    def _planned(self, path: Path, *what: Any) -> tuple[RunDirectory, Counter[int]]:
        try:
            return self._planner.new_run(path, *what)
        except TramwayError:
            raise
        except OSError as error:
            raise RunError(
                f"a run directory in {path.parent} cannot be written: {error.strerror or error}; "
                "make room there, or let the environment have another scratch folder"
            ) from None  # where it came from is no matter

    def _path(self, description: Description) -> Path:
        """Where run directories are: the same for the same analysis."""
        name = description.digest[:16]
        paths = (item.rwa_file for item in self._analyzer.spt_data)
        file = next((path for path in paths if path is not None), None)
        if self._environment.scratch_folder is not None:
            folder = Path(self._environment.scratch_folder)
        elif file is not None and os.access(file.absolute().parent, os.W_OK):
            folder = file.absolute().parent
        else:
            folder = Path(tempfile.gettempdir())
            if file is None:  # tables only: nobody could continue without their script
                name = f"{name}-{os.getpid()}"
        return path_of(folder, name)

    def _earlier(self, path: Path) -> list[RunDirectory]:
        """Find the runs of the same analysis that other processes have begun."""
        found = []
        for directory in directories_of(path):
            try:
                found.append(RunDirectory(directory))
            except InvalidInputError as error:
                self._logger.warning("%s; it is made anew", error)
        return found

    def _rejoin(self, earlier: Sequence[RunDirectory], names: str) -> RunDirectory | None:
        """Take in what runs of the same analysis have finished.

        Returns
        -------
        RunDirectory or None
            The run, if one went on by itself and is done now; None if they ended early: what is
            left has to be planned again, since data and settings may have changed.
        """
        joined = None
        for run in earlier:
            if self._environment.is_running(run):
                joined = run
                continue
            self._planner.called |= self._results.recover(run)
        if joined is None:
            return None
        if not self._resume:
            raise RunError(
                "this analysis is running already: join it with a.run(resume=True), or watch "
                f"it with `{command_for('status', joined.path)}`"
            )
        self._logger.info("joining %s", joined.path)
        left = Counter(joined.sources.tolist())
        self._execute(joined, RunState(joined), left, names)
        return joined

    def _execute(self, run: RunDirectory, state: RunState, left: Counter[int], names: str) -> None:
        """Have the tasks done; take in, and save, what was made of each source that is complete."""
        total = int(run.step_counts[run.regions].sum()) - state.counts.total()
        self._step_count = len(self._book.summary.records) + total
        entries = self._environment.execute(run, state.unfinished(), do_steps)
        with closing(entries), progress(total, names, self._logger) as advance:
            for entry in entries:
                self._check_interrupt()
                if not (state.update(entry) and entry.is_end):
                    continue
                source = self._results.accept(run, entry)
                if state.over[entry.task]:
                    left[source] -= 1
                    if not left[source] and not self._results.is_saved(run, source):
                        self._results.take_in(source)
                if not run.closes[entry.task]:
                    advance()
        for number in state.unfinished():
            for lost in unfinished_steps(number, state.steps_left(number), "failed", _LOST):
                self._results.accept(run, lost)
        self._results.save()


@contextmanager
def _what_is_finished_is_kept() -> Iterator[None]:
    """Tell what to do where the run directory is damaged, was removed, or has no room left."""
    try:
        yield
    except UntrustedFileError:
        raise
    except OSError as error:
        raise RunError(
            f"the run cannot go on: {explain(error)[0]}; what is finished is kept, run again to "
            "continue"
        ) from None  # where it came from is no matter


def _grouped(stages: Sequence[Appended]) -> Iterator[list[Appended]]:
    """Stages that can be distributed together, others one by one."""
    group: list[Appended] = []
    for item in stages:
        joins = bool(group) and (
            isinstance(item.stage, Reload)
            or (
                isinstance(item.stage, RegionStage)
                and item.sbatch_options == group[0].sbatch_options
            )
        )
        if group and not joins:
            yield group
            group = []
        if joins or isinstance(item.stage, RegionStage):
            group.append(item)
        else:
            yield [item]
    if group:
        yield group


def _parts(stages: Sequence[Appended]) -> list[RegionStage]:
    """List the stages that work region by region, those within others one by one."""
    regionwise = (item.stage for item in stages if isinstance(item.stage, RegionStage))
    return [part for stage in regionwise for part in stage.parts]
