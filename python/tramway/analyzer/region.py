"""A region of interest in one source."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.data import (
    Area,
    Box,
    Polygon,
    translocations,
    translocations_of_union,
)
from tramway.data.polygon import text_of_union
from tramway.files import Analysis, commit_as_analysis
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from .source import Source
    from .trajectory_plots import TrajectoryPlots

Label = str | int


class Region:
    """A region of one source, the unit of analysis.

    Attributes
    ----------
    label
        Its name within the source, and that of its sampling: ``roi000``, …; ``full`` where no
        regions are defined.
    areas
        Boxes, in µm (and s), and polygons: a translocation in any of them is in the region; none
        for the whole source.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> a.roi.from_bounding_boxes([((1, 1), (2, 2))])  # µm
    >>> region = first(a.roi.as_support_regions())
    >>> region.label, list(region.crop())
    ('roi000', ['n', 'x', 'y', 't', 'dx', 'dy', 'dt'])
    """

    def __init__(self, item: "Source", label: str, *areas: Area | None) -> None:
        self._item = item
        self.label = label
        self.areas = tuple(area for area in areas if area is not None)

    @property
    def bounding_box(self) -> Box | None:
        """Bounds in µm (and s), around all of it; None for the whole source."""
        return hull(self.areas)

    @property
    def bounds(self) -> "Bounds":
        """Its area, or each of them where there are several, in plain numbers and texts."""
        return bounds_of(self.areas)

    @property
    def _spt_data(self) -> "Source":  # as the original calls it
        return self._item

    @property
    def source(self) -> str:
        """Identity of the source that the region is in."""
        return self._item.source

    @property
    def subtree(self) -> Analysis:
        """Analysis tree of the source: samplings are committed to it."""
        return self._item.analyses

    def crop(self, df: pd.DataFrame | None = None) -> pd.DataFrame:
        """Translocations whose origin is in the region.

        Parameters
        ----------
        df
            Trajectories; those of the source by default.

        Returns
        -------
        DataFrame
            Translocation table, columns ``n x y [z] t … dx dy [dz] dt``, in µm and s. A track that
            leaves the region and comes back is two tracks in it. Where the region is the whole
            source, its trajectories: cells are made of all their localizations, the last ones of
            the tracks, too.
        """
        return crop(self._item.trajectories_of([self]) if df is None else df, self.areas)

    def crop_frames(self, **options: Any) -> Iterator[Any]:
        """Iterate over the frames of the source's movie, cropped to the region.

        Parameters
        ----------
        options
            Those of ``ImageStack.crop_frames``.

        Raises
        ------
        MissingResultError
            If the source has no movie, see :meth:`Source.get_image`.
        """
        stack, box = self._item.get_image(), self.bounding_box
        if box is None:
            return stack.as_frames(**options)
        return stack.crop_frames((box.lower, box.upper), **options)

    def discard_static_trajectories(
        self,
        df: pd.DataFrame | None = None,
        min_msd: float | None = None,
        *,
        full_trajectory: bool = False,
    ) -> pd.DataFrame:
        """Leave out translocations shorter than what localization noise alone makes.

        It is never done unasked: it biases the diffusivity upwards.

        Parameters
        ----------
        df
            Translocation table; that of the region by default.
        min_msd
            Least mean over the coordinates of the squared displacement, µm²; the variance σ² of the
            localizations by default.
        full_trajectory
            Whether a short translocation takes all others of its track with it.

        Returns
        -------
        DataFrame
            The table without the translocations below `min_msd`.

        Raises
        ------
        InvalidInputError
            If neither `min_msd` nor the localization precision of the source is known.
        """
        table = self.crop() if df is None else df
        return self._item.discard_static_trajectories(
            table, min_msd, full_trajectory=full_trajectory
        )

    def get_sampling(
        self,
        label: Label | Collection[Label] | Callable[[str], Label] | None = None,
        unique: bool = True,
    ) -> Any:
        """Node of the tree with a sampling of this region; the region's label by default.

        Parameters
        ----------
        label
            A label, several of which one is there, or a function that makes it of the label of the
            region.
        unique
            Whether it has to be one; else a list of them is returned.

        Raises
        ------
        MissingResultError
            If there is none; the message lists the labels there are.
        """
        made = label(self.label) if callable(label) else label
        wanted = self.label if made is None else made
        return self._item.get_sampling(wanted, unique=unique)

    def add_sampling(
        self,
        sampling: Partition | Analysis,
        label: str | int | None = None,
        comment: str | None = None,
    ) -> Analysis:
        """Add a sampling to the tree of the source, under the region's label by default."""
        return commit_as_analysis(self.label if label is None else label, sampling, self, comment)

    def add_metadata(self, sampling: Partition, inplace: bool = False) -> Partition:
        """Write into a sampling, or into a copy that is returned, which region it is of."""
        if not inplace:
            sampling = copy(sampling)
            sampling.param = dict(sampling.param)
        sampling.param["roi"] = region_facts(self.label, self.areas)
        return sampling

    @contextmanager
    def autosaving(self, **options: Any) -> Iterator[Analysis]:
        """Context that gives the analysis tree and saves it; see :meth:`Source.autosaving`."""
        with self._item.autosaving(**options) as tree:
            yield tree

    @property
    def mpl(self) -> "TrajectoryPlots":
        """Pictures of the trajectories, drawn with matplotlib."""
        from .trajectory_plots import TrajectoryPlots

        return TrajectoryPlots(self._item, self.areas)

    def __repr__(self) -> str:
        return f"<Region {self.label} of {self.source}>"


