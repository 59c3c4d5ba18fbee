"""What a picture of a map shows: values, islands, how certain they are, limits of the colours.

Nothing here draws or loads matplotlib: whatever shows maps, in whichever way, asks here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.inference import Maps
from tramway.tessellation import Partition, TimeSegments
from tramway.units import DEVIATION

_ZERO_OF_ITS_OWN = "potential"
"""The feature that is known up to a constant in each connected set of cells."""

_TAIL = 0.005  # of the information, beyond either limit of the colours
_LEAST_TAIL = 0.5  # typical cells: such a one is never beyond them where there are few
_LEAST_WIDTH = 4.0  # median standard deviations between the limits
_MOST_ERROR = 0.25  # of a scale, one standard deviation of a cell that has a colour to itself
_MOST_TAIL = 0.25  # of the information, where all cells together know less than one should


@dataclass(frozen=True, eq=False)
class ShownValues:
    """One feature of a map, by cell of its partition.

    Attributes
    ----------
    feature
        Its name.
    vectors
        Values (n_cells, k), k = 1 for a scalar, in the unit of the feature; NaN where there are
        none, in a whole row.
    deviations
        Standard deviations (n_cells,), of vectors that of the amplitude along any direction at
        most; None where the maps have none of this feature.
    counts
        Translocations in each cell, (n_cells,).
    is_island
        Cells (n_cells,) whose value cannot be compared with those of the main component: the
        potential has a zero of its own in each connected set of cells, and the main one is that
        with most translocations. All False for features that have no such constant.

    Examples
    --------
    >>> shown = shown_values(maps, "potential", partition)
    >>> shown.feature, int(shown.is_island.sum())
    ('potential', 0)
    """

    feature: str
    vectors: NDArray[np.float64]
    deviations: NDArray[np.float64] | None
    counts: NDArray[np.int64]
    is_island: NDArray[np.bool_]

    @property
    def values(self) -> NDArray[np.float64]:
        """What the colours tell, (n_cells,): the value of a scalar, the amplitude of a vector."""
        if self.vectors.shape[1] == 1:
            return self.vectors[:, 0]
        return np.asarray(np.linalg.norm(self.vectors, axis=1))

    @property
    def colored(self) -> NDArray[np.float64]:
        """The values with NaN on islands, (n_cells,): those that may have a colour."""
        return np.where(self.is_island, np.nan, self.values)

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard deviations, (n_cells,); NaN where the maps have none."""
        if self.deviations is None:
            return np.full(len(self.vectors), np.nan)
        return self.deviations

    def without(self, which: NDArray[np.bool_]) -> "ShownValues":
        """Give the same without the values of some cells, (n_cells,) of bool."""
        return replace(self, vectors=np.where(which[:, None], np.nan, self.vectors))

    def is_uncertain(
        self, limits: tuple[float, float], *, logscale: bool = False
    ) -> NDArray[np.bool_]:
        """Tell of which cells a colour says little, (n_cells,).

        They are those whose value ± one standard deviation takes more than half of a scale of
        colours. How much the map itself varies is no measure of that: wells may be deep and small.

        Parameters
        ----------
        limits
            Lowest and highest value of the scale.
        logscale
            Whether the scale is logarithmic, on which values of zero or less are not uncertain.

        Returns
        -------
        array of bool
            False where there is no value, and True where there is one without standard deviation.
        """
        values = self.colored
        known = np.isfinite(values) & (values > 0 if logscale else True)
        return known & ~(self._share_of(limits, logscale=logscale) <= _MOST_ERROR)

    def opacity(
        self, limits: tuple[float, float], *, logscale: bool = False
    ) -> NDArray[np.float64]:
        r"""How much colour a cell has by what it tells on a scale, from 0 to 1, (n_cells,).

        It is :math:`1/\sqrt{1 + (4σ/w)²}`, with the standard deviation σ of the cell and the width
        w of the scale: 0.7 where the cell is at the edge of :meth:`is_uncertain`, and above 0.9
        where σ is a tenth of the scale or less.

        Parameters
        ----------
        limits
            Lowest and highest value of the scale.
        logscale
            Whether the scale is logarithmic.

        Returns
        -------
        array of float
            1 where there is no value to fade, and 0 where there is one without standard deviation.
        """
        values = self.colored
        known = np.isfinite(values) & (values > 0 if logscale else True)
        share = np.where(known, self._share_of(limits, logscale=logscale), 0.0)
        return np.nan_to_num(1 / np.hypot(1, share / _MOST_ERROR), nan=0.0)

    def _share_of(self, limits: tuple[float, float], *, logscale: bool) -> NDArray[np.float64]:
        """One standard deviation in units of the width of a scale, (n_cells,)."""
        values, errors = self.colored, self.errors
        low, high = np.log(limits) if logscale else limits
        if logscale:
            errors = np.divide(errors, values, out=errors.copy(), where=values > 0)
        if high > low:
            return np.asarray(errors / (high - low))
        return np.where(errors > 0, np.inf, errors)  # a scale of one value: any error takes it all

    def certainty(self, *, logscale: bool = False) -> NDArray[np.float64]:
        """How much of what a cell shows is the cell and not its error, from 0 to 1, (n_cells,).

        It is :math:`s²/(s² + σ²)`, with the standard deviation σ of the cell and the spread s of
        the map, half of the range of its middle 68 %: the weight, in units of the largest one, that
        a mean over cells which do differ gives to one of them [1]_. Without standard deviations it
        is the number of translocations in units of the median, at most 1. NaN where there is no
        value, and 0 where there is one without standard deviation, which nothing decides.

        Parameters
        ----------
        logscale
            Whether to compare logarithms, on which only positive values have any certainty.

        References
        ----------
        .. [1] DerSimonian & Laird, Control. Clin. Trials 7, 177 (1986).
        """
        values, deviations = self.colored, self.deviations
        known = np.isfinite(values) & (values > 0 if logscale else True)
        certainty = np.full(len(values), np.nan)
        if not known.any():
            return certainty
        if deviations is None:
            typical = max(1.0, float(np.median(self.counts[known])))
            certainty[known] = np.minimum(self.counts[known] / typical, 1.0)
            return certainty
        shown, errors = values[known], deviations[known]
        if logscale:
            shown, errors = np.log(shown), errors / shown
        ends = _quantiles(shown, self.counts[known].astype(np.float64), (0.16, 0.84))
        spread = (ends[1] - ends[0]) / 2
        if spread == 0:
            certainty[known] = 1.0
        else:
            certainty[known] = np.nan_to_num(1 / (1 + (errors / spread) ** 2), nan=0.0)
        return certainty


