"""What conditions differ in, with movies or cells, not regions, as the independent units."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import InvalidInputError

_LEVEL = 0.95


class _Mean(NamedTuple):
    """Mean of a condition over its units."""

    value: float
    error: float
    units: int
    between: float
    within: float


@checked
def compare(
    table: pd.DataFrame,
    quantity: str,
    *,
    unit: str = "movie",
    reference: str | None = None,
    logarithmic: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Compare the conditions of a study in one quantity.

    Regions of a movie are alike, and are no independent observations. The model is hierarchical:
    values of regions scatter about that of their unit, with one variance in a condition, and units
    about the mean of the condition, with variance :math:`τ²` by Paule and Mandel [1]_. The standard
    error of the mean is that of Hartung and Knapp, not below that of the model [2]_; differences
    have Welch's degrees of freedom, and p values of several conditions are Holm's, too [3]_.

    Parameters
    ----------
    table
        A row per region, with the columns ``condition``, `unit` and `quantity`; rows without a
        value are left out.
    quantity
        Column that is compared.
    unit
        Column of what is independent, within a condition: ``movie`` or ``cell``.
    reference
        Condition that the others are compared with; the first by default.
    logarithmic
        Whether logarithms are compared: values are then ratios and geometric means. Values that are
        not positive are left out.

    Returns
    -------
    conditions, differences : DataFrame
        Of each condition: ``mean``, its 95 % interval ``low`` and ``high``, ``units``, ``regions``,
        ``sd between`` units and ``sd within``, those of logarithms if `logarithmic`. Of each other
        condition against the reference: ``difference`` (``ratio`` if `logarithmic`), ``low``,
        ``high``, ``p`` and ``p holm``; NaN where a condition has a single unit.

    Raises
    ------
    InvalidInputError
        If columns are missing, no condition or only one has values, or there is no `reference`.

    References
    ----------
    .. [1] Paule & Mandel, J. Res. Natl. Bur. Stand. 87, 377 (1982).
    .. [2] Knapp & Hartung, Stat. Med. 22, 2693 (2003).
    .. [3] Holm, Scand. J. Stat. 6, 65 (1979).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {
    ...         "condition": ["control"] * 4 + ["drug"] * 4,
    ...         "movie": ["a", "a", "b", "b", "c", "c", "d", "d"],
    ...         "diffusivity": [0.10, 0.11, 0.12, 0.11, 0.19, 0.20, 0.22, 0.21],
    ...     }
    ... )
    >>> _, differences = compare(table, "diffusivity")
    >>> differences["difference"].round(3).to_list()
    [0.095]
    """
    from scipy import stats

    rows = _checked(table, quantity, unit, logarithmic)
    names = list(dict.fromkeys(rows["condition"]))
    if reference is None:
        reference, needed = names[0] if names else "", ""
    else:
        needed = f", {reference!r} among them"
    if len(names) < 2 or reference not in names:
        raise InvalidInputError(
            f"there are values of '{quantity}' of {', '.join(map(repr, names)) or 'no condition'}"
            f"{' alone' * (len(names) == 1)}, expected two conditions or more{needed}"
        )
    names = [reference, *(name for name in names if name != reference)]
    means = {name: _mean(rows[rows["condition"] == name], unit) for name in names}
    out = math.exp if logarithmic else float
    conditions = []
    for name, mean in means.items():
        reach = mean.error * stats.t.ppf((1 + _LEVEL) / 2, mean.units - 1)
        conditions.append(
            {
                "condition": name,
                "mean": out(mean.value),
                "low": out(mean.value - reach),
                "high": out(mean.value + reach),
                "units": mean.units,
                "regions": int((rows["condition"] == name).sum()),
                "sd between": mean.between,
                "sd within": mean.within,
            }
        )
    differences = []
    base = means[reference]
    for name in names[1:]:
        mean = means[name]
        value = mean.value - base.value
        error = math.hypot(mean.error, base.error)
        freedom = _freedom(mean, base)
        reach = error * stats.t.ppf((1 + _LEVEL) / 2, freedom)
        differences.append(
            {
                "condition": name,
                "reference": reference,
                "ratio" if logarithmic else "difference": out(value),
                "low": out(value - reach),
                "high": out(value + reach),
                "p": float(2 * stats.t.sf(abs(value) / error, freedom)) if error > 0 else math.nan,
            }
        )
    found = pd.DataFrame(differences)
    found["p holm"] = _holm(found["p"].to_numpy(dtype=np.float64))
    return pd.DataFrame(conditions), found


def _checked(table: pd.DataFrame, quantity: str, unit: str, logarithmic: bool) -> pd.DataFrame:
    missing = [name for name in ("condition", unit, quantity) if name not in table]
    if missing:
        raise InvalidInputError(
            f"`table` has no column {', '.join(map(repr, missing))}, only "
            f"{', '.join(map(str, table.columns))}"
        )
    rows: pd.DataFrame = table[["condition", unit, quantity]].rename(columns={quantity: "value"})
    rows["value"] = rows["value"].astype(float)
    rows = rows[np.isfinite(rows["value"])]
    if logarithmic:
        rows = rows[rows["value"] > 0].copy()
        rows["value"] = np.log(rows["value"])
    return rows


def _mean(rows: pd.DataFrame, unit: str) -> _Mean:
    """Mean over the units of a condition."""
    groups = rows.groupby(unit)["value"]
    means, counts = groups.mean().to_numpy(), groups.size().to_numpy()
    units, freedom = len(means), int((counts - 1).sum())
    scatter = float(((rows["value"] - groups.transform("mean")) ** 2).sum())
    within = scatter / freedom if freedom else math.nan
    if units < 2:
        return _Mean(float(means[0]), math.nan, units, math.nan, math.sqrt(within))
    if not within > 0:  # one region each: what the means scatter by is all there is
        between = float(np.std(means, ddof=1))
        return _Mean(float(means.mean()), between / math.sqrt(units), units, between, math.nan)
    variances = within / counts
    between = _variance_between(means, variances)
    weights = 1 / (variances + between)
    value = float(weights @ means / weights.sum())
    # Knapp & Hartung's factor is kept from below one, where units agree by chance.
    factor = max(1.0, float(weights @ (means - value) ** 2) / (units - 1))
    error = math.sqrt(factor / weights.sum())
    return _Mean(value, error, units, math.sqrt(between), math.sqrt(within))


def _variance_between(means: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Variance τ² with which the weighted scatter of the means is what it should be."""
    from scipy import optimize

    def excess(between: float) -> float:
        weights = 1 / (variances + between)
        mean = weights @ means / weights.sum()
        return float(weights @ (means - mean) ** 2) - (len(means) - 1)

    if excess(0.0) <= 0:
        return 0.0
    # All of the scatter being between units is too much.
    most = float(((means - means.mean()) ** 2).sum())
    return float(optimize.brentq(excess, 0.0, most, xtol=1e-12 * most))


def _holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p values; NaN stays, and does not count."""
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def _freedom(one: _Mean, other: _Mean) -> float:
    """Degrees of freedom of the difference of two means, by Welch."""
    squares = [mean.error**2 for mean in (one, other)]
    parts = [
        square**2 / max(m.units - 1, 1) for square, m in zip(squares, (one, other), strict=True)
    ]
    return sum(squares) ** 2 / sum(parts) if sum(parts) > 0 else math.nan
