"""Domains that trap molecules: wells with a boundary, a size, and how long molecules stay."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, Tessellation, TimeSegments, outlines_of
from tramway.units import DEVIATION

from .contrast import ContrastsOfRows, model_of_potential
from .counted_residence import counted_residence, tracks_in
from .first_passage import Passage, interpolation, lattice_in
from .localization_precision import noise_of
from .maps import Maps
from .wells import wells_of

_OF_SQUARES = 0.04  # error of a time, as a share of it, from squares and what is between centers


@checked
def find_domains(maps: Maps, *, persistence: float = 1.0) -> pd.DataFrame:
    r"""Find the wells of a map of the potential, and how long molecules stay in each.

    A domain is the set of cells of a well that lie below half of its depth, see :func:`find_wells`.
    The escape time is the mean time from the bottom to the border of the domain, the residence time
    that from anywhere in the domain, in equilibrium there. Both follow from the map alone: they
    solve :math:`e^V ∇·(D e^{-V} ∇T) = -1` with T = 0 on the border, on squares much smaller than
    the cells, between whose centers D is linear, and V as the model has it: linear in those of
    displacements, quadratic in those of tracks. Their standard deviations are those of the
    posterior of V, to first order, with the whole draw of the priors, as for depths; the errors of
    D, which are much smaller, are added as if they all were in one direction. Models of
    displacements take the force to be the same along one: D, and with it the inverse of a time, is
    too low by up to ``fall`` = D Δt U / w² at the bottom of a Gaussian well of depth U and width w
    (its standard deviation). Half of that share of the time is part of the error bar, as
    are 4 % for squares and interpolation; above 0.3, take a model of tracks. These take the force
    along a step to be linear: what they leave out is the term of Itô's formula with its second
    derivative [2]_, and V is found as if blurred with a variance of up to D Δt. What all of
    that changes a time by, in a Gaussian well of that depth and area and to first order, over √3,
    is part of the error bar, as if all from none to all were alike.

    Where tracks are long enough, the residence time is counted, too: of the tracks that begin in
    the domain, the total time to the first exit, or to the end of the track, over the number of
    exits. A molecule that is seen inside at distances a and b from the border, Δt apart, has been
    outside in between with probability :math:`\exp(-ab/DΔt)` [1]_: that is part of the number.
    Noise feigns exits, which is allowed for. Tracks that come into the region of the cells did not
    begin there, if `maps` know what the region was cut out of, as those of an analysis tree do.

    Parameters
    ----------
    maps
        Maps of the DV model, in two dimensions, that know their partition.
    persistence
        See :func:`find_wells`.

    Returns
    -------
    DataFrame
        Columns of :func:`find_wells`, a row for each well, the deepest first, and ``boundary``, the
        closed lines around the domain, each an array (k, 2), µm; ``diameter`` of a disc of its
        area, µm; ``fall``, see above; ``escape time``, ``residence time`` and ``counted residence
        time`` with ``… std``, s, and ``exits``, the number counted, with parts of those not seen.
        Times from the map are NaN if the diffusivity is zero somewhere in the domain. The counted
        time is NaN with fewer than five exits, or if less than half of the stays end with one. Of
        maps in segments of time also ``segment``, ``start`` and ``end`` of that, s; numbers of
        cells are then those of the segment's map.

    Raises
    ------
    InvalidInputError
        If the maps are of another model, have no standard deviations, are not two-dimensional, or
        `persistence` is negative.
    MissingResultError
        If they do not know their partition.

    References
    ----------
    .. [1] Karatzas & Shreve, Brownian Motion and Stochastic Calculus, 2nd ed., 4.3.C (1991).
    .. [2] Shoji & Ozaki, Stoch. Anal. Appl. 16, 733 (1998).

    Examples
    --------
    >>> from tramway.data import Well, simulate, translocations
    >>> from tramway.tessellation import Partition, hexagons, nearest_cell
    >>> from tramway.inference import infer_diffusivity_potential
    >>> table = translocations(simulate(
    ...     track_count=300, track_length=20, frame_interval=0.02, lower=(0, 0), upper=(2, 2),
    ...     diffusivity=0.1, wells=[Well((1, 1), 4, 0.3)], seed=0,
    ... ))
    >>> origins = table[["x", "y"]].to_numpy()
    >>> cells = hexagons(origins, resolution=0.2)
    >>> partition = Partition(table, cells, nearest_cell(origins, cells))
    >>> maps = infer_diffusivity_potential(
    ...     partition, localization_precision=0.0, diffusivity_prior=20, potential_prior=1
    ... )
    >>> domain = find_domains(maps).iloc[0]
    >>> round(domain["x"]), round(domain["y"]), bool(domain["residence time"] > 0)
    (1, 1, True)
    """
    wells, draws, contrasts = wells_of(maps, persistence)
    partition = maps.inferred_from()
    cells = partition.tessellation
    if cells.dim != 2:
        raise InvalidInputError(
            f"`maps` have cells in {cells.dim} dimensions, expected 2: find_wells has no such limit"
        )
    space = cells.spatial if isinstance(cells, TimeSegments) else cells
    segments = wells["bottom"].to_numpy(dtype=np.int64) // space.n_cells
    in_space = [np.array(numbers) % space.n_cells for numbers in wells["cells"]]
    times = _Times(maps, partition, space)
    found = [
        times.of_well(list(numbers), bottom)
        for numbers, bottom in zip(wells["cells"], wells["bottom"], strict=True)
    ]
    polygons = space.polygons()
    boundaries = [outlines_of([polygons[cell] for cell in numbers]) for numbers in in_space]
    tracks = {
        segment: tracks_in(
            # Where a region begins, tracks do not, but come in.
            partition.with_whole_tracks() if space is cells else partition.segment(segment),
            space,
        )
        for segment in {*segments.tolist()}
    }
    sigma: Any = maps.attributes.get("sigma", 0.0)
    noise = noise_of(partition, sigma).mean_origin_variance
    diffusivities = _diffusivities(maps, wells)
    counted = [
        counted_residence(tracks[segment], numbers, boundary, mean, noise)
        for segment, numbers, boundary, mean in zip(
            segments.tolist(), in_space, boundaries, diffusivities, strict=True
        )
    ]
    names = ["counted residence time", f"counted residence time{DEVIATION}", "exits"]
    fall = _fall(partition, wells, diffusivities)
    domains = wells.assign(
        boundary=pd.Series(boundaries, index=wells.index, dtype=object),
        diameter=2 * np.sqrt(wells["area"] / np.pi),
        fall=fall,
        **_with_deviations(maps, contrasts, found, draws, fall, _smoothing(maps, wells, fall)),
        **pd.DataFrame(counted, columns=names, index=wells.index),
    )
    if isinstance(cells, TimeSegments):
        first, last = cells.intervals[segments].reshape(-1, 2).T
        domains = domains.assign(segment=segments, start=first, end=last)
        for name in ("cells", "surroundings"):
            domains[name] = [tuple(n % space.n_cells for n in row) for row in domains[name]]
        domains["bottom"] %= space.n_cells
    return domains


@checked
def domain_lifetimes(domains: pd.DataFrame, *, least_probability: float = 0.95) -> pd.DataFrame:
    """Follow domains over segments of time: how long each lasts, and whether it comes back.

    Domains of different segments that share a cell are the same, and so are those that one such
    connects.

    Parameters
    ----------
    domains
        Table of :func:`find_domains` of maps in segments of time.
    least_probability
        How probable a well must be to count in its segment, from 0 to 1.

    Returns
    -------
    DataFrame
        A row for each domain, the longest-lived first: ``x``, ``y``, mean center of its bottoms,
        µm; ``depth`` and ``depth std``, mean over its segments, weighted by their precision, and
        its standard deviation if segments are independent, kT; ``segments`` that it is in;
        ``start`` of the first and ``end`` of the last one, s; ``lifetime``, the longest time
        without a segment that it is missing in, s, from the start to the end of segments: one of
        their durations at least; ``recurrence``, how often it comes back after segments without it.

    Raises
    ------
    InvalidInputError
        If the table is not one of segments of time, or `least_probability` is no probability.

    Examples
    --------
    >>> from tramway.tessellation import sample_nearest, sliding_window, time_segments
    >>> window = sliding_window(steps["t"], duration=0.2)
    >>> in_time = sample_nearest(steps, time_segments(cells, window))
    >>> maps = infer_diffusivity_potential(
    ...     in_time, localization_precision=0.01, diffusivity_prior=20, potential_prior=1
    ... )
    >>> lives = domain_lifetimes(find_domains(maps))
    >>> list(lives)[-2:]
    ['lifetime', 'recurrence']
    """
    if "segment" not in domains:
        raise InvalidInputError(
            "`domains` has no column 'segment', expected a table of find_domains of maps in "
            "segments of time: set a.time"
        )
    if not 0 <= least_probability <= 1:
        raise InvalidInputError(
            f"`least_probability` is {least_probability}, expected a number from 0 to 1"
        )
    there = domains[domains["probability"] >= least_probability].reset_index(drop=True)
    rows = [_life(group) for _, group in there.groupby(_same_domain(there), sort=False)]
    columns = [
        "x", "y", "depth", "depth std", "segments", "start", "end", "lifetime", "recurrence"
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("lifetime", ascending=False, ignore_index=True, kind="stable")


class _Times:
    """Mean times in wells of some maps, with derivatives by the values of cells."""

    def __init__(self, maps: Maps, partition: Partition, space: Tessellation) -> None:
        self._maps, self._space = maps, space
        self._mesh = partition.tessellation
        # As the model has it: slopes between centers, or polynomials in cells.
        self._is_curved = model_of_potential(maps).of_tracks
        self._potential = maps.maps["potential"]
        self._diffusivity = maps.maps["diffusivity"]

    def of_well(self, numbers: list[int], bottom: int) -> dict[str, tuple[float, Any, Any]]:
        """Escape and residence time: value, and derivatives by V and D of the rows of the maps."""
        near = self._around(self._around(numbers))  # slopes at what is beside need what is beyond
        rows = self._maps.maps.index.get_indexer(pd.Index(near))
        in_space = np.array(numbers) % self._space.n_cells
        lattice = lattice_in(self._space, in_space)
        at = self._mesh.cell_centers[near]
        weights = interpolation(at, lattice.centers, is_curved=self._is_curved)
        linear = interpolation(at, lattice.centers) if self._is_curved else weights
        potential = weights @ self._potential.iloc[rows].to_numpy()
        diffusivity = linear @ self._diffusivity.iloc[rows].to_numpy()
        start = int(((lattice.centers - self._mesh.cell_centers[bottom]) ** 2).sum(axis=1).argmin())
        found: dict[str, tuple[float, Any, Any]] = {}
        if not (diffusivity > 0).all():  # where D is zero, molecules stay for good
            nothing = (np.nan, *np.zeros((2, len(self._maps))))
            return {"escape time": nothing, "residence time": nothing}
        passage = Passage(lattice, potential, diffusivity)
        for name, where in (("escape time", start), ("residence time", None)):
            mean = passage.time(where)
            slopes = np.zeros((2, len(self._maps)))
            slopes[0, rows] = weights.T @ mean.by_potential
            slopes[1, rows] = linear.T @ mean.by_diffusivity
            found[name] = (mean.time, *slopes)
        return found

    def _around(self, numbers: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Give some cells and their neighbours, of those that have a potential."""
        starts, adjacency = self._mesh.adjacency_starts, self._mesh.adjacency
        beside = [adjacency[starts[cell] : starts[cell + 1]] for cell in numbers]
        near = np.unique(np.concatenate([np.array(numbers, dtype=np.int64), *beside]))
        known = self._potential.reindex(near).notna().to_numpy()
        return np.asarray(near[known], dtype=np.int64)