@checked
def shown_values(maps: Maps, feature: str, partition: Partition) -> ShownValues:
    """Tell what there is to show of one feature of some maps.

    Parameters
    ----------
    maps
        Maps inferred from `partition`; one segment, where there are segments of time.
    feature
        One of ``maps.features``.
    partition
        What they were inferred from.

    Raises
    ------
    MissingResultError
        If the maps have no such feature; the message lists those they have.
    InvalidInputError
        If they have cells that `partition` has not.

    Examples
    --------
    >>> shown_values(maps, "force", partition).vectors.shape[1]
    2
    """
    vectors = _by_cell(maps, feature, partition)
    deviations = None
    if feature + DEVIATION in maps:
        errors = _by_cell(maps, feature + DEVIATION, partition)
        deviations = np.linalg.norm(errors, axis=1)
    is_known = np.isfinite(vectors[:, 0])
    is_island = np.zeros(len(vectors), dtype=bool)
    if feature == _ZERO_OF_ITS_OWN:
        is_island = is_known & ~_main_component(partition, is_known)
    return ShownValues(feature, vectors, deviations, partition.location_count, is_island)


@checked
def shown_segments(maps: Maps, feature: str, partition: Partition) -> list[ShownValues]:
    """Tell what there is to show in each segment of time; one element if there are no segments.

    See :func:`shown_values`.

    Examples
    --------
    >>> len(shown_segments(maps, "potential", partition))
    1
    """
    cells = partition.tessellation
    if not isinstance(cells, TimeSegments):
        return [shown_values(maps, feature, partition)]
    return [
        shown_values(maps.segment(partition, number), feature, partition.segment(number))
        for number in range(cells.n_segments)
    ]


