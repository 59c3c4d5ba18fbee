"""Inferring maps, and drawing them, in one call."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.analyzer import RWAnalyzer
from tramway.attributes import warn_without_effect
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.inference import Maps
from tramway.plotting import plot_map
from tramway.tessellation import Partition

from .figures import finish, new_axes
from .trees import (
    Labels,
    PathLike,
    find,
    free_label,
    maps_and_partition,
    opened,
    partition_above,
    save,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["infer", "map_plot"]

_MODES = {"D": "d", "DD": "dd", "DF": "df", "DV": "dv"}
_SIGMA = 0.03
_OF_THE_SEARCH = (
    *(
        "dilation",
        "force",
        "inferencemap",
        "max_cell_count",
        "merge_threshold_count",
        "new_cell",
        "new_group",
    ),
    *("overwrite", "profile", "return_cells", "seed", "store_distributed", "verbose"),
)


def infer(
    cells: Partition | Analysis | PathLike,
    mode: str = "degraded.d",
    output_file: PathLike | None = None,
    *,
    input_label: Labels = None,
    output_label: str | int | None = None,
    comment: str | None = None,
    inplace: bool = False,
    localization_error: float | None = None,
    sigma: float | None = None,
    sigma2: float | None = None,
    time_prior: float | None = None,
    **options: Any,
) -> Maps:
    """Infer maps of a partition.

    Parameters
    ----------
    cells
        The partition; or the tree, or file, that has it. The maps are added to the tree, below the
        partition, and saved in the file.
    mode
        Plugin name of the model; ``D``, ``DD``, ``DF`` and ``DV`` are some.
    output_file
        Where the tree is saved instead.
    input_label
        Labels of the partition, or of maps of it, in the tree; not needed where there is one.
    output_label
        Of the maps; the first free number by default, and in place of ``*``.
    comment
        On the maps.
    inplace
        Whether they join the maps that `input_label` names, in their place.
    localization_error, sigma, sigma2
        Standard deviation of the localizations, µm, under two names, or their variance, µm²; 0.03
        µm by default.
    time_prior
        Weights of the changes in time, in those of the changes in space.
    options
        Parameters of the model; those of the original's search are taken with a warning.

    Returns
    -------
    Maps
        The maps.
    """
    precision = _precision(localization_error, sigma, sigma2)
    if isinstance(cells, Partition):
        return _inferred(cells, mode, precision, options, time_prior)
    tree, rwa = opened(cells)
    node = find(tree, (Partition, Maps) if input_label else (Partition,), input_label)
    partition = partition_above(node).data
    maps = _inferred(partition, mode, precision, options, time_prior)
    if inplace and isinstance(node.data, Maps):
        maps = _joined(node.data, maps)
        node.data = maps
    else:
        node.add(maps, free_label(node, output_label), comment)
    save(tree, rwa, output_file)
    return maps


def _inferred(
    partition: Partition,
    mode: str,
    precision: float,
    options: dict[str, Any],
    time_prior: float | None,
) -> Maps:
    a = RWAnalyzer()
    a.mapper.from_plugin(_MODES.get(mode, mode))
    if time_prior is not None:
        for name in ("diffusivity", "potential"):
            weight = options.get(f"{name}_prior")
            if weight is not None and f"{name}_time_prior" in a.mapper.parameters:
                options.setdefault(f"{name}_time_prior", time_prior * weight)
    for name, value in options.items():
        if name in _OF_THE_SEARCH:
            warn_without_effect(name, "the maps are the maximum of the posterior, however found")
        else:
            setattr(a.mapper, name, value)
    maps: Maps = a.mapper.infer(partition, precision)
    return maps


def _precision(error: float | None, sigma: float | None, variance: float | None) -> float:
    given = [value for value in (error, sigma) if value is not None]
    given += [] if variance is None else [variance**0.5]
    if not given:
        return _SIGMA
    if not np.allclose(given, given[0]):
        raise InvalidInputError(
            f"`localization_error`, `sigma` and `sigma2` say different things: σ is {given} µm"
        )
    return given[0]


def _joined(maps: Maps, others: Maps) -> Maps:
    """Put the columns of other maps of the same cells beside those of maps."""
    kept = [name for name in maps.maps if name not in others.maps]
    table = pd.concat([maps.maps[kept], others.maps], axis=1)
    attributes: dict[str, Any] = {**others.attributes, **maps.attributes}
    return Maps(table, maps.mode, **attributes)


def map_plot(
    maps: Maps | Analysis | PathLike | pd.DataFrame,
    cells: Partition | None = None,
    clip: float | None = None,
    output_file: PathLike | None = None,
    *,
    fig_format: str | None = None,
    feature: str | None = None,
    variable: str | None = None,
    label: Labels = None,
    input_label: Labels = None,
    show: bool = False,
    axes: "Axes | None" = None,
    figsize: tuple[float, float] | None = None,
    dpi: float | None = None,
    point_style: Mapping[str, Any] | None = None,
    title: str | bool | None = True,
    colorbar: bool | None = True,
    unit: str | None = None,
    verbose: bool = False,
    **options: Any,
) -> None:
    """Draw maps.

    Parameters
    ----------
    maps
        What they are, also as a table; or the tree, or file, that has them.
    cells
        Of the maps; those that they know by default.
    clip
        How far above the median values are shown, in interquartile ranges; below 1, up to which
        quantile.
    output_file, fig_format
        Where the figure is saved: the file, or the ending of one that is named after the data.
    feature, variable
        Which; every one, in a figure of its own, by default.
    label, input_label
        Of the maps in the tree.
    show
        Whether it is shown.
    axes, figsize, dpi
        Where it is drawn; the size of a new figure, in inches, and dots per inch of what is saved.
    point_style
        Properties of points, if they are to be drawn.
    title
        True: the name of the feature.
    verbose
        Without effect.
    colorbar, unit, options
        Those of :func:`tramway.plotting.plot_map`; without `unit` the colours have none.
    """
    if isinstance(maps, pd.DataFrame):
        found, partition = Maps(maps, "table"), cells
    else:
        labels = label if input_label is None else input_label
        found, partition = maps_and_partition(maps, cells, labels)
    if partition is None:
        raise InvalidInputError("a table of values needs its `cells` to be drawn")
    chosen = variable if feature is None else feature
    if chosen == "force" and "genuine force" in found.features:
        chosen = "genuine force"  # as the original calls the decision of Bayes factors
    without_error_bars = [name for name in found.features if not name.endswith(" std")]
    features = without_error_bars if chosen is None else [chosen]
    if point_style is not None:
        options["overlay_locations"] = dict(point_style)
    for name in features:
        drawn = plot_map(
            found,
            name,
            partition,
            axes=new_axes(axes, figsize),
            clip=clip,
            title=name if title is True else title or None,
            colorbar=bool(colorbar),
            unit=unit,
            **options,
        )
        suffix = "" if len(features) == 1 else f"_{name}".replace(" ", "_")
        finish(drawn, maps, output_file, fig_format, dpi, show, suffix)
