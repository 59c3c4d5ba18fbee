"""The step that makes the maps of a sampling."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.analyzer.region import areas_of
from tramway.analyzer.source import Source
from tramway.analyzer.stages import Infer
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, Record
from tramway.files.rwa import is_intact
from tramway.inference import Maps
from tramway.pipeline.data import Data
from tramway.pipeline.records import Provenance, has_finished_maps, record_of
from tramway.runs import Task
from tramway.tessellation import Partition

from .step import Plan, RegionStep, check_data, hash_at

if TYPE_CHECKING:
    from tramway.pipeline.worker import Worker


@dataclass(frozen=True, kw_only=True)
class InferStep(RegionStep):
    """Infer the maps of a sampling.

    Attributes
    ----------
    maps
        Label of the maps.
    localization_precision, exposure_time
        See :class:`tramway.analyzer.source.Imaging`.
    tracks
        Hash of the whole tracks that have translocations in the region, for a model that takes
        them; None: there are those of the sampling alone.
    """

    kind = "infer"

    maps: str
    localization_precision: float | str
    exposure_time: float
    tracks: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the sampling and of the maps."""
        return self.sampling, self.maps

    @classmethod
    def plan(
        cls,
        stage: Infer,
        target: tuple[str, ...],
        provenance: Provenance,
        data: Data,
        planned: dict[str, Record],
    ) -> Plan:
        """Make the maps, unless they are there."""
        item, tree = data.item, data.item.analyses
        sampling_label, label = target
        tracks = data.digest_of_tracks() if provenance.takes_tracks else None
        replaced = hash_at(tree, target)  # before what is damaged is left out of the tree
        imaging = provenance.imaging(item)

        def step_for(record: Record) -> InferStep:
            return cls(
                sampling=sampling_label,
                maps=label,
                tracks=tracks,
                of=record.hash,
                replaces=replaced,
                localization_precision=imaging.localization_precision,
                exposure_time=imaging.exposure_time,
            )

        node = tree.get_child(sampling_label) if sampling_label in tree else None
        record = planned.get(sampling_label)
        is_made_anew = record is not None and (node is None or node.record != record)
        if record is not None and is_made_anew:
            maps = provenance.map_record(item, record, tracks)
            return Plan(step_for(maps))
        if node is not None and record is None and not is_intact(node):
            node = None  # nobody has looked at it before
        if node is None:
            raise MissingResultError(
                f"there is no sampling {sampling_label!r}: run stages.tessellate() first; there "
                f"are {', '.join(map(repr, tree)) or 'none'}"
            )
        maps = provenance.map_record(item, node.record or record_of(_sampling_of(node)), tracks)
        are_unknown = data.trajectories is None
        if not stage.overwrite and has_finished_maps(node, label, maps, of_any_tracks=are_unknown):
            return Plan(None, message=f"maps {label!r} are up to date")
        return Plan(step_for(maps), start=_sampling_of(node))

    def do(
        self, worker: "Worker", task: Task, samplings: dict[str, Partition]
    ) -> tuple[Maps, list[str]]:
        """Make the maps."""
        if self.input is not None:
            samplings[self.sampling] = worker.artefact(self.input)
        partition = samplings[self.sampling]
        if self.tracks is not None:
            trajectories = worker.trajectories(task["source"])
            areas = areas_of(task["box"])
            check_data(trajectories.digest_of_tracks(areas), self.tracks)
            columns = trajectories.columns_of_tracks(areas)
            partition = replace(partition, find_trajectories=lambda: pd.DataFrame(columns))
        maps = worker.mapper.infer(partition, self.localization_precision, self.exposure_time)
        return maps, []

    def store(self, provenance: Provenance, item: Source, task: Task, made: Any) -> None:
        """Put the maps below their sampling, with their record."""
        sampling = item.analyses[self.sampling]
        of = sampling.record or record_of(sampling.data)
        record = provenance.map_record(item, of, self.tracks)
        self._check(record.hash, f"the sampling {self.sampling!r}")
        sampling.add(made, self.maps, record=record)


def _sampling_of(node: Analysis) -> Partition:
    """Give the sampling of a node, which is read now if it was not before."""
    if not isinstance(node.data, Partition):
        raise InvalidInputError(
            f"{node.label!r} is a {type(node.data).__name__}, expected a sampling"
        )
    return node.data