def _with_deviations(
    maps: Maps,
    contrasts: ContrastsOfRows,
    rows: list[dict[str, tuple[float, Any, Any]]],
    draws: NDArray[np.float64],
    fall: NDArray[np.float64],
    smoothing: NDArray[np.float64],
) -> dict[str, list[float]]:
    """Columns of times and of their standard deviations."""
    columns: dict[str, list[float]] = {}
    errors = maps.maps[f"diffusivity{DEVIATION}"].fillna(0.0).to_numpy()
    names = ("escape time", "residence time")
    times = [row[name] for name in names for row in rows]
    by_potential = np.array([slopes for _, slopes, _ in times]).reshape(len(times), len(maps))
    of_curvature = (by_potential * np.tile(smoothing, (2, 1))).sum(axis=1) / np.sqrt(3)
    # They sum to zero but for roundings, which the core does not take for a contrast.
    for slopes in by_potential:
        slopes[np.abs(slopes).argmax()] -= slopes.sum()
    of_potential: Any = np.empty(0)
    if rows:
        _, spread, drawn = contrasts(by_potential)
        of_potential = np.hypot(spread, drawn * np.tile(draws, 2))
    of_diffusivity = np.array([float(np.abs(slopes) @ errors) for *_, slopes in times])
    values = np.array([value for value, *_ in times])
    of_lag = of_curvature if model_of_potential(maps).of_tracks else values * np.tile(fall, 2) / 2
    deviations = np.sqrt(
        of_potential**2 + of_diffusivity**2 + of_lag**2 + (_OF_SQUARES * values) ** 2
    )
    deviations[np.isnan(values)] = np.nan
    for name, value, deviation in zip(
        names, values.reshape(2, -1), deviations.reshape(2, -1), strict=True
    ):
        columns |= {name: value.tolist(), name + DEVIATION: deviation.tolist()}
    return columns


