"""What notebooks of the original call: a few lines each, over the analyzer."""

import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.analyzer import RWAnalyzer
from tramway.attributes import warn_without_effect
from tramway.core import load_rwa, load_xyt, save_rwa
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.inference import Maps
from tramway.plotting import plot_cells, plot_map
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cell_plot", "infer", "load_rwa", "load_xyt", "map_plot", "save_rwa", "tessellate"]

_SETTINGS = ("resolution", "ref_distance", "min_location_count", "max_location_count", "seed")
_MODELS = {"DD": "dd", "DF": "df", "DV": "dv", "D": "d"}


def _data_of(tree: Any, kind: type, label: Any = None) -> Any:
    """Find what is of a kind: the thing itself, or the only one in a tree, or in a file."""
    if isinstance(tree, str | os.PathLike):
        tree = load_rwa(tree)
    if isinstance(tree, Analysis) and not isinstance(tree.data, kind):
        labels = label if isinstance(label, tuple | list) else [label]
        for one in labels:
            tree = tree.get_child(one)
        while not isinstance(tree.data, kind):
            tree = tree.get_child()
    found = tree.data if isinstance(tree, Analysis) else tree
    if not isinstance(found, kind):
        raise InvalidInputError(f"{found!r:.80} is no {kind.__name__}, and has none")
    return found


def tessellate(
    xyt_data: pd.DataFrame | str | os.PathLike[str],
    method: str = "gwr",
    output_file: str | os.PathLike[str] | None = None,
    label: str | None = None,
    **options: Any,
) -> Partition:
    """Cut the area of trajectories into cells.

    Parameters
    ----------
    xyt_data
        Trajectories, or the file that has them.
    method
        Plugin name of the tesseller.
    output_file
        Where the tree is saved; nowhere by default.
    label
        Of the sampling in it; the first free number by default.
    options
        ``resolution``, ``ref_distance``, ``min_location_count``, ``max_location_count``, ``seed``
        as far as the method has them, ``knn`` and ``radius`` of samplers, and
        ``time_window_duration``, ``time_window_shift``; others are taken with a warning.
    """
    data = xyt_data if isinstance(xyt_data, pd.DataFrame) else load_xyt(xyt_data)
    a = RWAnalyzer()
    a.spt_data.from_dataframe(data)
    a.tesseller.from_plugin(method)
    if options.get("time_window_duration"):
        a.time.from_sliding_window(
            options.pop("time_window_duration"), options.pop("time_window_shift", None)
        )
    for name, choose in (
        ("knn", a.sampler.from_nearest_neighbors),
        ("radius", a.sampler.from_spheres),
    ):
        if options.get(name):
            choose(options.pop(name))
    for name, value in options.items():
        if name in _SETTINGS and name in a.tesseller.parameters:
            setattr(a.tesseller, name, value)
        else:
            warn_without_effect(name, f"the method {method!r} does without")
    partition = a.sampler.sample(a.spt_data.dataframe)
    if output_file is not None:
        tree = Analysis(a.spt_data.dataframe)
        tree[0 if label is None else label] = partition
        save_rwa(output_file, tree)
    return partition


def infer(
    cells: Partition | Analysis | str | os.PathLike[str],
    mode: str = "D",
    output_file: str | os.PathLike[str] | None = None,
    input_label: Any = None,
    output_label: str | None = None,
    localization_error: float | None = None,
    sigma: float | None = None,
    **options: Any,
) -> Maps:
    """Infer maps of a partition.

    Parameters
    ----------
    cells
        The partition, or the tree or file that has it.
    mode
        Plugin name of the model; ``D``, ``DD``, ``DF`` and ``DV`` are some.
    output_file, output_label
        Where the maps are saved, below the partition in its tree; nowhere by default.
    input_label
        Label of the partition in the tree; not needed where there is one.
    localization_error, sigma
        Variance of the localizations, µm², or their standard deviation, µm; 0 by default.
    options
        Parameters of the model.
    """
    partition = _data_of(cells, Partition, input_label)
    a = RWAnalyzer()
    a.mapper.from_plugin(_MODELS.get(mode, mode))
    for name, value in options.items():
        setattr(a.mapper, name, value)
    precision = sigma if localization_error is None else localization_error**0.5
    maps: Maps = a.mapper.infer(partition, precision or 0.0)
    if output_file is not None:
        tree = Analysis(partition.points)
        tree[0 if input_label is None else input_label] = partition
        tree.get_child()[mode if output_label is None else output_label] = maps
        save_rwa(output_file, tree)
    return maps


def _finish(axes: "Axes", output_file: str | os.PathLike[str] | None, show: bool) -> None:
    if output_file is not None:
        axes.figure.savefig(output_file)  # type: ignore[union-attr]
    if show:
        from matplotlib import pyplot

        pyplot.show()


def cell_plot(
    cells: Partition | Analysis | str | os.PathLike[str],
    label: Any = None,
    output_file: str | os.PathLike[str] | None = None,
    show: bool = False,
    **options: Any,
) -> None:
    """Draw cells; options are those of :func:`tramway.plotting.plot_cells`."""
    _finish(plot_cells(_data_of(cells, Partition, label), **options), output_file, show)


def map_plot(
    maps: Maps | Analysis | str | os.PathLike[str],
    cells: Partition | None = None,
    feature: str | None = None,
    label: Any = None,
    output_file: str | os.PathLike[str] | None = None,
    show: bool = False,
    **options: Any,
) -> None:
    """Draw a map; options are those of :func:`tramway.plotting.plot_map`.

    Without `feature` it is the first one of the maps; without `cells` those that the maps know.
    """
    found = _data_of(maps, Maps, label)
    partition = found.inferred_from() if cells is None else cells
    axes = plot_map(found, feature or found.features[0], partition, **options)
    _finish(axes, output_file, show)
