"""How regions are cut into cells: ``a.tesseller``."""

from collections import ChainMap
from collections.abc import Callable, Collection, Mapping, MutableMapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.attributes import Check, warn_without_effect
from tramway.data import translocations as translocations_of
from tramway.data.columns import values_of
from tramway.data.translocations import CUT_WHERE_STEPS_BEGIN
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.tessellation import METHODS, Partition, Tessellation
from tramway.tessellation.positions import Extent
from tramway.units import SPACE_COLUMNS

from . import cell_mergers
from .plugin import PluginAttribute

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _tesseller(name: str, value: Any) -> "Tesseller | None":
    """Check for a tesseller, one of the classes that make one, or a dict of plugin and settings."""
    if value is None:
        return None
    if isinstance(value, Mapping) and "plugin" in value:
        settings = dict(value)
        merger = settings.pop("post_processing", None)
        value = Tesseller(settings.pop("plugin"), **settings)
        value.post_processing = merger
    if isinstance(value, type) and issubclass(value, Tesseller):
        try:
            value = value()
        except TypeError as error:
            raise InvalidInputError(
                f"`{name}` was given `{value.__name__}` itself, which needs arguments: call it, "
                f"{value.__name__}(...)"
            ) from error
    if not (isinstance(value, Tesseller) and value.initialized):
        raise InvalidInputError(
            f"`{name}` is {value!r}, expected one of `tessellers`, like tessellers.KMeans(), or "
            "its plugin and settings, like {'plugin': 'kmeans'}"
        )
    return value


ABSENT = {"kohonen": "'gwr' adapts to the density as well"}
"""Plugins of the original that are not there, and what to use instead."""

_OF_OTHER_METHODS = {
    "topology": "neighbours are those of the Voronoi diagram",
    "scaler": "coordinates are in µm, and not scaled",
    **dict.fromkeys(
        (
            *("resolution", "ref_distance", "avg_distance", "min_distance"),
            *("avg_probability", "avg_location_count", "max_level"),
            *("min_location_count", "max_location_count"),
        ),
        "this method is set by what a.tesseller.parameters lists",
    ),
    **{
        f"{bound}_probability": "not a part of the points is set but their number, as "
        f"`{bound}_location_count`, where a.tesseller.parameters lists it"
        for bound in ("min", "max")
    },
}
"""Settings of the original that have no counterpart, and why."""


class _Kept(ChainMap[str, Any]):
    """Maps of which the one that has a name gives it up."""

    def __delitem__(self, name: str) -> None:
        del next((one for one in self.maps if name in one), self.maps[0])[name]