def _fall(
    partition: Partition, wells: pd.DataFrame, diffusivities: list[float]
) -> NDArray[np.float64]:
    """D Δt U / w² with the width w of the Gaussian well of that area, 2π ln 2 w²."""
    depth, area = wells["depth"].to_numpy(), wells["area"].to_numpy()
    lag = partition.median_lag
    return np.asarray(np.array(diffusivities) * lag * depth * (2 * np.pi * np.log(2)) / area)


def _smoothing(maps: Maps, wells: pd.DataFrame, fall: NDArray[np.float64]) -> NDArray[np.float64]:
    """D Δt/2 ∇²V of Gaussian wells of those depths and areas at the cells of the maps, kT.

    Shape (wells, rows of the maps): what an infinitesimal blur of variance D Δt changes V by.
    """
    centers = maps.inferred_from().tessellation.cell_centers
    at, changes = centers[maps.maps.index], np.empty((len(wells), len(maps)))
    for row, numbers, area, share in zip(changes, wells["cells"], wells["area"], fall, strict=True):
        away = at - centers[list(numbers)].mean(axis=0)
        squares = (away**2).sum(axis=1) * (2 * np.pi * np.log(2) / area)  # r²/w²
        row[:] = share / 2 * (2 - squares) * np.exp(-squares / 2)
    return changes


