"""One run of a pipeline: tasks go out, results come back and are saved by this process alone."""

import copy
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tramway.errors import InvalidInputError, RunError
from tramway.tasks import InProcess, Outcome, RunSummary, Status, Task, TaskRecord

from .progress import progress
from .region import Region
from .source import Source
from .stages import RegionStage
from .work import Snapshot, explain, messages, run_task

if TYPE_CHECKING:
    from .analyzer import RWAnalyzer

_SECONDS_BETWEEN_SAVES = 10.0
_LOST = "the environment did not say what came of it"


@dataclass(frozen=True)
class Planned:
    """A task that was planned, and what is to be done with its results."""

    task: Task
    item: Source
    store: Callable[[dict[str, Any]], None]


class Run:
    """Executes the stages of a pipeline, one after the other.

    Parameters
    ----------
    analyzer
        What to run. Its analysis trees are updated as results come in.
    """

    def __init__(self, analyzer: "RWAnalyzer") -> None:
        self.summary = RunSummary()
        self._analyzer = analyzer
        self._logger = analyzer.logger
        self._without_result: set[tuple[str, str]] = set()
        self._unsaved: dict[str, Source] = {}
        self._save_errors: dict[str, str] = {}
        self._last_save = time.monotonic()
        self._task_count = 0

    def execute(self, stages: Sequence[Callable[..., Any] | RegionStage]) -> RunSummary:
        """Run the stages.

        Raises
        ------
        InvalidInputError
            If something is not set that a stage needs; nothing was done then.
        RunError
            In the end, if a task failed; the message lists every one. All others are saved.
        """
        self._check(stages)
        try:
            for number, stage in enumerate(stages):
                if isinstance(stage, RegionStage):
                    self._distribute(number, stage)
                else:
                    stage(self._analyzer.pipeline)
        except KeyboardInterrupt:
            self._save()
            finished = len(self.summary.done) + len(self.summary.skipped)
            self._logger.warning(
                "interrupted: %d of %d tasks finished and saved; run again to continue",
                finished,
                self._task_count,
            )
            raise
        finally:
            self._save()
        return self._conclude()

    def _conclude(self) -> RunSummary:
        for source, message in self._save_errors.items():
            self._record(TaskRecord("save", source, "", "failed", message=message))
        failed = self.summary.failed
        if failed:
            listed = "\n".join(f"- {record}" for record in failed)
            raise RunError(
                f"{len(failed)} of {len(self.summary.records)} tasks failed, the results of the "
                f"others are there:\n{listed}",
                self.summary,
            )
        return self.summary

    def _check(self, stages: Sequence[Callable[..., Any] | RegionStage]) -> None:
        """Refuse what can be known to fail before anything is computed."""
        analyzer = self._analyzer
        if not stages:
            raise InvalidInputError(
                "the pipeline has no stage: a.pipeline.append_stage(stages.tessellate())"
            )
        data = analyzer.spt_data
        if not data.initialized:
            raise InvalidInputError("there are no data: a.spt_data.from_ascii_files('*.txt')")
        distributed = [stage for stage in stages if isinstance(stage, RegionStage)]
        if any(stage.tessellates for stage in distributed):
            analyzer.tesseller.plugin  # noqa: B018 - raises if none is chosen
        if any(stage.infers for stage in distributed):
            analyzer.mapper.plugin  # noqa: B018
        if distributed and all(item.roi.left_out for item in data):
            raise InvalidInputError("no source has a file of regions beside it: nothing to do")
        files = Counter(item.rwa_file for item in data if item.rwa_file is not None)
        shared = [str(path) for path, count in files.items() if count > 1]
        if shared:
            raise InvalidInputError(
                f"several sources would be saved in the same file, {', '.join(shared)}: rename "
                "one, their names differ in the extension only"
            )

    # one stage

    def _distribute(self, number: int, stage: RegionStage) -> None:
        """Plan the tasks of a stage, have them done, and take in their results."""
        started = time.monotonic()
        planned = [
            task for item in self._analyzer.spt_data for task in self._plan(number, stage, item)
        ]
        planned.sort(key=lambda plan: -plan.task.size)
        if stage.infers:
            self._note_missing_precision(planned)
        pending = {plan.task.key: plan for plan in planned}
        left = Counter(plan.item.source for plan in planned)
        self._task_count = len(self.summary.records) + len(planned)
        self._logger.info("stage %d ready: %s, %d tasks", number, stage.name, len(planned))

        environment = self._analyzer.env
        tasks = [plan.task for plan in planned]
        outcomes = environment.execute(run_task, self._snapshot(stage, planned), tasks)
        with (
            closing(outcomes),
            progress(len(tasks), stage.name, self._logger) as advance,
        ):
            for outcome in outcomes:
                plan = pending.pop(outcome.key)
                self._accept(stage, plan, outcome)
                left[plan.item.source] -= 1
                self._save_now_and_then(plan.item, is_complete=not left[plan.item.source])
                advance()
        for plan in pending.values():
            self._accept(stage, plan, Outcome(plan.task.key, 0.0, error=_LOST))
        self._save()
        self._logger.info("stage %d done in %.1f s", number, time.monotonic() - started)

    def _snapshot(self, stage: RegionStage, planned: Sequence[Planned]) -> Snapshot:
        items = {plan.item.source: plan.item for plan in planned}
        here = isinstance(self._analyzer.env, InProcess)
        return Snapshot(
            {
                source: item.dataframe if here else item.description()
                for source, item in items.items()
                if stage.tessellates
            },
            copy.deepcopy(self._analyzer.tesseller),
            copy.deepcopy(self._analyzer.time),
            copy.deepcopy(self._analyzer.sampler),
            copy.deepcopy(self._analyzer.mapper),
        )

    def _plan(self, number: int, stage: RegionStage, item: Source) -> list[Planned]:
        """Tasks of one source; those that need not, or cannot, be done are recorded at once."""
        if (item.source, "") in self._without_result:
            return []
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                regions = self._regions(stage, item)
            except Exception as error:  # noqa: BLE001
                self._fail(stage, item, "", error)
                regions = []
            labels: dict[tuple[str, ...], str] = {}
            planned = []
            for region in regions:
                if (item.source, region.label) not in self._without_result:
                    planned += self._plan_region(number, stage, item, region, labels)
        for message in messages(caught):
            self._note(f"{item.source}: {message}")
        return planned

    def _regions(self, stage: RegionStage, item: Source) -> list[Region]:
        reason = None
        if item.roi.left_out:
            reason = "no file of regions beside it"
        elif stage.roi_expected and item.roi.definition is None:
            reason = "no regions of interest"
        if reason is not None:
            self._record(TaskRecord(stage.name, item.source, "", "skipped", message=reason))
            return []
        item.analyses  # noqa: B018 - a file that cannot be read fails the source, not each region
        if stage.tessellates:
            item.dataframe  # noqa: B018
        return list(item.roi)

    def _plan_region(
        self,
        number: int,
        stage: RegionStage,
        item: Source,
        region: Region,
        labels: dict[tuple[str, ...], str],
    ) -> list[Planned]:
        try:
            plan = stage.plan(self._analyzer.pipeline, item, region)
            other = labels.setdefault(plan.target, region.label)
            if other != region.label:
                raise InvalidInputError(
                    f"the label {' / '.join(plan.target)} is that of {other} too: give a function "
                    "that makes a label of each region's label"
                )
        except Exception as error:  # noqa: BLE001
            self._fail(stage, item, region.label, error)
            return []
        if plan.job is None:
            self._record(
                TaskRecord(stage.name, item.source, region.label, "skipped", message=plan.message)
            )
            return []
        task = Task(number, item.source, region.label, plan.size, plan.job)
        return [Planned(task, item, plan.store)]

    # results

    def _accept(self, stage: RegionStage, plan: Planned, outcome: Outcome) -> None:
        """Put the results of a task into the tree, and its story into the summary."""
        task, error = plan.task, outcome.error
        if error is None:
            try:
                self._unsaved[plan.item.source] = plan.item
                plan.store(dict(outcome.results))
            except Exception as problem:  # noqa: BLE001
                error, _ = explain(problem)
        if outcome.traceback is not None:
            self._logger.error("%s, %s:\n%s", task.source, task.region, outcome.traceback)
        status: Status = "done" if error is None else "failed"
        record = TaskRecord(
            stage.name,
            task.source,
            task.region,
            status,
            outcome.seconds,
            error or "",
            outcome.notes,
        )
        if status == "failed" and stage.tessellates:
            self._without_result.add((task.source, task.region))
        self._record(record)
        for note in outcome.notes:
            self._logger.warning("%s, %s: %s", task.source, task.region, note)

    def _fail(self, stage: RegionStage, item: Source, region: str, error: Exception) -> None:
        message, where = explain(error)
        if where is not None:
            self._logger.error("%s", where)
        if stage.tessellates or not region:
            self._without_result.add((item.source, region))
        self._record(TaskRecord(stage.name, item.source, region, "failed", message=message))

    def _record(self, record: TaskRecord) -> None:
        self.summary.records.append(record)
        log = self._logger.error if record.status == "failed" else self._logger.debug
        log("%s", record)

    def _note(self, note: str) -> None:
        if note not in self.summary.notes:
            self.summary.notes.append(note)
            self._logger.warning("%s", note)

    def _note_missing_precision(self, planned: Sequence[Planned]) -> None:
        items = {plan.item.source: plan.item for plan in planned}
        unknown = [source for source, item in items.items() if item.localization_precision is None]
        if unknown:
            self._note(
                "the localization precision is not set, 0 is used, and the diffusivity is too high "
                f"by about its square over the lag: {', '.join(unknown)}"
            )

    # saving

    def _save_now_and_then(self, item: Source, *, is_complete: bool) -> None:
        if time.monotonic() - self._last_save > _SECONDS_BETWEEN_SAVES:
            self._save()
        elif is_complete and item.source in self._unsaved:
            self._save_source(item)

    def _save(self) -> None:
        for item in list(self._unsaved.values()):
            self._save_source(item)
        self._last_save = time.monotonic()

    def _save_source(self, item: Source) -> None:
        try:
            notes = item.save()
        except Exception as error:  # noqa: BLE001
            # It stays among the unsaved: the next attempt may find room on the disk.
            message, where = explain(error)
            self._logger.error("%s cannot be saved: %s", item.source, where or message)
            self._save_errors[item.source] = message
            return
        del self._unsaved[item.source]
        self._save_errors.pop(item.source, None)
        if item.rwa_file is not None:
            self._logger.info("writing file: %s", item.rwa_file)
        for note in notes:
            self._note(f"{item.source}: {note}")