Bounds = Any
"""Areas as JSON has them: None, (lower, upper) or the text of a polygon, or a list of those."""


def bounds_of(areas: Sequence[Area]) -> Bounds:
    """Say boxes and polygons in plain numbers and texts."""
    said = [area.text if isinstance(area, Polygon) else (area.lower, area.upper) for area in areas]
    return None if not said else said[0] if len(said) == 1 else said


def areas_of(bounds: Bounds) -> tuple[Area, ...]:
    """Take what :func:`bounds_of` says."""
    if bounds is None:
        return ()
    is_polygon = isinstance(bounds, str)
    is_box = not is_polygon and not isinstance(bounds[0], str) and np.ndim(bounds[0][0]) == 0
    several = [bounds] if is_polygon or is_box else bounds
    return tuple(Polygon.of_text(one) if isinstance(one, str) else Box(*one) for one in several)


def region_facts(label: str, areas: Sequence[Area]) -> dict[str, Any]:
    """Say which region a sampling is of, for what is stored with it."""
    if not areas:
        return {"label": label}
    facts: dict[str, Any] = {"label": label, "bounding_box": list(_limits(areas))}
    if has_polygon(areas):
        facts["geometry"] = text_of_union(areas)
    return facts


def has_polygon(areas: Sequence[Area]) -> bool:
    """Whether not all areas are boxes."""
    return Polygon in map(type, areas)


def hull(areas: Sequence[Area]) -> Box | None:
    """Box around areas; None around none."""
    return Box(*_limits(areas)) if areas else None


def _limits(areas: Sequence[Area]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Give the bounds of the box around areas."""
    if len(areas) == 1:
        return areas[0].lower, areas[0].upper
    lower = map(min, *[area.lower for area in areas])
    upper = map(max, *[area.upper for area in areas])
    return tuple(lower), tuple(upper)


def crop(data: pd.DataFrame, areas: Sequence[Area]) -> pd.DataFrame:
    """Translocations whose origin is in any area; the trajectories where there is none."""
    if len(areas) > 1 or has_polygon(areas):
        return translocations_of_union(data, areas)
    return translocations(data, areas[0].lower, areas[0].upper) if areas else data
