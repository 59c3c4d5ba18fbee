"""Options of pictures that existing scripts set: their names, and those that do nothing here."""

from collections.abc import Mapping
from typing import Any

from tramway.attributes import warn_without_effect

_ARROWS = "arrows are drawn in one way, as long as they can be read"
_BORDER = "the border is that of the cells"
_OUTLINES = "outlines and lines between neighbours are drawn in one way, whatever the labels"
_WITHOUT_EFFECT = {
    "angular_width": _ARROWS,
    "arrow_quantile_size": _ARROWS,
    "arrow_size": _ARROWS,
    "cell_arrow_ratio": _ARROWS,
    "markeralpha": _ARROWS,
    "markercolor": _ARROWS,
    "markeredgecolor": _ARROWS,
    "markerlinewidth": _ARROWS,
    "clabel": "the colour bar says the feature and `unit`",
    "delaunay": "cells have outlines; plot_cells(cells, delaunay_options={}) draws neighbours",
    "fallback_color": _OUTLINES,
    "individual": _OUTLINES,
    "inferencemap": _ARROWS,
    "labels": _OUTLINES,
    "margin": _BORDER,
    "min_count": "samplers leave out cells of few localizations: `min_location_count`",
    "mode": "pictures say what `title` says",
    "negative": _OUTLINES,
    "overlay": "arrows are drawn over the amplitudes",
    "relative_margin": _BORDER,
    "return_patches": "the polygons are in axes.collections",
    "try_fix_corners": "cells end where the data do",
    "transform": "logscale=True has colours follow the logarithm",
    "verbose": "there is nothing to tell",
    "zlim": "it limits the heights of a surface, and maps are flat: `clim` limits the colours",
}
"""What existing scripts set for pictures that are drawn otherwise here."""


def with_effect(options: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the options that do nothing here, with a warning for each."""
    for name in options.keys() & _WITHOUT_EFFECT.keys():
        warn_without_effect(name, _WITHOUT_EFFECT[name])
    return {name: value for name, value in options.items() if name not in _WITHOUT_EFFECT}


def properties(options: Mapping[str, Any], /, **names: str) -> dict[str, Any]:
    """Call options by the names of matplotlib's properties.

    Parameters
    ----------
    options
        What was set. A color may be a letter for each label of cells, as ``"rrrr"``: the first one.
    names
        Property for each option that is called otherwise.
    """
    found = {names.get(name, name): value for name, value in with_effect(options).items()}
    for name in ("color", "edgecolor"):
        letters = found.get(name)
        if isinstance(letters, str) and len(letters) > 1 and set(letters) <= set("rgbcmykw"):
            found[name] = letters[0]
    return found