@checked
def color_limits(
    shown: ShownValues | Sequence[ShownValues], *, logscale: bool = False
) -> tuple[float, float]:
    """Choose the lowest and the highest value of a scale of colours.

    They are quantiles of the values, each weighted by its certainty, so that neither a cell of one
    displacement nor an island takes the scale: 0.5 % of what is known lies beyond either of them,
    but at least what half a cell of median certainty tells, so that a cell as well known as most is
    never beyond them in a map of some hundred cells. And they are four median standard deviations
    apart or more: cells that differ by less than their errors have nearly the same colour.

    Parameters
    ----------
    shown
        What is to be shown, in one scale: of one region, of several, or of segments of time.
    logscale
        Whether the scale is logarithmic, which has positive values only.

    Raises
    ------
    InvalidInputError
        If there is no value that can be shown.

    Examples
    --------
    >>> import numpy as np
    >>> many, one = np.full(21, 40), np.array([1])
    >>> values = np.append(np.linspace(0.1, 0.3, 21), 7.0)[:, None]  # µm²/s
    >>> none = np.zeros(22, dtype=bool)
    >>> color_limits(ShownValues("diffusivity", values, None, np.append(many, one), none))
    (0.1, 0.3)
    """
    several = [shown] if isinstance(shown, ShownValues) else list(shown)
    values = np.concatenate([each.colored for each in several]) if several else np.empty(0)
    known = np.isfinite(values) & (values > 0 if logscale else True)
    if not known.any():
        names = " and ".join(dict.fromkeys(repr(each.feature) for each in several)) or "[]"
        kind = "positive value, which a logarithmic scale needs" if logscale else "finite value"
        raise InvalidInputError(f"`feature` {names} has no {kind}, in any cell")
    values = values[known]
    weights = np.concatenate([each.certainty(logscale=logscale) for each in several])[known]
    typical = float(np.median(weights))
    weights = np.minimum(weights / typical, 1.0) if typical > 0 else np.ones(len(values))
    total = float(weights.sum())
    tail = min(max(_TAIL * total, _LEAST_TAIL), _MOST_TAIL * total)
    low, high = _quantiles(values, weights, (tail / total, 1 - tail / total))
    errors = np.concatenate([each.errors for each in several])[known]
    # The zero of a potential is a convention, and none of its values is at the end of a scale.
    has_zero = several[0].feature != _ZERO_OF_ITS_OWN
    return _wide_enough(low, high, values, errors, logscale=logscale, has_zero=has_zero)


def _wide_enough(
    low: float,
    high: float,
    values: NDArray[np.float64],
    errors: NDArray[np.float64],
    *,
    logscale: bool,
    has_zero: bool,
) -> tuple[float, float]:
    """Widen limits about their middle; from zero, if there is one that no value is below."""
    scale = np.log if logscale else np.asarray
    errors = errors / values if logscale else errors
    errors = errors[np.isfinite(errors)]
    least = _LEAST_WIDTH * float(np.median(errors)) if len(errors) else 0.0
    start, end = float(scale(low)), float(scale(high))
    lacking = least - (end - start)
    if not lacking > 0:
        return low, high
    start, end = start - lacking / 2, end + lacking / 2
    if logscale:
        return float(np.exp(start)), float(np.exp(end))
    if has_zero and start < 0 <= values.min():
        return 0.0, end - start
    return start, end


def _quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], at: tuple[float, float]
) -> tuple[float, float]:
    """Values below, and above, which lies no more than such shares of the weight.

    Both are values that occur, and where weights are equal the two are symmetric.
    """
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    below = np.cumsum(weights)
    above = np.cumsum(weights[::-1])
    low = values[min(np.searchsorted(below, at[0] * below[-1]), len(values) - 1)]
    high = values[::-1][min(np.searchsorted(above, (1 - at[1]) * above[-1]), len(values) - 1)]
    return float(low), float(max(low, high))


def _by_cell(maps: Maps, feature: str, partition: Partition) -> NDArray[np.float64]:
    """One row per cell of the partition, one column per coordinate; NaN rows where no value."""
    table = maps[feature]
    cell_count = partition.tessellation.n_cells
    cells = table.index.to_numpy()
    if len(cells) and (cells.min() < 0 or cells.max() >= cell_count):
        raise InvalidInputError(
            f"`maps` has cells numbered {cells.min()} to {cells.max()}, but `partition` has "
            f"{cell_count} cells: give the partition that the maps were inferred from"
        )
    field = np.full((cell_count, table.shape[1]), np.nan)
    field[cells] = table.to_numpy(dtype=np.float64)
    field[~np.isfinite(field).all(axis=1)] = np.nan
    return field


def _main_component(partition: Partition, is_known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells of the connected set that holds most translocations, of those with a value."""
    from scipy.sparse.csgraph import connected_components

    known = np.flatnonzero(is_known)
    inside = np.zeros(len(is_known), dtype=bool)
    if len(known):
        adjacency = partition.tessellation.cell_adjacency.astype(np.int8)
        _, component = connected_components(adjacency[known][:, known], directed=False)
        held = np.bincount(component, weights=partition.location_count[known])
        inside[known[component == held.argmax()]] = True
    return inside
