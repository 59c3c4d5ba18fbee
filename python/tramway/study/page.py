"""The page that compares conditions: one figure and two tables."""

import html
import io
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

_STYLE = """
body { font: 15px/1.45 system-ui, "Segoe UI", Roboto, Arial, sans-serif; color: #1c1c1c;
  max-width: 1100px; margin: 0 auto; padding: 0 16px; }
h1 { font-size: 22px; } h2 { font-size: 18px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 14px 3px 0; text-align: left; border-bottom: 1px solid #e5e5e5; }
.scroll { overflow-x: auto; }
th, td { white-space: nowrap; }
.failed td:last-child { white-space: normal; min-width: 20em; overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: 4px 12px; }
svg { max-width: 100%; height: auto; }
@media print { a { color: inherit; text-decoration: none; } }
"""


def comparison_page(
    regions: pd.DataFrame,
    conditions: pd.DataFrame,
    differences: pd.DataFrame,
    failures: pd.DataFrame,
    notes: Sequence[str],
    quantities: Mapping[str, tuple[str, bool]],
    unit: str,
) -> str:
    """Make the text of the page.

    Parameters
    ----------
    regions, conditions, differences, failures, notes
        Those of a :class:`tramway.study.Study`.
    quantities
        Unit of each quantity, and whether it is compared by its logarithm.
    unit
        What is independent.
    """
    names = _names(regions, conditions)
    counts = regions.groupby("condition")[[unit, "movie"]].nunique()
    links = "".join(
        f"<li><a href='{quote(name)}.html'>{html.escape(name)}</a>: "
        f"{counts['movie'].to_dict()[name]} movies, "
        f"{(regions['condition'] == name).sum()} regions</li>"
        for name in names
    )
    parts = [
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Comparison of conditions</title><link rel='icon' href='data:,'>"
        f"<style>{_STYLE}</style></head><body><h1>Comparison of conditions</h1><ul>{links}</ul>"
    ]
    if len(conditions):
        shown = [name for name in quantities if (conditions["quantity"] == name).any()]
        figures = "".join(_figure(regions, conditions, q, *quantities[q], unit) for q in shown)
        parts.append(f"<div class='figures'>{figures}</div>")
        parts.append(
            f"<p>Small: regions. Large: means of a {unit}. Bars: mean of the condition with its "
            f"95 % interval, {unit}s being what is independent.</p>"
        )
        parts.append(f"<h2>Differences</h2>{_table(_differences(differences, quantities))}")
        if differences["low"].isna().any():
            parts.append(
                f"<p>Without interval and p: a condition has the quantity in a single {unit}, or "
                f"all have one value, so that nothing tells how far {unit}s differ.</p>"
            )
        parts.append(f"<h2>Conditions</h2>{_table(_conditions(conditions, quantities))}")
    if len(failures):
        parts.append(
            "<h2>Failed</h2><p>Not in the figures and tables above:</p>"
            f"<div class='failed'>{_table(failures)}</div>"
        )
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    parts.append(f"<h2>Notes</h2><ul>{items}</ul>")
    parts.append(
        "<p>Tables: <a href='regions.csv'>regions</a>, <a href='wells.csv'>wells</a>, "
        "<a href='conditions.csv'>conditions</a>, <a href='differences.csv'>differences</a>, "
        "<a href='failures.csv'>failures</a>.</p>"
        "</body></html>"
    )
    return "\n".join(parts)


def _names(regions: pd.DataFrame, conditions: pd.DataFrame) -> list[str]:
    """Names of the conditions, the reference first."""
    compared = conditions if "condition" in conditions else regions[:0]
    return list(map(str, dict.fromkeys([*compared["condition"], *regions["condition"]])))


