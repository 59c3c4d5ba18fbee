"""The analysis that benches of planning and of a study have in common: square regions in a row."""

from pathlib import Path

from tramway.analyzer import RWAnalyzer, stages, tessellers

SIDE = 3.0
"""Of a region, µm; the next one begins a third of it further."""


def left_of(number: int) -> float:
    """Where a region begins along x, µm; all begin at 0 along y."""
    return number * 4 * SIDE / 3


def octagon(left: float) -> list[tuple[float, float]]:
    """Corners of a region whose own corners are cut off."""
    cut = SIDE / (2 + 2**0.5)
    along = [cut, SIDE - cut, SIDE, SIDE, SIDE - cut, cut, 0.0, 0.0]
    return [(left + along[k], along[k - 2]) for k in range(8)]


def declared(folder: Path, regions: int, *, octagons: bool = False) -> RWAnalyzer:
    """Declare the maps of DV of so many regions in each table of a folder, about 200 cells each."""
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.txt"))
    a.spt_data.localization_precision = 0.02
    lefts = map(left_of, range(regions))
    if octagons:
        a.roi.from_polygons([octagon(left) for left in lefts])
    else:
        a.roi.from_bounding_boxes([[(left, 0.0), (left + SIDE, SIDE)] for left in lefts])
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = 0.22
    a.mapper.from_plugin("stochastic.dv")
    a.mapper.diffusivity_prior = 20.0
    a.mapper.potential_prior = 1.0
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer())
    return a
