"""What is to be done in a run: which steps of which regions, written down as tasks."""

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.analyzer.region import Region
from tramway.analyzer.source import Source, SPTAsciiFile
from tramway.analyzer.stages import RegionStage, Tessellate, name_of
from tramway.data import Croppable
from tramway.files import Record, encode_artefact, failures_of
from tramway.files.rwa import held_open
from tramway.runs import NewRun, RunDirectory, TaskRecord, inherit, remove_others, unended

from .book import Book
from .data import Data
from .explanation import explain
from .job import Description
from .records import Provenance, source_hash
from .steps import CallStep, GatherStep, InferStep, SaveStep, Step, plan_of, target_of
from .worker import messages

if TYPE_CHECKING:
    from tramway.analyzer.analyzer import RWAnalyzer


MOST_SOURCES_KEPT = 32
"""With more sources than this, what is in files is not kept in memory as well."""


class Planner:
    """Plans tasks: one for each region in which something is left to do.

    Parameters
    ----------
    analyzer
        Whose data, settings and results decide.
    book
        What need not, or cannot, be done is entered there.
    workers_save
        Whether workers save what was made of a source.

    Attributes
    ----------
    called
        Sources for which an earlier run has called a function, by number: once is enough.
    """

    def __init__(self, analyzer: "RWAnalyzer", book: Book, *, workers_save: bool) -> None:
        self._analyzer = analyzer
        self._workers_save = workers_save
        self._book = book
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
        left: Counter[int] = Counter()
        with NewRun(path) as new:
            tables, files = {}, []
            for number, item in enumerate(self._analyzer.spt_data):
                count, was_loaded = new.task_count, item.is_loaded
                by_region = [stage for stage in stages if isinstance(stage, RegionStage)]
                is_read = True
                if by_region:
                    is_read = self._plan(new, number, item, by_region)
                elif number not in self.called:
                    self._plan_call(new, number, item, name_of(stages[0]))
                left[number] = new.task_count - count
                is_text = isinstance(item, SPTAsciiFile) and not item.streaming
                is_read_there = is_text or item.is_summed
                # A tree that somebody has looked at may have more in it than its file.
                is_saved_there = self._workers_save and is_read_there and not was_loaded
                if is_saved_there and by_region and left[number]:
                    left[number] += self._plan_save(new, number, item)
                if not (left[number] and is_read):
                    pass  # nobody reads them
                elif is_read_there:
                    files.append(str(Path(item.source).absolute()))
                else:
                    tables[number] = asdict(new.add_input(encode_artefact(item.trajectories_of())))
                if len(self._analyzer.spt_data) > MOST_SOURCES_KEPT and not was_loaded:
                    item.release()
            more = {
                "tables": tables,
                "files": files,
                "sbatch_options": dict(sbatch_options),
                "time_limit": self._analyzer.env.time_limit,
            }
            run = new.finish({**description.content, **more}, description.pickled_callables())
            inherit(run, unended(earlier))
            remove_others(path, run)
            self.called.clear()
        if self._without_precision:
            self._book.note(
                "the localization precision is not set, 0 is used, and the diffusivity is too high "
                f"by about its square over the lag: {', '.join(self._without_precision)}"
            )
        return run, left

    def _plan(self, new: NewRun, number: int, item: Source, stages: Sequence[RegionStage]) -> bool:
        """Tasks of one source; those that need not, or cannot, be done are recorded at once.

        Returns whether they need its trajectories.
        """
        wanted = [stage for stage in stages if self._is_wanted(stage, item)]
        if not wanted or (item.source, "") in self._book.without_result:
            return False
        tessellates = any(isinstance(stage, Tessellate) for stage in wanted)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                # A file that cannot be read fails the source as a whole.
                before = failures_of(item.analyses)
                self._book.failed |= {(item.source, failure.labels) for failure in before}
                regions = list(item.roi.as_support_regions())  # list(item.roi) makes them twice
                if not tessellates:
                    table = self._tracks(item, regions)
                else:
                    table = None if item.is_summed else item.trajectories_of(regions)
                trajectories = None if table is None else Croppable(table)
                if tessellates and trajectories is not None:
                    trajectories.look_at(region.areas for region in regions)
            except Exception as error:  # noqa: BLE001
                self._book.fail(wanted[0], item, "", error)
                regions, trajectories = [], None
            provenance = Provenance(self._analyzer)
            infers = False
            with held_open(item.analyses) if regions else nullcontext():
                for region in regions:
                    if (item.source, region.label) not in self._book.without_result:
                        data = Data(item, region, trajectories)
                        steps = self._plan_region(new, number, data, wanted, provenance)
                        infers |= any(isinstance(step, InferStep) for step in steps)
            if infers and item.localization_precision is None:
                self._without_precision[item.source] = None
        for message in messages(caught):
            self._book.note(f"{item.source}: {message}")
        return trajectories is not None or (tessellates and item.is_summed)

    def _tracks(self, item: Source, regions: Sequence[Region]) -> pd.DataFrame | None:
        """Trajectories to see whole tracks in, where samplings are there, perhaps alone."""
        if not self._analyzer.mapper.takes_tracks or not any(region.areas for region in regions):
            return None
        table = item.known_trajectories(regions)
        if table is None:
            self._book.note(
                f"{item.source} cannot be read: tracks end where they leave a region, and begin "
                "where they come in"
            )
        return table

    def _plan_call(self, new: NewRun, number: int, item: Source, name: str) -> None:
        """Task of one source: to call the function of the run."""
        try:
            start, of = new.add_input(encode_artefact(item.analyses)), source_hash(item)
        except Exception as error:  # noqa: BLE001
            self._book.record(
                TaskRecord(name, item.source, "", "failed", message=explain(error)[0])
            )
            return
        step = CallStep(name=name, sampling="", input=asdict(start), of=of)
        new.add_task({"source": number, "region": "", "steps": [step.as_plain()]}, start.length)

    def _plan_save(self, new: NewRun, number: int, item: Source) -> int:
        """Task of one source, due when all others of it are over; return how many it is."""
        assert item.filepath is not None
        steps = [step.as_plain() for step in (GatherStep(), SaveStep(datafile=item.filepath))]
        new.add_task({"source": number, "region": "", "steps": steps}, 0, closes=True)
        item.forget_tree()
        return 1

    def _is_wanted(self, stage: RegionStage, item: Source) -> bool:
        reason = None
        if item.roi.left_out:
            reason = "no file of regions beside it"
        elif stage.roi_expected and item.roi.effective_definition is None:
            reason = "no regions of interest"
        if reason is not None:
            self._book.skip(stage.name, item, "", reason)
        return reason is None

    def _plan_region(
        self,
        new: NewRun,
        number: int,
        data: Data,
        stages: Sequence[RegionStage],
        provenance: Provenance,
    ) -> list[Step]:
        """Task of one region: the steps that are left to do."""
        item, region = data.item, data.region
        planned: dict[str, Record] = {}
        steps: list[Step] = []
        for stage in stages:
            labels: tuple[str, ...] = ()
            try:
                labels = target_of(stage, self._analyzer, region.label)
                plan = plan_of(stage, labels, provenance, data, planned)
            except Exception as error:  # noqa: BLE001
                self._book.fail(stage, item, region.label, error, labels)
                if isinstance(stage, Tessellate):
                    break
                continue
            if plan.step is None:
                self._book.skip(stage.name, item, region.label, plan.message, labels)
                continue
            step = plan.step
            if plan.start is not None:
                step = replace(step, input=asdict(new.add_input(encode_artefact(plan.start))))
                data.size = plan.start.entry_count
            steps.append(step)
        if steps:
            task = {
                "source": number,
                "region": region.label,
                "box": data.bounds,
                "hash": data.hash,
                "steps": [step.as_plain() for step in steps],
            }
            new.add_task(task, data.size)
        return steps
