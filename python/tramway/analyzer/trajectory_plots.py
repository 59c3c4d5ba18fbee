"""Pictures of trajectories: ``f.mpl`` and ``region.mpl``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.attributes import warn_without_effect
from tramway.data import Area, trajectories_of
from tramway.errors import InvalidInputError

from .region import crop

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .source import SourceTable

_PREFIXES = ("loc", "trj", "roi", "sup")


class TrajectoryPlots:
    """Pictures of the trajectories of a source, or of a region in it."""

    def __init__(self, item: "SourceTable", areas: Sequence[Area] = ()) -> None:
        self._item = item
        self._areas = areas

    def _trajectories(self, data: pd.DataFrame | None) -> pd.DataFrame:
        if data is None:
            table = self._item.dataframe
            data = crop(table, self._areas) if self._areas else table
        return trajectories_of(data) if "dx" in data else data

    def plot(
        self,
        data: pd.DataFrame | None = None,
        axes: "Axes | None" = None,
        aspect: Any = "equal",
        roi_collection: str | None = None,
        **options: Any,
    ) -> "Axes":
        """Draw localizations, trajectories and regions of interest.

        Parameters
        ----------
        data
            Trajectories or translocations; those of the source, or of the region, by default.
        axes, aspect
            Those of :func:`tramway.plotting.plot_trajectories`.
        roi_collection
            Label of the only collection of regions drawn.
        options
            Properties of lines, after ``loc_``, ``trj_``, ``roi_`` or ``sup_``, as
            ``trj_color="b"``: of localizations, trajectories, regions, and of regions taken
            together. Without any, localizations, thin lines that link them, and regions are drawn;
            with some, localizations unless only other things have options, trajectories and regions
            taken together if they have.

        Returns
        -------
        matplotlib.axes.Axes
            The axes, in µm.
        """
        from tramway.plotting import plot_regions, plot_trajectories

        styles: dict[str, dict[str, Any]] = {}
        for name, value in options.items():
            prefix, _, prop = name.partition("_")
            if prefix not in _PREFIXES or not prop:
                raise InvalidInputError(
                    f"option `{name}` is unknown, expected a property of lines after "
                    f"{', '.join(f'{known}_' for known in _PREFIXES)}"
                )
            styles.setdefault(prefix, {})[prop] = value
        if not styles.keys() & {"loc", "trj"}:
            styles |= {"loc": {}, "trj": {"color": "0.5", "linewidth": 0.4}}
        axes = plot_trajectories(
            self._trajectories(data),
            axes=axes,
            aspect=aspect,
            locations=styles.get("loc"),
            tracks=styles.get("trj"),
        )
        roi = getattr(self._item, "roi", None)
        if roi is not None and roi.effective_definition is not None and not self._areas:
            regions = list(roi.as_individual_roi(collection=roi_collection))
            areas = [area for region in regions for area in region.areas]
            labels = [str(region.label) for region in regions]
            plot_regions(areas, axes, {"edgecolor": "green", **styles.get("roi", {})}, labels)
            if "sup" in styles:
                hulls = [region.bounding_box for region in roi.as_support_regions()]
                plot_regions([hull for hull in hulls if hull is not None], axes, styles["sup"])
        return axes

    def animate(
        self,
        fig: "Figure",
        trajs: pd.DataFrame | None = None,
        axes: "Axes | None" = None,
        **options: Any,
    ) -> "FuncAnimation":
        """Animate trajectories.

        Parameters
        ----------
        fig
            Where.
        trajs
            Trajectories or translocations; those of the source, or of the region, by default.
        axes
            In `fig`; new ones by default.
        options
            Those of :func:`tramway.plotting.animate_trajectories`; `save_count` has no effect.

        Returns
        -------
        matplotlib.animation.FuncAnimation
            Keep it as long as it runs; ``save`` and ``to_jshtml`` write it.
        """
        from tramway.plotting import animate_trajectories

        if options.pop("save_count", None) is not None:
            warn_without_effect("save_count", "all images are saved; give fewer trajectories")
        return animate_trajectories(self._trajectories(trajs), fig, axes=axes, **options)
