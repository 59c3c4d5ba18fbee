"""How regions are cut into cells: ``a.tesseller``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.attributes import Check, coordinates, finite, non_negative, optional, positive
from tramway.files import Analysis
from tramway.tessellation import Partition, Tessellation, hexagons
from tramway.units import SPACE_COLUMNS

from .plugin import PluginAttribute

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Method:
    """A way to cut a region into cells.

    Attributes
    ----------
    tessellate
        Called with origins (n, d) and displacement lengths (n,), µm, and the parameters by name.
    checks
        Check of each parameter.
    defaults
        Their defaults; None where nothing else is said.
    """

    tessellate: Callable[..., Tessellation]
    checks: Mapping[str, Check]
    defaults: Mapping[str, Any]


def _hexagons(
    origins: NDArray[np.float64], lengths: NDArray[np.float64], **parameters: Any
) -> Tessellation:
    return hexagons(origins, displacement_length=float(lengths.mean()), **parameters)


METHODS: dict[str, Method] = {
    "hexagon": Method(
        _hexagons,
        {
            "resolution": optional(positive),
            "ref_distance": optional(positive),
            "avg_probability": optional(positive),
            "min_distance": optional(non_negative),
            "avg_distance": optional(positive),
            "tilt": finite,
            "lower_bound": optional(coordinates),
            "upper_bound": optional(coordinates),
        },
        {"tilt": 0.0},
    ),
}


class Tesseller(PluginAttribute):
    """A tessellation method and its parameters.

    Every region is cut on its own: what is not set is derived from the region's own translocations,
    never from another region's.
    """

    _kind = "tesseller"
    _example = "a.tesseller = tessellers.Hexagons"

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the tessellation methods."""
        return list(METHODS)

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        return METHODS[plugin].checks

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        method = METHODS[plugin]
        return {**dict.fromkeys(method.checks), **method.defaults}

    def tessellate(self, translocations: pd.DataFrame) -> Tessellation:
        """Cut the area of some translocations into cells.

        Parameters
        ----------
        translocations
            Table with columns ``x y [z] dx dy [dz]``, in µm; :meth:`Region.crop` gives one.

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
        space = [column for column in SPACE_COLUMNS if column in translocations]
        origins = translocations[space].to_numpy(np.float64)
        steps = translocations[[f"d{column}" for column in space]].to_numpy(np.float64)
        lengths = np.sqrt((steps**2).sum(axis=1))
        return METHODS[self.plugin].tessellate(origins, lengths, **self.parameters)

    @property
    def mpl(self) -> "CellPlots":
        """Pictures of cells, drawn with matplotlib."""
        return CellPlots()


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

        partition = sampling.data if isinstance(sampling, Analysis) else sampling
        return plot_cells(partition, axes=axes, **options)


def from_plugin(name: str, **parameters: Any) -> Tesseller:
    """Tesseller of a plugin name, to be assigned: ``a.tesseller = tesseller.from_plugin(...)``.

    See :meth:`PluginAttribute.from_plugin`.
    """
    return Tesseller(name, **parameters)
