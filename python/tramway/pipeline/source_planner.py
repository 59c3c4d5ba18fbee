"""What is to be done with one source: which steps of which regions."""

import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pandas as pd

from tramway.analyzer.region import Region
from tramway.analyzer.source import Source, SPTAsciiFile
from tramway.analyzer.stages import RegionStage, Tessellate
from tramway.data import Croppable
from tramway.files import Record, encode_artefact, failures_of
from tramway.files.rwa import held_open
from tramway.runs import Part, PlannedTask

from .data import Data
from .explanation import explain, messages
from .planned_source import PlannedSource, Remark
from .records import Provenance, source_hash
from .steps import CallStep, GatherStep, InferStep, SaveStep, Step, plan_of, target_of

if TYPE_CHECKING:
    from tramway.analyzer import RWAnalyzer


class SourcePlanner:
    """Plans the tasks of sources: one for each region in which something is left to do.

    The process that submits a run does it, or its workers do.

    Parameters
    ----------
    analyzer
        Whose settings decide.
    stages
        Those that work region by region.
    workers_save
        Whether workers save what was made of a source.
    add_input
        Keeps what a task starts from, and tells where.
    """

    def __init__(
        self,
        analyzer: "RWAnalyzer",
        stages: Sequence[RegionStage],
        *,
        workers_save: bool,
        add_input: Callable[[bytes], Part],
    ) -> None:
        self._analyzer = analyzer
        self._stages = stages
        self._workers_save = workers_save
        self._add_input = add_input

    def plan(
        self, number: int, item: Source, datafile: str | None, lost: Collection[str] = ()
    ) -> PlannedSource:
        """Plan the tasks of a source.

        Parameters
        ----------
        number, item
            The source.
        datafile
            Its path, as the file of results is to name it.
        lost
            Labels of the regions where an earlier stage made nothing to go on with; with an empty
            one, there is nothing to plan.
        """
        planned = PlannedSource()
        # A tree that somebody has looked at may have more in it than its file.
        is_saved_there = self._workers_save and _is_read_there(item) and not item.is_loaded
        is_read = self._plan_regions(planned, number, item, set(lost))
        if planned.tasks and is_saved_there:
            assert datafile is not None
            steps = [step.as_plain() for step in (GatherStep(), SaveStep(datafile=datafile))]
            task = {"source": number, "region": "", "steps": steps}
            planned.tasks.append(PlannedTask(task, 0, closes=True))
            item.forget_tree()
        if planned.tasks and is_read:
            self._give_trajectories(planned, item)
        return planned

    def plan_call(self, number: int, item: Source, name: str) -> PlannedSource:
        """Plan the task of a source that calls a function of the user's."""
        planned = PlannedSource()
        try:
            start, of = self._add_input(encode_artefact(item.analyses)), source_hash(item)
        except Exception as error:  # noqa: BLE001
            planned.remarks.append(Remark(name, "", "failed", explain(error)[0]))
            return planned
        step = CallStep(name=name, sampling="", input=asdict(start), of=of)
        task = {"source": number, "region": "", "steps": [step.as_plain()]}
        planned.tasks.append(PlannedTask(task, start.length))
        self._give_trajectories(planned, item)
        return planned

    def _give_trajectories(self, planned: PlannedSource, item: Source) -> None:
        """See to it that workers can read the trajectories."""
        planned.is_in_file = _is_read_there(item)
        if not planned.is_in_file:
            planned.table = self._add_input(encode_artefact(item.trajectories_of()))

    def _plan_regions(
        self, planned: PlannedSource, number: int, item: Source, lost: set[str]
    ) -> bool:
        """Plan the tasks of all regions; return whether they need the trajectories."""
        wanted = [stage for stage in self._stages if _is_wanted(planned, stage, item)]
        if not wanted or "" in lost:
            return False
        tessellates = any(isinstance(stage, Tessellate) for stage in wanted)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                # A file that cannot be read fails the source as a whole.
                before = failures_of(item.analyses)
                planned.failed_before += [failure.labels for failure in before]
                regions = list(item.roi.as_support_regions())  # list(item.roi) makes them twice
                if not tessellates:
                    table = self._tracks(planned, item, regions)
                else:
                    table = None if item.is_summed else item.trajectories_of(regions)
                trajectories = None if table is None else Croppable(table)
                if tessellates and trajectories is not None:
                    trajectories.look_at(region.areas for region in regions)
            except Exception as error:  # noqa: BLE001
                planned.remarks.append(_failure(wanted[0], "", error))
                regions, trajectories = [], None
            provenance = Provenance(self._analyzer)
            infers = False
            with held_open(item.analyses) if regions else nullcontext():
                for region in regions:
                    if region.label in lost:
                        continue
                    data = Data(item, region, trajectories)
                    steps = self._plan_region(planned, data, wanted, provenance, lost)
                    infers = infers or any(isinstance(step, InferStep) for step in steps)
                    if steps:
                        planned.tasks.append(_task_of(number, data, steps))
            planned.is_without_precision = infers and item.localization_precision is None
        planned.notes += messages(caught)
        return trajectories is not None or (tessellates and item.is_summed)

    def _tracks(
        self, planned: PlannedSource, item: Source, regions: Sequence[Region]
    ) -> pd.DataFrame | None:
        """Trajectories to see whole tracks in, where samplings are there, perhaps alone."""
        if not self._analyzer.mapper.takes_tracks or not any(region.areas for region in regions):
            return None
        table = item.known_trajectories(regions)
        if table is None:
            planned.notes.append(
                "it cannot be read: tracks end where they leave a region, and begin where they "
                "come in"
            )
        return table

    def _plan_region(
        self,
        planned: PlannedSource,
        data: Data,
        stages: Sequence[RegionStage],
        provenance: Provenance,
        lost: set[str],
    ) -> list[Step]:
        """Find the steps that are left to do for a region."""
        region = data.region
        records: dict[str, Record] = {}
        steps: list[Step] = []
        for stage in stages:
            labels: tuple[str, ...] = ()
            try:
                labels = target_of(stage, self._analyzer, region.label)
                plan = plan_of(stage, labels, provenance, data, records)
            except Exception as error:  # noqa: BLE001
                planned.remarks.append(_failure(stage, region.label, error, labels))
                if isinstance(stage, Tessellate):
                    lost.add(region.label)
                    break
                continue
            if plan.step is None:
                why = plan.message
                planned.remarks.append(Remark(stage.name, region.label, "skipped", why, labels))
                continue
            step = plan.step
            if plan.start is not None:
                step = replace(step, input=asdict(self._add_input(encode_artefact(plan.start))))
                data.size = plan.start.entry_count
            steps.append(step)
        return steps


def _is_read_there(item: Source) -> bool:
    """Whether workers read the trajectories in the file of the source."""
    return (isinstance(item, SPTAsciiFile) and not item.streaming) or item.is_summed


def _is_wanted(planned: PlannedSource, stage: RegionStage, item: Source) -> bool:
    reason = None
    if item.roi.left_out:
        reason = "no file of regions beside it"
    elif stage.roi_expected and item.roi.effective_definition is None:
        reason = "no regions of interest"
    if reason is not None:
        planned.remarks.append(Remark(stage.name, "", "skipped", reason))
    return reason is None


def _failure(
    stage: RegionStage, region: str, error: Exception, labels: tuple[str, ...] = ()
) -> Remark:
    """Tell that a step cannot be done; of all regions, where `region` is empty."""
    message, where = explain(error)
    is_lost = isinstance(stage, Tessellate) or not region
    return Remark(stage.name, region, "failed", message, labels, where, is_lost)


def _task_of(number: int, data: Data, steps: Sequence[Step]) -> PlannedTask:
    task = {
        "source": number,
        "region": data.region.label,
        "box": data.region.bounds,
        "hash": data.hash,
        "steps": [step.as_plain() for step in steps],
    }
    return PlannedTask(task, data.size)