class Tesseller(PluginAttribute):
    """A tessellation method and its parameters.

    Every region is cut on its own: what is not set is derived from the region's own translocations,
    never from another region's.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tesseller.from_plugin("hexagon", resolution=0.3)  # µm
    >>> a.tesseller.tessellate(steps).n_cells
    150
    """

    _kind = "tesseller"
    _example = "a.tesseller = tessellers.Hexagons"
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "post_processing": "set it once the tesseller is chosen, "
        "a.tesseller.post_processing = cell_mergers.ByTranslocationCount",
        "post": "it is a.tesseller.post_processing",
    }

    _post_processing: cell_mergers.ByTranslocationCount | None = None
    _of_other_methods: Mapping[str, Any] = MappingProxyType({})

    @property
    def _explicit_kwargs(self) -> MutableMapping[str, Any]:
        """What was set, as scripts of the original look it up; it may be deleted there."""
        return _Kept(self._values, dict(self._of_other_methods))

    def from_plugin(self, name: str, **parameters: Any) -> None:
        """Choose a method by its name, and set its parameters."""
        if name in ABSENT:
            raise InvalidInputError(f"there is no tesseller plugin {name!r}: {ABSENT[name]}")
        super().from_plugin(name, **parameters)

    def from_callable(self, maker: Callable[[], "Tesseller"]) -> None:
        """Take the method and the settings of one of ``tessellers``.

        Parameters
        ----------
        maker
            What makes one when it is called, as ``tessellers.Hexagons``.
        """
        made = maker()
        if not isinstance(made, Tesseller):
            raise InvalidInputError(f"`maker` makes {made!r}, expected one of `tessellers`")
        self._plugin, self._values = made._plugin, dict(made._values)
        self._post_processing = made._post_processing

    @property
    def scaler(self) -> None:
        """None: coordinates are in µm, and not scaled."""
        return None

    def reset(self) -> None:
        """Accept, for existing scripts: nothing of one region is kept for the next."""

    def calibrate(self, df: pd.DataFrame) -> None:
        """Accept, for existing scripts: each region is calibrated on its own data."""

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the tessellation methods."""
        return list(METHODS)

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        method = METHODS[plugin]
        return {name: method.checks.get(name, _tesseller) for name in method.settings}

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        return METHODS[plugin].defaults

    def __setattr__(self, name: str, value: object) -> None:
        if name == "post_processing":
            object.__setattr__(self, name, value)
        elif name in _OF_OTHER_METHODS and name not in self._setting_names():
            self._of_other_methods = {**self._of_other_methods, name: value}
            warn_without_effect(name, _OF_OTHER_METHODS[name])
        else:
            super().__setattr__(name, value)

    @property
    def post_processing(self) -> cell_mergers.ByTranslocationCount | None:
        """What becomes of cells with few translocations; None: nothing.

        Set it to one of :mod:`tramway.analyzer.cell_mergers`, with or without parentheses, or to a
        dict of its parameters.
        """
        return self._post_processing

    @post_processing.setter
    def post_processing(self, merger: object) -> None:
        if merger is cell_mergers.ByTranslocationCount:
            merger = cell_mergers.ByTranslocationCount()
        if isinstance(merger, Mapping):
            merger = cell_mergers.ByTranslocationCount.from_parameters(merger)
        if not (merger is None or isinstance(merger, cell_mergers.ByTranslocationCount)):
            raise InvalidInputError(
                f"`post_processing` is {merger!r}, expected cell_mergers.ByTranslocationCount or "
                "None"
            )
        self._post_processing = merger

    @property
    def parameters(self) -> dict[str, Any]:
        """Value of every parameter of the plugin, and how its cells are merged, if they are.

        A tesseller among them is a dictionary of its plugin and its own parameters, those that are
        not None.
        """
        values = _plain(super().parameters)
        if self._post_processing is not None:
            values["post_processing"] = self._post_processing.parameters
        return values

    def _shown(self) -> dict[str, Any]:
        merger = self._post_processing
        return {**self._values, **({} if merger is None else {"post_processing": merger})}

    def settings(self) -> dict[str, Any]:
        """Everything that was set, how cells are merged included."""
        merger = self._post_processing
        return {
            "plugin": self._plugin,
            "parameters": _plain(self._values),
            "post_processing": None if merger is None else merger.parameters,
        }

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Make the tesseller that has these settings."""
        made = cls(settings["plugin"], **settings["parameters"])
        made.post_processing = settings["post_processing"]
        return made

    def _refusal(self, verb: str, name: str, valid: Collection[str]) -> str:
        return super()._refusal(verb, name, [*valid, "post_processing"])

    def tessellate(self, translocations: pd.DataFrame) -> Tessellation:
        """Cut the area of some translocations into cells.

        Parameters
        ----------
        translocations
            Table with columns ``x y [z] dx dy [dz]``, in µm; :meth:`Region.crop` gives one. Or
            trajectories: the cells are then made of all localizations, unless they were given as
            translocations.

        Returns
        -------
        Tessellation
            The cells.

        Raises
        ------
        InvalidInputError
            If no method is chosen.
        InsufficientDataError
            If there are too few translocations.
        """
        translocations = places_to_cut(translocations)
        space = [column for column in SPACE_COLUMNS if column in translocations]
        origins = values_of(translocations, space)
        table = displaced(translocations)
        if "dx" not in table:
            return self.cut(origins, np.zeros(len(origins)))
        steps = values_of(table, [f"d{column}" for column in space])
        return self.cut(origins, np.sqrt((steps**2).sum(axis=1)))

    def cut(self, origins: NDArray[np.float64], lengths: NDArray[np.float64]) -> Tessellation:
        """As :meth:`tessellate`, of origins (n, d) and lengths (n,) of displacements, µm."""
        cells = METHODS[self.plugin].cut(origins, lengths, **super().parameters)
        if self._post_processing is None:
            return cells
        return self._post_processing.merge(cells, origins)

    def cut_extent(self, extent: Extent, length: float) -> Tessellation:
        """As :meth:`cut`, of the extent of origins and the mean length of displacements, µm."""
        return METHODS[self.plugin].cut_extent(extent, length, **super().parameters)

    @property
    def mpl(self) -> "CellPlots":
        """Pictures of cells, drawn with matplotlib."""
        return CellPlots()