def _diffusivities(maps: Maps, wells: pd.DataFrame) -> list[float]:
    """Mean D of each domain, µm²/s."""
    known = maps.maps["diffusivity"]
    return [float(known.reindex(list(numbers)).mean()) for numbers in wells["cells"]]


def _same_domain(table: pd.DataFrame) -> NDArray[np.int64]:
    """Give each row the number of its domain: rows that share a cell are of the same one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.repeat(np.arange(len(table)), table["cells"].map(len).to_numpy(dtype=np.int64))
    cells = np.concatenate([np.array(c) for c in table["cells"]]) if len(table) else rows
    shape = (len(table), int(cells.max(initial=-1)) + 1)
    held = coo_array((np.ones(len(rows)), (rows, cells)), shape=shape).tocsr()
    _, label = connected_components(held @ held.T, directed=False)
    return np.asarray(label, dtype=np.int64)


def _life(group: pd.DataFrame) -> list[object]:
    """Row of the table of lifetimes."""
    segments = group.drop_duplicates("segment").sort_values("segment")
    breaks = 1 + np.flatnonzero(np.diff(segments["segment"]) > 1)
    starts, ends = segments["start"].to_numpy(), segments["end"].to_numpy()
    lives = ends[np.append(breaks, len(ends)) - 1] - starts[np.insert(breaks, 0, 0)]
    precision = 1 / group["depth std"].to_numpy() ** 2
    return [
        group["x"].mean(), group["y"].mean(),
        float(np.average(group["depth"], weights=precision)), float(precision.sum() ** -0.5),
        tuple(int(number) for number in segments["segment"]),
        starts[0], ends[-1], lives.max(), len(breaks),
    ]  # fmt: skip
