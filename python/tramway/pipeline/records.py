"""What samplings and maps are made from, and whether they are there already."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from tramway.analyzer.region import Bounds, areas_of, region_facts
from tramway.analyzer.source import Source, SPTAsciiFile
from tramway.data import Polygon
from tramway.files import Analysis, Record, content_hash
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


def has_finished_maps(sampling: Analysis, label: str, record: Record) -> bool:
    """Whether maps are there, made with the same parameters, and not cut short by a time limit."""
    if not is_there(sampling, label, record):
        return False
    maps = sampling[label].data
    return isinstance(maps, Maps) and maps.attributes.get("resolution") != Status.MAX_TIME


def sampling_record(
    analyzer: "RWAnalyzer",
    region: str,
    bounds: Bounds,
    min_msd: float | None,
    digest: str,
) -> Record:
    """Tell what determines a sampling: the cells, the region, and what is in it."""
    areas = areas_of(bounds)
    has_polygon = any(isinstance(area, Polygon) for area in areas)
    parameters = {
        "tesseller": {"plugin": analyzer.tesseller.plugin, **analyzer.tesseller.parameters},
        "sampler": {"plugin": analyzer.sampler.plugin, **analyzer.sampler.parameters},
        "region": region_facts(region, areas)
        if has_polygon
        else {"label": region, "bounding_box": bounds},
        "discarded_below": min_msd,
    }
    if analyzer.time.initialized:
        parameters["time"] = {"plugin": analyzer.time.plugin, **analyzer.time.parameters}
    return Record(parameters, digest)


def map_record(analyzer: "RWAnalyzer", item: Source, sampling: Record) -> Record:
    """Tell what determines maps: the model, its parameters, and the sampling."""
    identity = {
        name: value
        for name, value in analyzer.mapper.identity().items()
        if name not in _WITHOUT_INFLUENCE
    }
    return Record(
        {
            "mapper": identity,
            **item.imaging._asdict(),
        },
        sampling.hash,
    )


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
