"""What a page says of how maps were made: the model, its settings, and what was tried."""

from typing import Any

import numpy as np

from .results import MapResult

_NOT_SHOWN = ("runtime", "niter", "objective")
_TITLES = {  # of what is not a setting of the mapper by that name
    "sigma": ("localization_precision", "µm"),
    "exposure_time": ("exposure_time", "s"),
    "resolution": ("search", ""),
}
_EVIDENCE_DIGITS = 8  # differences of one count, of sums over all displacements


def log_evidence_of(result: MapResult) -> float | None:
    """Logarithm of the evidence, where it is known."""
    return number(result.maps.attributes.get("log_evidence"), _EVIDENCE_DIGITS)


def settings_of(result: MapResult) -> list[list[str]]:
    """Describe how the maps were made, as names and texts."""
    said = {
        name: value
        for name, value in result.maps.attributes.items()
        if name not in _NOT_SHOWN and np.isscalar(value) and value is not False
    }
    record = {} if result.record is None else result.record.parameters.get("mapper", {})
    rows = [["model", result.maps.mode]]
    for name, value in said.items():
        digits = _EVIDENCE_DIGITS if name == "log_evidence" else 5
        text = f"{value:.{digits}g}" if isinstance(value, float) else str(value)
        if record.get(name) == "auto":
            text += " (chosen by the evidence)"
        title, unit = _TITLES.get(name, (name, ""))
        rows.append([title, f"{text} {unit}".rstrip()])
    scales: Any = result.maps.attributes.get("scales")
    if scales is not None:
        for name, (amplitude, length) in zip(("D", "V"), np.reshape(scales, (-1, 2)), strict=False):
            unit = "of ln D" if name == "D" else "kT"
            rows.append([f"{name} varies by", f"{amplitude:.3g} {unit} over {length:.3g} µm"])
    return rows


def trials_of(result: MapResult) -> dict[str, Any] | None:
    """Weights that were tried, where they were chosen, and their evidence."""
    trials: Any = result.maps.attributes.get("evidence_curve")
    if trials is None or np.ndim(trials) != 2:
        return None
    rows = np.asarray(trials, dtype=np.float64)
    said, model = result.maps.attributes, result.maps.model
    weights = () if model is None else model.parameters.values()
    names = [weight.name for weight in weights if weight.weighs and said.get(weight.name)]
    if len(names) != rows.shape[1] - 1:
        names = [f"weight {number}" for number in range(1, rows.shape[1])]
    return {
        "names": names,
        "rows": [[number(value, _EVIDENCE_DIGITS) for value in row] for row in rows],
    }


def number(value: Any, digits: int = 6) -> float | None:
    """Round to some significant digits; None for what is no number."""
    if isinstance(value, int | float | np.number) and np.isfinite(value):
        return float(f"{value:.{digits}g}")
    return None