def displaced(points: pd.DataFrame) -> pd.DataFrame:
    """Give the translocations of trajectories; localizations that are not tracked as they are."""
    if "dx" in points or not {"n", "t"} <= {*points.columns}:
        return points
    steps = translocations_of(points)
    return points if steps.empty else steps


def places_to_cut(points: pd.DataFrame) -> pd.DataFrame:
    """Give the rows that cells are made of: of what was given as translocations, where they begin.

    Of other trajectories all localizations.
    """
    return displaced(points) if points.attrs.get(CUT_WHERE_STEPS_BEGIN) else points


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write tessellers among values as dictionaries."""
    plain = dict(values)
    for name, value in values.items():
        if isinstance(value, Tesseller):
            own = {key: own for key, own in value.parameters.items() if own is not None}
            plain[name] = {"plugin": value.plugin, **own}
    return plain


class CellPlots:
    """Pictures of cells."""

    def plot(
        self, sampling: Partition | Analysis, axes: "Axes | None" = None, **options: Any
    ) -> "Axes":
        """Draw the cells of a sampling; `options` are those of :func:`tramway.plotting.plot_cells`.

        Returns
        -------
        matplotlib.axes.Axes
            The axes, in µm.
        """
        from tramway.plotting import plot_cells

        return plot_cells(_partition(sampling), axes=axes, **options)

    def plot_cell_indices(
        self, sampling: Partition | Analysis, axes: "Axes | None" = None, **options: Any
    ) -> "Axes":
        """Draw the numbers of the cells; see :func:`tramway.plotting.plot_cell_indices`."""
        from tramway.plotting import plot_cell_indices

        return plot_cell_indices(_partition(sampling), axes=axes, **options)

    def animate(
        self, fig: "Figure", sampling: Partition | Analysis, **options: Any
    ) -> "FuncAnimation":
        """Show the segments of time; see :func:`tramway.plotting.animate_cells`."""
        from tramway.plotting import animate_cells

        return animate_cells(_partition(sampling), fig, **options)


def _partition(sampling: Partition | Analysis) -> Partition:
    partition: Partition = sampling.data if isinstance(sampling, Analysis) else sampling
    return partition


def from_plugin(name: str, **parameters: Any) -> Tesseller:
    """Tesseller of a plugin name, to be assigned: ``a.tesseller = tesseller.from_plugin(...)``.

    Parameters
    ----------
    name, parameters
        Those of :meth:`Tesseller.from_plugin`, as its errors are.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tesseller = tesseller.from_plugin("hexagon", resolution=0.25)  # µm
    >>> a.tesseller.resolution
    0.25
    """
    return Tesseller(name, **parameters)


TessellerPlugin = Tesseller  # as the original calls it
