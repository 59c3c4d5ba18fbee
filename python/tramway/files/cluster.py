"""InferenceMAP's zones with their translocations, ``.cluster`` files.

El Beheiry, Dahan & Masson, *InferenceMAP*, Nat. Methods 12, 594 (2015). Lengths are in µm, times in
s, forces in kT/µm, potentials in kT.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway import _core
from tramway.errors import FileFormatError, InvalidInputError
from tramway.tessellation import Partition, Tessellation

from .atomic_write import replace_file
from .numbered_lines import NumberedLines

_SIDES = ("LEFT", "RIGHT", "TOP", "BOTTOM")


@dataclass(eq=False)
class Zones(Tessellation):
    """Cells of InferenceMAP, of which centers, neighbours and areas are known, not the outlines."""

    def polygons(self) -> list[NDArray[np.float64]]:
        """Voronoi cells of the centers, within the box around them, as outlines, µm."""
        lower, upper = self.cell_centers.min(axis=0), self.cell_centers.max(axis=0)
        margin = np.sqrt(np.median(self.cell_volume)) / 2
        (left, bottom), (right, top) = lower - margin, upper + margin
        box = np.array([(left, bottom), (right, bottom), (right, top), (left, top)])
        corners, starts = _core.voronoi_outlines(np.ascontiguousarray(self.cell_centers), box)
        return np.split(corners, starts[1:-1])


@dataclass
class _Zone:
    """What a file says of one zone."""

    numbers: dict[str, float]
    neighbours: set[int]
    steps: list[tuple[float, float, float]]


def read_cluster(path: str | os.PathLike[str]) -> Partition:
    """Read a ``.cluster`` file.

    Parameters
    ----------
    path
        The file; ``~`` is the home directory.

    Returns
    -------
    Partition
        Cells in the order of the file; they are neighbours if either zone says so. Translocations
        have their displacement and lag; where they begin is not in the file: ``x y`` are the center
        of their zone, ``t`` is zero, and each has an ``n`` of its own.

    Raises
    ------
    FileFormatError
        If it is no such file, or ends early, with the line.
    """
    path = Path(path).expanduser()
    zones: dict[int, _Zone] = {}
    for place, number, zone in _zones(path):
        if number in zones:
            raise FileFormatError(f"{path}, {place}: zone {number} a second time")
        zones[number] = zone
    if not zones:
        raise FileFormatError(f"{path}: no zone, expected lines 'ZONE: 1' and so on")
    rank = {number: cell for cell, number in enumerate(zones)}
    pairs = set()
    for number, zone in zones.items():
        for other in zone.neighbours - {number}:
            if other not in rank:
                raise FileFormatError(f"{path}: zone {number} has a neighbour {other}, not there")
            pairs |= {(rank[number], rank[other]), (rank[other], rank[number])}
    return _partition(list(zones.values()), np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2))


def _partition(zones: list[_Zone], pairs: NDArray[np.int64]) -> Partition:
    centers = np.array([(zone.numbers["X-CENTRE"], zone.numbers["Y-CENTRE"]) for zone in zones])
    starts = np.searchsorted(pairs[:, 0], np.arange(len(zones) + 1)).astype(np.int64)
    areas = np.array([zone.numbers["AREA"] for zone in zones])
    cells = Zones(centers, starts, np.ascontiguousarray(pairs[:, 1]), areas)
    counts = [len(zone.steps) for zone in zones]
    index = np.repeat(np.arange(len(zones), dtype=np.int64), counts)
    steps = np.array([step for zone in zones for step in zone.steps]).reshape(-1, 3)
    points = pd.DataFrame(
        {
            "n": np.arange(len(steps), dtype=np.int64),
            "x": centers[index, 0],
            "y": centers[index, 1],
            "t": np.zeros(len(steps)),
            "dx": steps[:, 0],
            "dy": steps[:, 1],
            "dt": steps[:, 2],
        }
    )
    return Partition(points, cells, index, {"method": "inferencemap"})


def _zones(path: Path) -> Iterator[tuple[str, int, _Zone]]:
    """Zones of a file, each with the line that it begins at."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = NumberedLines(file, path)
            while (line := lines.next()) is not None:
                place = lines.place
                number = int(lines.value(line, "ZONE"))
                yield place, number, _zone(lines, number)
    except UnicodeDecodeError:
        raise FileFormatError(f"{path} is no text, expected a .cluster file") from None


