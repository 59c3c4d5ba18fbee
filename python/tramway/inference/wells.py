"""Wells of a potential: where they are, how deep, how wide, and whether they are there at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

from .contrast import Contrasts, ContrastsOfRows, model_of_potential
from .maps import Maps


@checked
def find_wells(maps: Maps, *, persistence: float = 1.0) -> pd.DataFrame:
    """Find the wells of a map of the potential.

    A well is a minimum of V, with the basin that drains into it: from every cell of the basin, the
    way from neighbour to lowest neighbour ends there. A minimum that lies below its pass, the way
    over to a deeper one, by less than `persistence` standard deviations of that height is part of
    the deeper one's basin [1]_. The depth follows from how far the bottom, the lowest cell, lies
    below the mean of the surroundings, in proportion to the translocations that they hold: of the
    cells of the basin that are farther from all cells below half of the depth than these reach, the
    radius R of a disc (ball) of their area; a Gaussian well is 6 % of its depth there. Where the
    basin is not that wide, of those that are not beside one below half of the depth. Cells and
    surroundings do not show all of a well: of a Gaussian one, :math:`2^{-(r/R)^2}` deep at distance
    r from the mean place of those cells, weighted by how far they lie below half of the depth, this
    difference is some 90 %; the depth is that of the well that would show as much. Of a well with a
    flat bottom it would be all, of a pointed one less: the error bar has this correction, over √3,
    as if all from none to twice as much were alike.

    The standard deviation is that of the posterior, which is one over the maps of the prior: a
    well is the lowest place of one, and drawn towards what is flat more than others. What the
    priors draw the depth by is added in quadrature; it is not in the probability. To first order
    they would draw it by a share s; but they have drawn what is left by so much, and the whole
    draw is s / (1 - s) of it, with at most 0.95 for s.

    In equilibrium, where no track begins is part of what surrounds a well: ``cells`` and
    ``surroundings`` may then have cells without translocations, of which the maps have no row, and
    the mean over the surroundings is one over their area (volume).

    Some cell is the lowest of any map. With m cells and a bottom that lies z standard deviations of
    the posterior below the surroundings, the probability that the well is there is Φ(z)ᵐ, as if
    the cells were independent [2]_; they are not, so that it errs on the side of doubt.

    Parameters
    ----------
    maps
        Maps of the DV model that know their partition.
    persistence
        How many standard deviations a minimum must lie below its pass, ≥ 0.

    Returns
    -------
    DataFrame
        A row for each well, the deepest first: ``x``, ``y``, [``z``], the center of the cell at the
        bottom, µm; ``depth`` and ``depth std``, kT; ``probability`` that the well is there;
        ``area``, µm² (volume, µm³), of the cells around the bottom, below half of the depth;
        ``bottom``, ``cells`` and ``surroundings``, the numbers of the bottom, of those cells, and
        of the surroundings. Empty if no cell has a potential.

    Raises
    ------
    InvalidInputError
        If the maps are of another model, have no standard deviations, or `persistence` is negative.
    MissingResultError
        If they do not know their partition.

    References
    ----------
    .. [1] Edelsbrunner, Letscher & Zomorodian, Discrete Comput. Geom. 28, 511 (2002).
    .. [2] Šidák, J. Am. Stat. Assoc. 62, 626 (1967).

    Examples
    --------
    >>> find_wells(maps)[["x", "y"]].round(1).values.tolist()[0]
    [1.4, 1.5]
    """
    return wells_of(maps, persistence)[0]


def wells_of(
    maps: Maps, persistence: float
) -> tuple[pd.DataFrame, NDArray[np.float64], ContrastsOfRows]:
    """Find wells as :func:`find_wells`, and what other sums of the potential follow from.

    The whole draw of a well by the priors is so many times what is drawn to first order.
    """
    model_of_potential(maps)
    partition = maps.inferred_from()
    if not persistence >= 0:
        raise InvalidInputError(f"`persistence` is {persistence}, expected a number ≥ 0")
    graph = _Graph(maps, partition)
    basins = _basins(graph, persistence)
    space = SPACE_COLUMNS[: partition.tessellation.dim]
    columns = [
        *space, "depth", "depth std", "probability", "area", "bottom", "cells", "surroundings",
        "draw",
    ]  # fmt: skip
    table = pd.DataFrame(_rows(graph, basins), columns=columns)
    table = table.sort_values("depth", ascending=False, ignore_index=True)
    draws = table.pop("draw").to_numpy(dtype=np.float64)
    return table, draws, graph.contrasts


_MOST_ROUNDS = 50
_MOST_DRAWN = 0.95  # of a height, to first order: the whole draw is then 19 times what is left
_LEAST_SEEN = 0.5  # of a depth: less is for no well that is half as deep at its radius

_Pair: TypeAlias = tuple[Sequence[int] | NDArray[np.int64], int]
"""Rows of some cells, and of one below them."""


class _Graph:
    """The cells of a map of the potential, by row of its table, and their neighbours.

    In equilibrium, where no track begins V is high: cells without translocations, which have no row
    in the table, follow as further rows, and all cells weigh as much as their volume. To leave them
    out would be to measure heights from where tracks happen to be, which is too low.
    """

    def __init__(self, maps: Maps, partition: Partition) -> None:
        self.maps, self.partition = maps, partition
        mesh = partition.tessellation
        self.cells = maps.maps.index.to_numpy()
        self.potential = maps.maps["potential"].to_numpy(dtype=np.float64)
        self.counts = partition.location_count[self.cells].astype(np.float64)
        self.contrasts = ContrastsOfRows(maps, partition)
        of_fields = self.contrasts.of_fields
        if of_fields is not None and maps.attributes.get("equilibrium"):
            empty = np.setdiff1d(of_fields.told_cells, self.cells)
            above = np.zeros((len(empty), mesh.n_cells))
            above[np.arange(len(empty)), empty] = 1
            above[:, self.cells[0]] -= 1
            self.cells = np.concatenate([self.cells, empty])
            heights, _, _ = of_fields(above)
            self.potential = np.concatenate([self.potential, self.potential[0] + heights])
            self.counts = mesh.cell_volume[self.cells]
        self.volume = mesh.cell_volume[self.cells]
        row = np.full(mesh.n_cells, -1)
        row[self.cells] = np.arange(len(self.cells))
        starts = mesh.adjacency_starts
        self.neighbours = [
            near[near >= 0]
            for near in (row[mesh.adjacency[starts[c] : starts[c + 1]]] for c in self.cells)
        ]

    def mean(self, rows: NDArray[np.int64]) -> float:
        """Mean potential of some cells, in proportion to the translocations that they hold."""
        return float(self.shares(rows) @ self.potential[rows])

    def shares(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
        """Shares of cells in a mean; all alike where none holds a translocation any more."""
        counts = self.counts[rows]
        total = counts.sum()
        return np.asarray(counts / total if total else np.full(len(counts), 1 / len(counts)))

    def radius(self, rows: NDArray[np.int64]) -> float:
        """Radius of a disc (ball) as large as some cells."""
        dim = self.partition.tessellation.dim
        unit = math.pi if dim == 2 else 4 / 3 * math.pi
        return float((self.volume[rows].sum() / unit) ** (1 / dim))

    def heights(self, pairs: list[_Pair]) -> Contrasts:
        """How far the mean of some cells lies above another, with standard deviations.

        And how much further it would be without the draw of the priors.
        """
        weights = np.zeros((len(pairs), len(self.cells)))
        for row, (upper, lower) in zip(weights, pairs, strict=True):
            row[upper] = self.shares(upper)
            row[lower] -= 1
        of_fields = self.contrasts.of_fields
        if of_fields is None:
            found = self.contrasts(weights)
        else:
            of_cells = np.zeros((len(pairs), self.partition.tessellation.n_cells))
            of_cells[:, self.cells] = weights
            found = of_fields(of_cells)
        if np.isnan(found.deviations).any():
            raise InvalidInputError(
                "the potential has no standard deviations, because neither data nor priors decide "
                "some value: infer with priors above zero, or 'auto'"
            )
        return found


@dataclass(frozen=True)
class _Pass:
    """Where the basin of a minimum meets that of a deeper one."""

    minimum: int
    deeper: int
    at: int


def _basins(graph: _Graph, persistence: float) -> NDArray[np.int64]:
    """Row of the minimum that each cell drains into; -1 without potential."""
    drain, passes = _drains(graph)
    if passes:
        values, deviations, _ = graph.heights([([p.at], p.minimum) for p in passes])
        into = {
            p.minimum: p.deeper
            for p, value, std in zip(passes, values, deviations, strict=True)
            if value < persistence * std or value == 0
        }
        for cell in np.flatnonzero(drain >= 0):
            while drain[cell] in into:
                drain[cell] = into[drain[cell]]
    return drain


def _drains(graph: _Graph) -> tuple[NDArray[np.int64], list[_Pass]]:
    """Flood the map from below: minimum that each cell drains into, and passes between minima."""
    potential = graph.potential.tolist()  # single elements of lists are at hand, of arrays not
    drain = [-1] * len(potential)
    lake = [*range(len(potential))]  # minimum of the lake that a minimum has become part of
    passes = []

    def find(minimum: int) -> int:
        while lake[minimum] != minimum:
            lake[minimum] = minimum = lake[lake[minimum]]
        return minimum

    for cell in np.argsort(graph.potential, kind="stable").tolist():
        if math.isnan(potential[cell]):
            break
        flooded = [near for near in graph.neighbours[cell].tolist() if drain[near] >= 0]
        if not flooded:
            drain[cell] = cell
            continue
        drain[cell] = drain[min(flooded, key=potential.__getitem__)]
        lakes = sorted({find(drain[near]) for near in flooded}, key=lambda m: (potential[m], m))
        for shallower in lakes[1:]:
            passes.append(_Pass(shallower, lakes[0], cell))
            lake[shallower] = lakes[0]
    return np.array(drain, dtype=np.int64), passes


def _rows(graph: _Graph, basins: NDArray[np.int64]) -> list[list[object]]:
    """Rows of the table: of basins where some cell that holds any lies above the bottom."""
    found = []
    for bottom in np.unique(basins[basins >= 0]).tolist():
        basin = np.flatnonzero(basins == bottom)
        seen = basin[graph.counts[basin] > 0]
        if (graph.potential[seen] > graph.potential[bottom]).any():
            found.append((bottom, *_divided(graph, basin, bottom)))
    if not found:
        return []
    # All at once: each call of this factorizes the curvature.
    heights = graph.heights([(surroundings, bottom) for bottom, _, surroundings in found])
    mesh, numbers = graph.partition.tessellation, graph.cells
    count = np.isfinite(graph.potential).sum()
    return [
        [
            *mesh.cell_centers[numbers[bottom]],
            *_depth(height, std, drawn, _share_seen(graph, *well)),
            _probability(height, std, count),
            mesh.cell_volume[numbers[cells]].sum(), int(numbers[bottom]),
            tuple(numbers[cells].tolist()), tuple(numbers[surroundings].tolist()),
            _whole_draw(height, drawn),
        ]
        for well, height, std, drawn in zip(found, *heights, strict=True)
        for bottom, cells, surroundings in [well]
    ]  # fmt: skip


def _whole_draw(height: float, drawn: float) -> float:
    """How many times the whole draw of a height is what is drawn to first order."""
    if height <= 0:
        return 1.0
    return 1 / (1 - min(drawn / height, _MOST_DRAWN))


def _depth(height: float, std: float, drawn: float, seen: float) -> tuple[float, float]:
    """Depth of a well of which that share is seen as its height, and its error."""
    most = max(height, 0.0) * _MOST_DRAWN
    draw = min(drawn, most) * _whole_draw(height, drawn)
    of_shape = height * (1 / seen - 1) / math.sqrt(3)
    return height / seen, math.hypot(std / seen, draw / seen, of_shape)


def _share_seen(
    graph: _Graph, bottom: int, cells: NDArray[np.int64], surroundings: NDArray[np.int64]
) -> float:
    """How much of the depth of a Gaussian well of such a size shows between bottom and around it.

    It is half of the depth at the radius of the cells below that.
    """
    at = graph.partition.tessellation.cell_centers[graph.cells]
    half = (graph.mean(surroundings) + graph.potential[bottom]) / 2
    below = graph.volume[cells] * (half - graph.potential[cells])
    center = np.average(at[cells], axis=0, weights=below if below.sum() > 0 else None)
    squares = ((at - center) ** 2).sum(axis=1) / graph.radius(cells) ** 2
    level = np.exp2(-squares)
    around = graph.shares(surroundings) @ level[surroundings]
    return max(float(level[bottom] - around), _LEAST_SEEN)


def _probability(depth: float, std: float, count: int) -> float:
    """Probability that the lowest of so many cells is lower than its surroundings."""
    if std == 0 or depth <= 0:
        return 0.0
    return math.exp(count * math.log1p(-0.5 * math.erfc(depth / std / math.sqrt(2))))


def _divided(
    graph: _Graph, basin: NDArray[np.int64], bottom: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cells around the bottom of a well, below half of its depth, and what surrounds them.

    Both are of its basin; the latter is away from all that is so low. The one follows from the
    other: start from the mean over the basin, by volume, since most translocations of a deep well
    are in it, until nothing changes.
    """
    potential, volume = graph.potential, graph.volume
    outside = basin[basin != bottom]
    flat = float(np.average(potential[outside], weights=volume[outside]))
    cells = np.empty(0, dtype=np.int64)
    for _ in range(_MOST_ROUNDS):
        within = basin[potential[basin] <= (potential[bottom] + flat) / 2]
        if np.array_equal(within, cells):
            break
        cells, surroundings = within, _around(graph, within, np.setdiff1d(basin, within))
        flat = graph.mean(surroundings)
    return _connected(graph, cells, bottom), surroundings


def _connected(graph: _Graph, cells: NDArray[np.int64], bottom: int) -> NDArray[np.int64]:
    """Those of some cells that are neighbours of the bottom, of these, and so on."""
    there, found = {*cells.tolist()}, {bottom}
    reached = [bottom]
    while reached:
        beside = {near for cell in reached for near in graph.neighbours[cell].tolist()}
        reached = list((beside & there) - found)
        found.update(reached)
    return np.array(sorted(found), dtype=np.int64)


def _around(
    graph: _Graph, within: NDArray[np.int64], outside: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Of the cells outside of a well, those that are far enough from it to tell where V is flat."""
    from scipy.spatial import KDTree

    mesh, numbers = graph.partition.tessellation, graph.cells
    beside = np.concatenate([graph.neighbours[cell] for cell in within])
    not_beside = np.setdiff1d(outside, beside)
    tree = KDTree(mesh.cell_centers[numbers[within]])
    distance, _ = tree.query(mesh.cell_centers[numbers[not_beside]])
    for chosen in (not_beside[distance > graph.radius(within)], not_beside):
        if graph.counts[chosen].any():
            return chosen
    return outside
