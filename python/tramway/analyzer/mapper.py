"""What is inferred in the cells: ``a.mapper``."""

import os
from collections.abc import Callable, Collection, Mapping
from traceback import walk_tb
from typing import Any, ClassVar, overload

import pandas as pd

from tramway.attributes import Check, non_negative, warn_without_effect
from tramway.data.text_columns import write_text_columns
from tramway.errors import InvalidInputError, UnknownAttributeError, UserFunctionError
from tramway.files import Analysis
from tramway.inference import Maps, get_model, maps_of, plugin_names
from tramway.tessellation import Partition, Tessellation
from tramway.units import SPACE_COLUMNS

from .map_plots import MapPlots
from .original_mappers import INSTEAD, OF_OTHER_SOLVERS, OTHER_NAMES
from .plugin import PluginAttribute
from .source import SETTINGS, Imaging
from .user_function import UserFunction


class Mapper(PluginAttribute):
    """A model of motion and its parameters.

    The localization precision is not among them: it belongs to the data,
    ``a.spt_data.localization_precision``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.mapper.from_plugin("dv", diffusivity_prior=20, potential_prior="auto")
    >>> a.mapper.infer(partition, localization_precision=0.01).features[:3]
    ['diffusivity', 'potential', 'force']
    """

    _kind = "mapper"
    _example = "a.mapper.from_plugin('stochastic.dv') or a.mapper = models.DV()"
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "sigma": "the localization precision belongs to the data, "
        "set a.spt_data.localization_precision",
        "localization_precision": "it belongs to the data, set a.spt_data.localization_precision",
        "exposure_time": "it belongs to the data, set a.spt_data.exposure_time",
        "time_prior": "each map has its own, diffusivity_time_prior and potential_time_prior",
        "plotly": "figures are those of a.mapper.mpl.plot; maps.to_dataframe() and "
        "maps.to_geojson() are for other programs",
    }

    _function: UserFunction | None = None

    def from_plugin(self, name: str | Callable[..., Any], **parameters: Any) -> None:
        """Choose a model by its name, or a function of one's own; see :class:`MapperPlugin`."""
        if callable(name):
            self._choose(name, parameters)
            return
        if name in INSTEAD:
            raise InvalidInputError(f"there is no mapper {name!r}: {INSTEAD[name]}")
        super().from_plugin(name, **parameters)
        self._function = None

    def from_maps(self, maps: Maps | Analysis) -> None:
        """Choose the model that maps were made with, and its parameters."""
        found: Maps = maps.data if isinstance(maps, Analysis) else maps
        known = self._checks(found.mode)
        values = {name: found.attributes[name] for name in known if name in found.attributes}
        self.from_plugin(found.mode, **{k: v for k, v in values.items() if v is not None})

    def __setattr__(self, name: str, value: object) -> None:
        if self._function is None and self._plugin is not None:
            name = OTHER_NAMES.get(name, name)
            if name in OF_OTHER_SOLVERS and name not in self._setting_names():
                warn_without_effect(name, OF_OTHER_SOLVERS[name])
                return
        super().__setattr__(name, value)

    def to_ascii_file(
        self,
        filepath: str | os.PathLike[str],
        maps: Maps | Analysis,
        add_coordinates: bool = False,
        tessellation: Partition | Tessellation | Analysis | None = None,
        index: bool = True,
        header: bool = True,
        float_format: str | None = "%.4f",
        **options: Any,
    ) -> None:
        """Write maps as text, in columns that are separated by tabs.

        Parameters
        ----------
        filepath
            The file; it is replaced. ``maps.to_csv`` writes all digits, units and status, too.
        maps
            The maps, or the node of an analysis tree that holds them.
        add_coordinates
            Whether the centers of the cells are the last columns.
        tessellation
            The cells, or what the maps were inferred from, where they do not know it.
        index, header
            Whether there are numbers of cells, and names of columns.
        float_format
            How numbers are written.
        options
            More of :meth:`pandas.DataFrame.to_csv`; ``sep`` has no effect.

        Raises
        ------
        InvalidInputError
            If an option is unknown, or wrong.
        """
        plain: Maps = maps.data if isinstance(maps, Analysis) else maps
        table = plain.maps
        if add_coordinates:
            where = plain.inferred_from() if tessellation is None else tessellation
            cells = where.data if isinstance(where, Analysis) else where
            cells = cells.tessellation if isinstance(cells, Partition) else cells
            centers = cells.cell_centers[table.index]
            names = list(SPACE_COLUMNS[: centers.shape[1]])
            table = table.join(pd.DataFrame(centers, index=table.index, columns=names))
        write_text_columns(
            table, filepath, options, index=index, header=header, float_format=float_format
        )

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the models."""
        return plugin_names()

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        return {name: known.check for name, known in get_model(plugin).parameters.items()}

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        return get_model(plugin).defaults

    @overload
    def infer(
        self,
        sampling: Partition,
        localization_precision: float | str | None = None,
        exposure_time: float | None = None,
    ) -> Maps: ...
    @overload
    def infer(
        self,
        sampling: Analysis,
        localization_precision: float | str | None = None,
        exposure_time: float | None = None,
    ) -> Analysis: ...
    def infer(
        self,
        sampling: Partition | Analysis,
        localization_precision: float | str | None = None,
        exposure_time: float | None = None,
    ) -> Maps | Analysis:
        """Infer the maps of one sampling.

        Parameters
        ----------
        sampling
            Translocations assigned to cells, or the node of an analysis tree that holds them.
        localization_precision
            Standard deviation of one coordinate, µm; text: that of each localization, in the
            columns of the sampling; ``a.spt_data.localization_precision`` by default, and zero
            where that is not set.
        exposure_time
            Time that a localization averages over, s; ``a.spt_data.exposure_time`` by default.

        Returns
        -------
        Maps or Analysis
            The maps; for a node, a node that :func:`commit_as_analysis` can add to the tree.

        Raises
        ------
        InvalidInputError
            If no model is chosen, or the sources of the data have different precisions and none is
            given here.
        InsufficientDataError
            If there are too few translocations.
        """
        imaging = self._imaging(localization_precision, exposure_time)
        if isinstance(sampling, Analysis):
            return Analysis(self._maps(sampling.data, imaging), parent=sampling)
        return self._maps(sampling, imaging)

    def _imaging(
        self, localization_precision: float | str | None, exposure_time: float | None
    ) -> Imaging:
        """Take what is given; for the rest, what is set on the data."""
        if localization_precision is None:
            localization_precision = self._owner().spt_data.localization_precision
        if exposure_time is None:
            exposure_time = 0.0 if self._analyzer is None else self._owner().spt_data.exposure_time
        return Imaging.of(
            SETTINGS["localization_precision"]("localization_precision", localization_precision),
            non_negative("exposure_time", exposure_time),
        )

    def _choose(self, function: Callable[..., Any], parameters: Mapping[str, Any]) -> None:
        """Take a function of the user's for the model."""
        chosen = UserFunction(function)
        for name in chosen.arguments:
            if hasattr(Mapper, name) or name in ("function", "maps", "mode"):
                raise InvalidInputError(
                    f"`{chosen.name}` has an argument `{name}`, which means something else here: "
                    "rename it"
                )
        self._function, self._plugin, self._values = chosen, chosen.name, {}
        for name, value in parameters.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        if self._function is None:
            return super().__repr__()
        values = "".join(f", {name}={value!r}" for name, value in self._values.items())
        return f"MapperPlugin({self.plugin!r}{values})"

    @property
    def takes_tracks(self) -> bool:
        """Whether it takes the likelihood of whole tracks; a function of one's own does not."""
        return (
            self._function is None and self._plugin is not None and get_model(self.plugin).of_tracks
        )

    def identity(self) -> dict[str, Any]:
        """Name what determines the maps of a partition: the function's code, its parameters."""
        code = {} if self._function is None else {"function": self._function.digest()}
        return {**super().identity(), **code}

    def settings(self) -> dict[str, Any]:
        """Everything that was set, and the function."""
        if self._function is None:
            return super().settings()
        return {"function": self._function, "parameters": self._values}

    @property
    def parameters(self) -> dict[str, Any]:
        """Value of every parameter of the function that has one."""
        if self._function is None:
            return super().parameters
        arguments = self._own_arguments(self._function)
        defaults = {a.name: a.default for a in arguments.values() if a.default is not a.empty}
        return {**defaults, **self._values}

    @staticmethod
    def _own_arguments(function: UserFunction) -> dict[str, Any]:
        return {
            name: argument
            for name, argument in function.arguments.items()
            if name != "localization_precision"
            and argument.kind not in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD)
        }

    def _setting_names(self) -> Collection[str]:
        if self._function is None:
            return super()._setting_names()
        return list(self._own_arguments(self._function) | self._values)

    def _checked(self, plugin: str, parameter: str, value: object) -> Any:
        if self._function is None:
            return super()._checked(plugin, parameter, value)
        takes_any = any(a.kind is a.VAR_KEYWORD for a in self._function.arguments.values())
        if not takes_any and parameter not in self._setting_names():
            raise UnknownAttributeError(self._refusal("set", parameter, self._setting_names()))
        return value

    def _maps(self, partition: Partition, imaging: Imaging) -> Maps:
        if self._function is None:
            model = get_model(self.plugin)
            return model.infer(partition, **imaging._asdict(), mode=model.name, **self.parameters)
        from .cells import Cells

        name, parameters = self.plugin, self.parameters
        given = dict(parameters)
        if "localization_precision" in self._function.arguments:
            given["localization_precision"] = imaging.localization_precision
        try:
            active = partition.in_active_cells()
            start = active if self._function.takes_partition else Cells(active)
            result = self._function.function(start, **given)
        except Exception as error:
            raise UserFunctionError(f"`{name}` failed: {_described(error)}") from error
        return maps_of(
            name, result, partition, {"sigma": imaging.localization_precision, **parameters}
        )

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Mapper":
        """Make the mapper that has these settings."""
        if "function" in settings:
            return MapperPlugin(settings["function"], **settings["parameters"])
        return Mapper(settings["plugin"], **settings["parameters"])

    @property
    def mpl(self) -> MapPlots:
        """Pictures of maps, drawn with matplotlib."""
        return MapPlots()


