"""What is inferred in the cells: ``a.mapper``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, overload

from tramway.attributes import (
    Check,
    flag,
    integer,
    non_negative,
    optional,
    or_auto,
    positive,
    positive_integer,
)
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.inference import Maps, get_model, plugin_names
from tramway.tessellation import Partition

from .plugin import PluginAttribute
from .source import SETTINGS, Imaging

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What the values of a model's parameters must be; a parameter means the same in every model.
_PARAMETERS: dict[str, Check] = {
    "diffusivity_prior": optional(non_negative),
    "potential_prior": optional(non_negative),
    "drift_prior": optional(non_negative),
    "force_prior": optional(non_negative),
    "min_diffusivity": optional(non_negative),
    "noise_correction": flag,
    "alpha": positive,
    "B_threshold": positive,
    "max_iter": optional(positive_integer),
    "max_runtime": optional(positive),
    "worker_count": optional(integer),
    "verbose": flag,
}


class Mapper(PluginAttribute):
    """A model of motion and its parameters.

    The localization precision is not among them: it belongs to the data,
    ``a.spt_data.localization_precision``.
    """

    _kind = "mapper"
    _example = "a.mapper.from_plugin('stochastic.dv') or a.mapper = models.DV()"
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "sigma": "the localization precision belongs to the data, "
        "set a.spt_data.localization_precision",
        "localization_precision": "it belongs to the data, set a.spt_data.localization_precision",
        "exposure_time": "it belongs to the data, set a.spt_data.exposure_time",
    }

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the models."""
        return plugin_names()

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        model = get_model(plugin)
        return {
            name: or_auto(_PARAMETERS[name]) if name in model.chosen else _PARAMETERS[name]
            for name in model.parameters
        }

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        return get_model(plugin).parameters

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
            Translocations filed under cells, or the node of an analysis tree that holds them.
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

    def _maps(self, partition: Partition, imaging: Imaging) -> Maps:
        model = get_model(self.plugin)
        return model.infer(
            partition,
            **imaging._asdict(),
            mode=model.name,
            **self.parameters,
        )

    @property
    def mpl(self) -> "MapPlots":
        """Pictures of maps, drawn with matplotlib."""
        return MapPlots()


class MapPlots:
    """Pictures of maps."""

    def plot(
        self,
        maps: Maps | Analysis,
        feature: str,
        sampling: Partition | Analysis | None = None,
        axes: "Axes | None" = None,
        unit: str | None = "std",
        **options: Any,
    ) -> "Axes":
        """Draw one feature of some maps.

        Parameters
        ----------
        maps
            The maps, or the node of an analysis tree that holds them.
        feature
            One of ``maps.features``.
        sampling
            What the maps were inferred from; not needed where `maps` is a node.
        axes, unit, options
            Those of :func:`tramway.plotting.plot_map`.

        Returns
        -------
        matplotlib.axes.Axes
            The axes, in µm.

        Raises
        ------
        InvalidInputError
            If `maps` is not a node and there is no `sampling`.
        MissingResultError
            If the maps have no such feature.
        """
        from tramway.plotting import plot_map

        if isinstance(maps, Analysis) and sampling is None:
            sampling = maps.get_parent()
        if sampling is None:
            raise InvalidInputError(
                "`sampling` is needed to draw plain maps: give the partition they were inferred "
                "from, or draw the node that get_child() returns"
            )
        partition = sampling.data if isinstance(sampling, Analysis) else sampling
        plain = maps.data if isinstance(maps, Analysis) else maps
        return plot_map(plain, feature, partition, axes=axes, unit=unit, **options)


def from_plugin(name: str, **parameters: Any) -> Mapper:
    """Mapper of a plugin name, to be assigned: ``a.mapper = mapper.from_plugin(...)``.

    See :meth:`PluginAttribute.from_plugin`.
    """
    return Mapper(name, **parameters)
