"""A region of interest in one source."""

from typing import TYPE_CHECKING

import pandas as pd

from tramway.data import Box, discard_static, translocations
from tramway.errors import InvalidInputError
from tramway.files import Analysis, commit_as_analysis
from tramway.tessellation import Partition

if TYPE_CHECKING:
    from .source import Source


class Region:
    """A region of one source, the unit of analysis.

    Attributes
    ----------
    label
        Its name within the source, and that of its sampling: ``roi000``, …; ``full`` where no
        regions are defined.
    bounding_box
        Bounds in µm (and s); None for the whole source.
    """

    def __init__(self, item: "Source", label: str, bounding_box: Box | None) -> None:
        self._item = item
        self.label = label
        self.bounding_box = bounding_box

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
            leaves the region and comes back is two tracks in it.
        """
        return crop(self._item.dataframe if df is None else df, self.bounding_box)

    def discard_static_trajectories(
        self, df: pd.DataFrame | None = None, min_msd: float | None = None
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

        Returns
        -------
        DataFrame
            The table without the translocations below `min_msd`.

        Raises
        ------
        InvalidInputError
            If neither `min_msd` nor the localization precision of the source is known.
        """
        if min_msd is None:
            min_msd = static_threshold(self._item)
        return discard_static(self.crop() if df is None else df, min_msd)

    def get_sampling(self, label: str | int | None = None) -> Analysis:
        """Node of the tree with a sampling of this region; the region's label by default.

        Raises
        ------
        MissingResultError
            If there is none; the message lists the labels there are.
        """
        return self._item.get_sampling(self.label if label is None else label)

    def add_sampling(
        self,
        sampling: Partition | Analysis,
        label: str | int | None = None,
        comment: str | None = None,
    ) -> Analysis:
        """Add a sampling to the tree of the source, under the region's label by default."""
        return commit_as_analysis(self.label if label is None else label, sampling, self, comment)

    def __repr__(self) -> str:
        return f"<Region {self.label} of {self.source}>"


def crop(data: pd.DataFrame, box: Box | None) -> pd.DataFrame:
    """Translocations whose origin is in a box; all of them where there is none."""
    return translocations(data) if box is None else translocations(data, box.lower, box.upper)


def static_threshold(source: "Source") -> float:
    """Mean square displacement below which a translocation counts as static: σ², µm²."""
    if source.localization_error is None:
        raise InvalidInputError(
            "static translocations are those that localization noise explains: set "
            "a.spt_data.localization_precision to a number first"
        )
    return source.localization_error