class MapperPlugin(Mapper):
    """A function of one's own as a model: ``a.mapper = mapper.MapperPlugin(f)``.

    Called as ``f(cells, **parameters)``, with the :class:`~tramway.analyzer.cells.Cells` that hold
    translocations: ``for i in cells: cells[i].dr``. A function whose first argument is named
    ``partition``, or annotated so, gets the :class:`tramway.tessellation.Partition`:
    ``partition.points`` is the table of translocations, ``partition.cells`` the cell of each,
    ``partition.tessellation`` the cells. A function that has an argument ``localization_precision``
    gets σ, µm (``"column"`` where each localization has its own). It returns one of

    - a DataFrame, indexed by cell number, with one column for each quantity, or for each coordinate
      of a vector (``force x``, ``force y``);
    - a dict of such columns: each a Series indexed by cell number, or an array (n_cells,);
    - :class:`tramway.inference.Maps`.

    The same data must give the same maps, in whatever process: the function travels there with what
    it refers to in the script, but not with what it would find in other modules of the user's. When
    its code changes, or what that refers to in the same module, its maps are made anew.

    Parameters
    ----------
    function
        The function, whose name is the label of its maps; or the name of a plugin.
    parameters
        Values of its other arguments; they can also be set as attributes.

    Raises
    ------
    InvalidInputError
        If `function` cannot be called with an argument by position.
    UnknownAttributeError
        If it has no such argument; the message lists those it has.

    Examples
    --------
    >>> def count(partition, scale=1.0):
    ...     return {"count": scale * partition.location_count}
    >>> MapperPlugin(count, scale=0.5)
    MapperPlugin('count', scale=0.5)
    """

    _example = "a.mapper = mapper.MapperPlugin(f)"

    def __init__(self, function: Callable[..., Any] | str, **parameters: Any) -> None:
        super().__init__()
        self.from_plugin(function, **parameters)


def _described(error: Exception) -> str:
    """Tell what went wrong, and on which line."""
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{type(error).__name__}: {error} ({frame.f_code.co_filename}, line {line})"


def from_plugin(name: str, **parameters: Any) -> Mapper:
    """Mapper of a plugin name, to be assigned: ``a.mapper = mapper.from_plugin(...)``.

    Parameters
    ----------
    name, parameters
        Those of :meth:`Mapper.from_plugin`, as its errors are.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.mapper = mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
    >>> a.mapper.potential_prior
    1.0
    """
    return Mapper(name, **parameters)
