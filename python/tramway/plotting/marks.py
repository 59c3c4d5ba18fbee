"""Cells whose colour is no value, and the legend that says what they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tramway.tessellation import Partition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    from .polygons import Polygons

NO_VALUE = "0.9"
"""Light grey, which no colour map of ours contains."""

_ISLAND: dict[str, Any] = {"facecolor": "0.8", "edgecolor": "0.5", "hatch": "////", "lw": 0.0}
_UNCERTAIN: dict[str, Any] = {"facecolor": "1.0", "edgecolor": "0.7", "hatch": "..", "lw": 0.0}
_BELOW_LABELS = 38.0  # points from the axes to the legend, with numbers and a label between
_BELOW_SCALE_BAR = 22.0
_ABOVE = 4.0  # points from the axes to a legend above them
_TITLE_ABOVE = 20.0  # and to a title above that


class Marks:
    """What a map needs a legend for.

    Parameters
    ----------
    axes
        Where the map is drawn.
    partition
        Its cells.
    cells
        The same, as they are drawn.
    """

    def __init__(self, axes: "Axes", partition: Partition, cells: "Polygons") -> None:
        self._axes = axes
        self._cells = cells
        self._partition = partition
        self._keys: list[Patch] = []
        self._needs_legend = False

    def without_value(self, which: NDArray[np.bool_]) -> None:
        """Mention the cells without a value, which are grey already."""
        if which.any():
            self._key("no value", {"facecolor": NO_VALUE})

    def islands(self, which: NDArray[np.bool_]) -> None:
        """Hatch cells that have a zero of their own."""
        self._draw(which, "island, with a zero of its own", _ISLAND)

    def uncertain(self, which: NDArray[np.bool_]) -> None:
        """Dot cells that nothing certain is known of."""
        self._draw(which, "± error takes half of the scale", _UNCERTAIN)

    def faded(self) -> None:
        """Say what white stands for."""
        self._needs_legend = True
        self._key("the paler, the less certain", {"facecolor": "1.0", "edgecolor": "0.7"})

    def explain(self, *, has_labels: bool, above: bool) -> None:
        """Draw the legend where anything needs one: below the axes, or above them.

        Parameters
        ----------
        has_labels
            Whether the axes have numbers and labels below.
        above
            Whether the colour bar is below.
        """
        from matplotlib.transforms import ScaledTranslation

        if not self._needs_legend:
            return
        axes = self._axes
        points = _ABOVE if above else -(_BELOW_LABELS if has_labels else _BELOW_SCALE_BAR)
        shift = ScaledTranslation(0, points / 72, axes.figure.dpi_scale_trans)
        axes.legend(
            handles=self._keys,
            loc="lower left" if above else "upper left",
            bbox_to_anchor=(0, 1) if above else (0, 0),
            bbox_transform=axes.transAxes + shift,
            ncols=len(self._keys) if above else 1,
            borderaxespad=0,
            frameon=False,
            fontsize="small",
            handlelength=1.4,
        )
        if above and axes.get_title():
            axes.set_title(axes.get_title(), pad=_TITLE_ABOVE)

    def _draw(self, which: NDArray[np.bool_], name: str, style: Mapping[str, Any]) -> None:
        from .polygons import Polygons  # loads matplotlib

        if not which.any():
            return
        polygons = self._partition.tessellation.polygons()
        chosen = [polygons[cell] for cell in np.flatnonzero(which)]
        self._axes.add_collection(Polygons(chosen, **style))
        self._cells.cover(which)
        self._needs_legend = True
        self._key(name, style)

    def _key(self, name: str, style: Mapping[str, Any]) -> None:
        from matplotlib.patches import Patch

        self._keys.append(Patch(label=name, **style))


def fade(cells: "PolyCollection", opacity: NDArray[np.float64], axes: "Axes") -> None:
    """Mix the colours of cells with the background: transparent ones show where they overlap.

    Parameters
    ----------
    cells
        Coloured by their values, which they keep for the colour bar.
    opacity
        Share (n_cells,) of each colour, from 0 to 1.
    axes
        Where they are drawn.
    """
    from matplotlib.colors import to_rgb

    colors, share = np.asarray(cells.get_facecolor())[:, :3], opacity[:, None]
    mixed = share * colors + (1 - share) * np.array(to_rgb(axes.get_facecolor()))
    cells.set_array(None)
    cells.set_facecolor(mixed)
