"""Pictures of maps: ``a.mapper.mpl``."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.inference import Maps
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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

        plain, partition = _drawable(maps, sampling)
        return plot_map(plain, feature, partition, axes=axes, unit=unit, **options)

    def plot_segments(
        self,
        maps: Maps | Analysis,
        feature: str,
        sampling: Partition | Analysis | None = None,
        **options: Any,
    ) -> "Figure":
        """Draw one feature in all segments of time; see :func:`tramway.plotting.plot_segments`."""
        from tramway.plotting import plot_segments

        plain, partition = _drawable(maps, sampling)
        return plot_segments(plain, feature, partition, **options)

    def color_limits(
        self, maps: Iterable[Maps | Analysis], feature: str, *, logscale: bool = False
    ) -> tuple[float, float]:
        """Choose one scale of colours for several regions: a ``clim`` for each :meth:`plot`.

        Parameters
        ----------
        maps
            Nodes of analysis trees that hold maps, or maps that know their partition.
        feature
            One of the features of all of them.
        logscale
            Whether the scale is logarithmic.

        Raises
        ------
        InvalidInputError
            If there is no value that can be drawn, or maps do not know what they were inferred
            from.
        MissingResultError
            If some maps have no such feature.
        """
        from tramway.plotting import color_limits, shown_segments

        shown = []
        for each in maps:
            plain, partition = _drawable(each, None)
            shown += shown_segments(plain, feature, partition)
        return color_limits(shown, logscale=logscale)

    def animate(
        self,
        fig: "Figure",
        maps: Maps | Analysis,
        feature: str,
        sampling: Partition | Analysis | None = None,
        **options: Any,
    ) -> "FuncAnimation":
        """Show one feature in all segments of time; see :func:`tramway.plotting.animate_map`."""
        from tramway.plotting import animate_map

        plain, partition = _drawable(maps, sampling)
        return animate_map(plain, feature, partition, fig, **options)


def _drawable(
    maps: Maps | Analysis, sampling: Partition | Analysis | None
) -> tuple[Maps, Partition]:
    """Take apart what is to be drawn."""
    if isinstance(maps, Analysis) and sampling is None:
        sampling = maps.get_parent()
    plain: Maps = maps.data if isinstance(maps, Analysis) else maps
    if sampling is None:
        sampling = plain.partition
    if sampling is None:
        raise InvalidInputError(
            "`sampling` is needed to draw plain maps: give the partition they were inferred "
            "from, or draw the node that get_child() returns"
        )
    partition = sampling.data if isinstance(sampling, Analysis) else sampling
    if not isinstance(partition, Partition):
        raise InvalidInputError(
            f"`sampling` is {partition!r:.80}, expected the partition that the maps are of: "
            "plot(maps, feature, sampling)"
        )
    return plain, partition
