"""What samplings and maps are made from, and whether they are there already."""

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway.analyzer.region import bounds_of, has_polygon, region_facts
from tramway.analyzer.source import Source, SPTAsciiFile
from tramway.analyzer.source.settings import Imaging
from tramway.data import Area
from tramway.files import Analysis, Parameters, Record, content_hash
from tramway.files.rwa import is_intact
from tramway.inference import Maps, Status
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from tramway.analyzer import RWAnalyzer

# Parameters that change how long the inference takes, never what it finds. Maps that a time limit
# cut short are not taken for finished; those that it did not are the same under any limit.
_WITHOUT_INFLUENCE = {"max_runtime", "verbose", "worker_count"}


def is_there(tree: Analysis, label: str, record: Record) -> bool:
    """Whether a child of that label, that can be read, was made with the same parameters and data.

    What is damaged in the file is left out of the tree, with a warning.
    """
    return label in tree and tree[label].record == record and is_intact(tree[label])


_TRACKS = "tracks"
"""Name, in the records of maps, of the hash of the whole tracks that they were made from."""


def has_finished_maps(
    sampling: Analysis, label: str, record: Record, *, of_any_tracks: bool = False
) -> bool:
    """Whether maps are there, made with the same parameters, and not cut short by a time limit.

    With `of_any_tracks`, whatever the whole tracks were that they were made from.
    """
    found = sampling[label].record if label in sampling else None
    if of_any_tracks and found is not None and _TRACKS in found.parameters:
        record = Record({**record.parameters, _TRACKS: found.parameters[_TRACKS]}, record.input)
    return is_there(sampling, label, record) and _resolution(sampling[label]) != Status.MAX_TIME


def _resolution(maps: Analysis) -> Any:
    """How an inference ended; maps that were not read before are not read now."""
    if maps.is_unread and maps.stored is not None:
        return maps.stored.verify("resolution")
    return maps.data.attributes.get("resolution") if isinstance(maps.data, Maps) else None


class Provenance:
    """What samplings and maps are made from, by the settings of an analyzer.

    Parameters
    ----------
    analyzer
        The analyzer; its settings stay as they are as long as this is used.
    """

    def __init__(self, analyzer: "RWAnalyzer") -> None:
        self.analyzer = analyzer
        self._imaging: dict[Source, Imaging] = {}
        self._of_samplings = lru_cache(self._parameters_of_samplings)
        self._of_maps: dict[Imaging, Parameters] = {}

    def sampling_record(
        self, region: str, areas: Sequence[Area], min_msd: float | None, digest: str
    ) -> Record:
        """Tell what determines a sampling: the cells, the region, and what is in it."""
        described = (
            region_facts(region, areas)
            if has_polygon(areas)
            else {"label": region, "bounding_box": bounds_of(areas)}
        )
        return self._of_samplings(min_msd).record(digest, {"region": described})

    def _parameters_of_samplings(self, min_msd: float | None) -> Parameters:
        """Parameters that samplings of all regions of a source have in common."""
        analyzer = self.analyzer
        names = ["tesseller", "sampler", *(["time"] if analyzer.time.initialized else [])]
        plugins = {name: getattr(analyzer, name).identity() for name in names}
        return Parameters({**plugins, "discarded_below": min_msd})

    @cached_property
    def takes_tracks(self) -> bool:
        """Whether maps are made of whole tracks."""
        return self.analyzer.mapper.takes_tracks

    def imaging(self, item: Source) -> Imaging:
        """Tell what the inference is told of a source."""
        if item not in self._imaging:
            self._imaging[item] = item.imaging
        return self._imaging[item]

    def map_record(self, item: Source, sampling: Record, tracks: str | None = None) -> Record:
        """Tell what determines maps: the model, its parameters, the sampling, and whole tracks."""
        imaging = self.imaging(item)
        if imaging not in self._of_maps:
            identity = self.analyzer.mapper.identity().items()
            decisive = {name: value for name, value in identity if name not in _WITHOUT_INFLUENCE}
            self._of_maps[imaging] = Parameters({"mapper": decisive, **imaging._asdict()})
        more = None if tracks is None else {_TRACKS: tracks}
        return self._of_maps[imaging].record(sampling.hash, more)


def source_hash(item: Source) -> str:
    """Hash of the file that a source is read from; empty if its analyses are in that file, too."""
    if not isinstance(item, SPTAsciiFile):
        return ""
    with Path(item.source).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_of(partition: Partition) -> Record:
    """Describe a sampling that was made by hand, or by the original, by its contents."""
    cells = partition.tessellation
    return Record(
        {},
        content_hash(
            partition.points,
            *([] if partition.point_index is None else [partition.point_index]),
            partition.in_active_cells().cells,
            cells.cell_centers,
            cells.adjacency_starts,
            cells.adjacency,
            cells.cell_volume,
        ),
    )