def _zone(lines: "NumberedLines", number: int) -> _Zone:
    count = int(lines.value(lines.required(), "NUMBER_OF_TRANSLOCATIONS"))
    numbers = {
        name: lines.value(lines.required(), name)
        for name in ("X-CENTRE", "Y-CENTRE", "AREA", "AREA_CONVHULL")
    }
    if not (np.isfinite(list(numbers.values())).all() and numbers["AREA"] > 0 and count >= 0):
        raise lines.error(f"zone {number} has an area, a center or a count that is none")
    neighbours: set[int] = set()
    for side in _SIDES:
        expected = int(lines.value(lines.required(), f"NUMBER_OF_{side}_NEIGHBOURS"))
        if expected > 0:
            listed = lines.values(lines.required(), f"{side}_NEIGHBOURS")
            if len(listed) != expected:
                raise lines.error(f"{len(listed)} neighbours, expected {expected}")
            neighbours |= {int(other) for other in listed}
    if lines.required().split() != ["DX", "DY", "DT"]:
        raise lines.error("expected the line DX DY DT")
    steps = []
    for _ in range(count):
        step = lines.numbers(lines.required())
        if len(step) != 3 or not np.isfinite(step).all() or step[2] <= 0:
            raise lines.error("expected three finite numbers DX DY DT, the last above zero")
        steps.append((step[0], step[1], step[2]))
    return _Zone(numbers, neighbours, steps)


def write_cluster(path: str | os.PathLike[str], partition: Partition) -> None:
    """Write the cells that hold translocations as a ``.cluster`` file.

    Zones are numbered from 1 in the order of the cells. A neighbour is to the side that its center
    lies at, along the axis in which it is farther. The area of the convex hull is given as that of
    the cell.

    Parameters
    ----------
    path
        The file, made or replaced at once.
    partition
        Translocations assigned to cells, in two dimensions.

    Raises
    ------
    InvalidInputError
        If there are three dimensions, or no translocation is in a cell.
    """
    cells = partition.tessellation
    if cells.dim != 2:
        raise InvalidInputError("`partition` has three dimensions, InferenceMAP's files have two")
    rows, filed = partition.rows, partition.cells
    rows, filed = rows[filed >= 0], filed[filed >= 0]
    if not filed.size:
        raise InvalidInputError("`partition` has no translocation in any cell")
    steps = partition.points[["dx", "dy", "dt"]].to_numpy(np.float64)
    used = np.unique(filed)
    zone_of = {cell: zone for zone, cell in enumerate(used.tolist(), start=1)}
    order = np.argsort(filed, kind="stable")
    of_cell = np.split(rows[order], np.searchsorted(filed[order], used[1:]))
    lines = []
    for cell, mine in zip(used.tolist(), of_cell, strict=True):
        x, y = cells.cell_centers[cell].tolist()
        area = float(cells.cell_volume[cell])
        lines += [
            f"ZONE: {zone_of[cell]}",
            f"NUMBER_OF_TRANSLOCATIONS: {len(mine)}",
            f"X-CENTRE: {x!r}",
            f"Y-CENTRE: {y!r}",
            f"AREA: {area!r}",
            f"AREA_CONVHULL: {area!r}",
        ]
        for side, others in _by_side(cells, cell).items():
            zones = [str(zone_of[other]) for other in others if other in zone_of]
            lines.append(f"NUMBER_OF_{side}_NEIGHBOURS: {len(zones)}")
            if zones:
                lines.append(f"{side}_NEIGHBOURS: " + "\t".join(zones) + "\t")
        lines.append("DX\tDY\tDT")
        lines += ["\t".join(map(repr, step)) for step in steps[mine].tolist()]
        lines += ["", ""]
    replace_file(Path(path).expanduser(), "\n".join(lines).encode())


def _by_side(cells: Tessellation, cell: int) -> dict[str, list[int]]:
    """Neighbours of a cell to its left, right, top and bottom."""
    begin, end = cells.adjacency_starts[cell : cell + 2]
    sides: dict[str, list[int]] = {side: [] for side in _SIDES}
    for other in cells.adjacency[begin:end].tolist():
        dx, dy = cells.cell_centers[other] - cells.cell_centers[cell]
        horizontal = "LEFT" if dx < 0 else "RIGHT"
        vertical = "BOTTOM" if dy < 0 else "TOP"
        sides[horizontal if abs(dx) >= abs(dy) else vertical].append(other)
    return sides
