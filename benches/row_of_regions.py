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


def halves(left: float) -> list[list[tuple[float, float]]]:
    """Corners of two polygons that overlap, a region together."""
    right, low, high = left + SIDE, SIDE / 3, 2 * SIDE / 3
    return [
        [(left, bottom), (right, bottom), (right, top), (left, top)]
        for bottom, top in ((0.0, high), (low, SIDE))
    ]


def declared(folder: Path, regions: int, kind: str = "boxes") -> RWAnalyzer:
    """Declare the maps of DV of so many regions in each table of a folder, about 200 cells each.

    Regions are ``boxes``, ``octagons``, or ``unions`` of two polygons.
    """
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.txt"))
    a.spt_data.localization_precision = 0.02
    lefts = map(left_of, range(regions))
    if kind == "octagons":
        a.roi.from_polygons([octagon(left) for left in lefts])
    elif kind == "unions":
        both = [half for left in lefts for half in halves(left)]
        a.roi.from_polygons(both, group_overlapping_roi=True)
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