def _figure(
    regions: pd.DataFrame,
    conditions: pd.DataFrame,
    quantity: str,
    measure: str,
    logarithmic: bool,
    unit: str,
) -> str:
    """Every region, every unit, and the mean of each condition, as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    names = _names(regions, conditions)
    figure = Figure(figsize=(max(3.4, 1.1 * len(names)), 3.2), layout="constrained")
    axes = figure.subplots()
    shift = np.random.default_rng(0)
    for place, name in enumerate(names):
        rows = regions[regions["condition"] == name]
        values = rows[quantity].to_numpy(dtype=float)
        beside = place + shift.uniform(-0.22, 0.22, len(values))
        axes.scatter(beside, values, s=6, color="0.6", linewidths=0)
        means = rows.groupby(unit)[quantity].agg(_geometric_mean if logarithmic else "mean")
        beside = place + shift.uniform(-0.12, 0.12, len(means))
        axes.scatter(beside, means, s=26, color="tab:blue", alpha=0.7, linewidths=0)
        found = conditions[(conditions["quantity"] == quantity) & (conditions["condition"] == name)]
        if len(found) and np.isfinite(found[["mean", "low", "high"]].to_numpy()).all():
            [(mean, low, high)] = found[["mean", "low", "high"]].to_numpy()
            reach = [[mean - low], [high - mean]]
            axes.errorbar(
                place + 0.33, mean, reach, fmt="D", color="black", capsize=3, markersize=5
            )
    axes.set_xticks(range(len(names)), names, rotation=20 if len(names) > 2 else 0)
    axes.set_xlim(-0.5, len(names) - 0.3)
    if logarithmic:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        subs = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0) if high < 6 * low else (1.0, 2.0, 5.0)
        axes.yaxis.set_major_locator(LogLocator(subs=subs if high < 200 * low else (1.0,)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel(f"{quantity} ({measure})")
    axes.spines[["top", "right"]].set_visible(False)
    content = io.StringIO()
    with rc_context({"svg.hashsalt": quantity}):  # so that names within a page differ
        figure.savefig(content, format="svg", metadata={"Date": None})
    text = content.getvalue()
    return text[text.index("<svg") :]


def _geometric_mean(values: pd.Series) -> float:
    return float(np.exp(np.log(values[values > 0]).mean()))


def _differences(table: pd.DataFrame, quantities: Mapping[str, tuple[str, bool]]) -> pd.DataFrame:
    rows = []
    is_multiple = len(set(table["condition"])) > 1
    for row in table.to_dict("records"):
        unit, logarithmic = quantities[row["quantity"]]
        value = row["ratio"] if logarithmic else row["difference"]
        rows.append(
            {
                "quantity": row["quantity"],
                "comparison": f"{row['condition']} {'/' if logarithmic else '−'} "
                f"{row['reference']}",
                "value": f"{_number(value)}{'' if logarithmic else f' {_short(unit)}'}",
                "95 %": _interval(row),
                "p": _number(row["p"], 2),
                **({"p (Holm)": _number(row["p holm"], 2)} if is_multiple else {}),
            }
        )
    return pd.DataFrame(rows)


def _conditions(table: pd.DataFrame, quantities: Mapping[str, tuple[str, bool]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "quantity": row["quantity"],
                "condition": row["condition"],
                "mean": f"{_number(row['mean'])} {_short(quantities[row['quantity']][0])}",
                "95 %": _interval(row),
                "units": row["units"],
                "regions": row["regions"],
                "sd between, within": f"{_number(row['sd between'], 2)}, "
                f"{_number(row['sd within'], 2)}"
                f"{' (of ln)' if quantities[row['quantity']][1] else ''}",
            }
            for row in table.to_dict("records")
        ]
    )


def _number(value: float, digits: int = 3) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}g}".replace("-", "−")


def _interval(row: Mapping[Any, Any]) -> str:
    return "–" if np.isnan(row["low"]) else f"{_number(row['low'])} to {_number(row['high'])}"


def _short(unit: str) -> str:
    """Give the unit alone, without what it is of."""
    return unit.partition(",")[0]


def _table(table: pd.DataFrame) -> str:
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in table.columns)
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row) + "</tr>"
        for row in table.itertuples(index=False)
    )
    return f"<div class='scroll'><table><tr>{head}</tr>{lines}</table></div>"
