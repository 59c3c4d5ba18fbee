"""Regions of interest of all sources: ``a.roi``."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from tramway.analyzer.attribute import AnalyzerAttribute
from tramway.analyzer.region import Region
from tramway.analyzer.selection import Selection
from tramway.data import Box

from .declaration import RegionDefinitions

if TYPE_CHECKING:
    from tramway.analyzer.source import Source


class ROI(RegionDefinitions, AnalyzerAttribute):
    """Regions of all sources: what is defined here holds where a source has no regions of its own.

    Without any definition every source is one region, labelled ``full``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> a.roi.from_squares([[1, 1], [2, 2]], side=1)  # µm
    >>> [region.label for region in a.roi.as_support_regions()]
    ['roi000', 'roi001']
    """

    def _known_sources(self) -> Sequence["Source"]:
        known = () if self._analyzer is None else self._analyzer.spt_data
        return [item for item in known if not item.roi.initialized]

    @property
    def bounding_boxes(self) -> dict[str, list[Box]]:
        """Bounds of the regions of each source."""
        return {item.source: item.roi.bounding_boxes for item in self._owner().spt_data}

    def __iter__(self) -> Iterator[Region]:
        return self.as_support_regions()

    @overload
    def as_support_regions(
        self,
        index: Selection[int] | None = None,
        source: Selection[str] | None = None,
        *,
        return_index: Literal[False] = False,
    ) -> Iterator[Region]: ...
    @overload
    def as_support_regions(
        self,
        index: Selection[int] | None = None,
        source: Selection[str] | None = None,
        *,
        return_index: Literal[True],
    ) -> Iterator[tuple[int, Region]]: ...
    def as_support_regions(
        self,
        index: Selection[int] | None = None,
        source: Selection[str] | None = None,
        *,
        return_index: bool = False,
    ) -> Iterator[Region] | Iterator[tuple[int, Region]]:
        """Iterate over the regions of all sources.

        Parameters
        ----------
        index
            Which of each source; see :meth:`SourceROI.as_support_regions`.
        source
            Of which sources: a path or alias, several, or a function of it; all by default. They
            come in the order of the collection, if it has one.
        return_index
            Whether to give (number within the source, region) pairs.
        """
        data = self._owner().spt_data
        items = data if source is None else data.filter_by_source(source)
        chosen = (
            pair for item in items for pair in item.roi.as_support_regions(index, return_index=True)
        )
        return chosen if return_index else (region for _, region in chosen)

    def as_individual_roi(
        self,
        index: Selection[int] | None = None,
        collection: str | None = None,
        source: Selection[str] | None = None,
        return_index: bool = False,
    ) -> Iterator[Any]:
        """Iterate over regions as defined; see :meth:`SourceROI.as_individual_roi`."""
        data = self._owner().spt_data
        for item in data if source is None else data.filter_by_source(source):
            yield from item.roi.as_individual_roi(index, collection, return_index=return_index)
