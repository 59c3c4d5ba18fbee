"""The step that makes the sampling of a region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tramway.analyzer.region import areas_of, region_facts
from tramway.analyzer.sampler import sample
from tramway.analyzer.source import Source, StreamedFile
from tramway.analyzer.stages import Tessellate
from tramway.analyzer.summed_sampling import check_summable, sample_blocks
from tramway.analyzer.tesseller import displaced
from tramway.data import Area, discard_static
from tramway.files import Record
from tramway.pipeline.data import Data, digest_of
from tramway.pipeline.records import Provenance, is_there
from tramway.runs import Task
from tramway.tessellation import Partition

from .step import Plan, RegionStep, check_data, hash_at

if TYPE_CHECKING:
    from tramway.pipeline.worker import Worker


@dataclass(frozen=True, kw_only=True)
class TessellateStep(RegionStep):
    """Cut a region into cells and assign its translocations to them.

    Attributes
    ----------
    discarded_below
        Mean squared displacement, µm², below which translocations are left out; None: none are.
    is_summed
        Whether the source is streamed as a whole, into sums over cells.
    """

    kind = "tessellate"
    makes_sampling = True

    discarded_below: float | None
    is_summed: bool = False

    @classmethod
    def plan(
        cls,
        stage: Tessellate,
        target: tuple[str, ...],
        provenance: Provenance,
        data: Data,
        planned: dict[str, Record],
    ) -> Plan:
        """Make the sampling, unless it is there."""
        item, region, tree = data.item, data.region, data.item.analyses
        is_summed = data.trajectories is None
        if is_summed:
            analyzer = provenance.analyzer
            check_summable(analyzer.tesseller, analyzer.time, analyzer.sampler)
        (label,) = target
        min_msd = item.static_threshold if stage.discard_static_trajectories else None
        record = provenance.sampling_record(region.label, region.areas, min_msd, data.digest())
        planned[label] = record
        replaced = hash_at(tree, target)  # before what is damaged is left out of the tree
        if is_there(tree, label, record):
            return Plan(None, message=f"sampling {label!r} is up to date")
        step = cls(
            sampling=label,
            discarded_below=min_msd,
            is_summed=is_summed,
            of=record.hash,
            replaces=replaced,
        )
        return Plan(step)

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Partition]
    ) -> tuple[Partition, list[str]]:
        """Make the sampling; say how many translocations were discarded."""
        areas = areas_of(task["box"])
        if self.is_summed:
            partition, notes = self._sum(worker, task)
        else:
            partition, notes = self._sample(worker, task, areas)
        partition.param["roi"] = region_facts(task["region"], areas)
        samplings[self.sampling] = partition
        return partition, notes

    def _sum(self, worker: "Worker", task: Task) -> tuple[Partition, list[str]]:
        item = worker.source(task["source"])
        assert isinstance(item, StreamedFile)
        check_data(item.file_hash(), task["hash"])
        summed, left_out = sample_blocks(
            item.track_blocks, worker.tesseller, worker.time, worker.sampler, self.discarded_below
        )
        return summed, [f"{left_out} translocations discarded: static"] if left_out else []

    def _sample(
        self, worker: "Worker", task: Task, areas: Sequence[Area]
    ) -> tuple[Partition, list[str]]:
        trajectories = worker.trajectories(task["source"])
        check_data(digest_of(trajectories, areas), task["hash"])
        points = trajectories.translocations(areas)
        notes = []
        if self.discarded_below is not None:
            kept = discard_static(points, self.discarded_below)
            before, after = len(displaced(points)), len(displaced(kept))
            notes.append(f"{before - after} of {before} translocations discarded: static")
            points = kept
        return sample(points, worker.tesseller, worker.time, worker.sampler), notes

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Put the sampling below the root, with its record."""
        record = provenance.sampling_record(
            task["region"], areas_of(task["box"]), self.discarded_below, task["hash"]
        )
        self._check(record.hash, "the analysis")
        item.analyses.add(made, self.sampling, record=record)
